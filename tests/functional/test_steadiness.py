"""Nothing jumps away from under who reads or points: the browser's own measure of layout shift (CLS), on each page."""

import json
from typing import Any

from playwright.sync_api import Page, expect

from tests.functional.conftest import Visit
from tests.functional.run_page import RunPage
from tests.work import Work

# What is called good in the field (web.dev/articles/cls).
GOOD = 0.1
WATCH = """
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, startTime, sources } of list.getEntries()) {
      if (hadRecentInput) continue;
      const moved = sources.map(({ node, previousRect: a, currentRect: b }) =>
        `${(node?.textContent ?? '').slice(0, 30)}: ${[a.x, a.y, a.height]} to ${[b.x, b.y, b.height]}`);
      window.shifts.push({ value, at: startTime, moved });
    }
  }).observe({ type: 'layout-shift', buffered: true });
"""
WORK = """
import time, pandas as pd, matplotlib.pyplot as plt
for n in range(120):
    print('step', n, flush=True)
    time.sleep(0.02)
display(pd.DataFrame({'n': range(300), 'name': [f'row {n}' for n in range(300)]}))
time.sleep(0.7)
plt.plot([1, 3, 2])
plt.show()
time.sleep(0.7)
print('the end')
"""


def worst(page: Page) -> tuple[float, str]:
    """The largest sum of shifts within five seconds with no second of rest between them; and what moved."""
    shifts: list[dict[str, Any]] = page.evaluate("() => window.shifts")
    best = 0.0
    window: list[dict[str, Any]] = []
    for shift in shifts:
        if window and (shift["at"] - window[-1]["at"] > 1_000 or shift["at"] - window[0]["at"] > 5_000):
            window = []
        window.append(shift)
        best = max(best, sum(one["value"] for one in window))
    return best, json.dumps(shifts, indent=1)


def test_pages_stay_where_they_are_while_they_load(visit: Visit, work: Work) -> None:
    """On a laptop and on a telephone, with a run that waits for the person and cells of very different heights."""
    run = work.ready(purpose="keep still")["id"]
    for code in ("print('\\n'.join(map(str, range(40))))", "1", "import pandas as pd\npd.DataFrame({'n': range(50)})"):
        work.done(run, code)
    moved: dict[str, str] = {}
    for size in ((1280, 800), (360, 740)):
        visitor = visit("analyst", size=size)
        visitor.context.add_init_script(WATCH)
        for path in ("/", "/runs/new", f"/runs/{run}"):
            page = visitor.visit(path)
            page.wait_for_timeout(500)
            value, said = worst(page)
            print(f"{path} at {size[0]} px: {value:.4f}")
            if value >= GOOD:
                moved[f"{path} at {size[0]} px, {value:.3f}"] = said
    work.cancel(run)
    assert moved == {}, "\n".join(f"{what}: {said}" for what, said in moved.items())


def test_a_page_stays_where_it_is_while_a_cell_prints_and_shows(visit: Visit, work: Work) -> None:
    """Text, a table and a figure arrive one after the other; only what is below them makes room."""
    run = work.ready(purpose="keep still while it works")["id"]
    visitor = visit("analyst")
    visitor.context.add_init_script(WATCH)
    page = RunPage(visitor, run).open()
    one = page.run(WORK)
    expect(page.cell(one).get_by_role("img").first).to_be_visible()
    page.ended(one, "Succeeded")
    page.page.wait_for_timeout(500)
    value, said = worst(page.page)
    print(f"while it works: {value:.4f}")
    work.cancel(run)
    assert value < GOOD, said
