"""Nothing jumps away from under who reads or points: the browser's own measure of layout shift (CLS), on each page."""

import json
from typing import Any

from playwright.sync_api import Page, expect

from tests.functional.conftest import Visit
from tests.functional.run_page import RunPage
from tests.work import Work

# What is called good in the field (web.dev/articles/cls).
GOOD = 0.1
# What the eye does not follow: a state's word that is longer than the one before it.
STILL = 0.005
WATCH = """
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, startTime, sources } of list.getEntries()) {
      if (hadRecentInput) continue;
      const moved = sources.map(({ node, previousRect: a, currentRect: b }) =>
        `${(node?.textContent ?? '').slice(0, 30)}: ${[a.x, a.y, a.height]} to ${[b.x, b.y, b.height]}`);
      const elements = sources.map(({ node }) => (node instanceof Element ? node : node?.parentElement));
      const read = elements.some((one) => one?.closest('[data-cell], aside'));
      window.shifts.push({ value, at: startTime, moved, read });
    }
  }).observe({ type: 'layout-shift', buffered: true });
"""
WORK = """
import time, pandas as pd, matplotlib.pyplot as plt
from IPython.display import HTML
for n in range(120):
    print('step', n, flush=True)
    time.sleep(0.02)
display(pd.DataFrame({'n': range(300), 'name': [f'row {n}' for n in range(300)]}))
time.sleep(0.7)
display(HTML('<p>a document</p>'))
time.sleep(0.7)
plt.plot([1, 3, 2])
plt.show()
time.sleep(0.7)
print('the end')
"""


def worst(page: Page, *, of_cells: bool = False) -> tuple[float, str]:
    """The largest sum of shifts within five seconds with no second of rest between them; and what moved. Of cells and
    of what stands beside them alone: the editor stands below what comes, and has to make room."""
    shifts: list[dict[str, Any]] = page.evaluate("() => window.shifts")
    if of_cells:
        shifts = [one for one in shifts if one["read"]]
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
    """Text, a table, a document and a figure arrive one after the other. Only the editor below them makes room, and it
    stays in the sight of who writes in it. Taken out: useKeptInSight; the second cell then pushed the editor out."""
    run = work.ready(purpose="keep still while it works")["id"]
    visitor = visit("analyst")
    visitor.context.add_init_script(WATCH)
    page = RunPage(visitor, run).open()
    one = page.run(WORK)
    expect(page.cell(one).get_by_role("img").first).to_be_visible()
    page.ended(one, "Succeeded")
    two = page.run(WORK)
    page.page.keyboard.type("meanwhile = 1")
    expect(page.cell(two).get_by_role("img").first).to_be_attached()
    page.ended(two, "Succeeded")
    expect(page.editor).to_be_focused()
    expect(page.editor).to_contain_text("meanwhile = 1")
    expect(page.editor).to_be_in_viewport(ratio=1)
    value, said = worst(page.page)
    of_cells, moved = worst(page.page, of_cells=True)
    print(f"while it works: {value:.4f}, of cells {of_cells:.4f}")
    work.cancel(run)
    assert value < GOOD, said
    assert of_cells < STILL, moved
