"""Fifty megabytes of output, and a thousand lines a second: the page stays usable and says what was cut."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import Visit
from tests.functional.run_page import RunPage
from tests.work import Work

MIB = 1 << 20
# Longest time between two frames while it watches.
STUTTER = """() => {
  window.longest = 0;
  let before = performance.now();
  const look = (now) => {
    window.longest = Math.max(window.longest, now - before);
    before = now;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


@pytest.fixture
def run_page(visit: Visit, work: Work) -> Iterator[RunPage]:
    """The analyst in front of a run."""
    made: str = work.ready(purpose="print much", limits={"output_bytes": MIB})["id"]
    yield RunPage(visit("analyst"), made).open()
    work.cancel(made)


def test_fifty_megabytes_are_cut_said_to_be_and_kept(run_page: RunPage, work: Work) -> None:
    cell = run_page.run("line = 'x' * 99\nfor n in range(500_000): print(line)\nprint('the end')")
    run_page.page.evaluate(STUTTER)
    run_page.ended(cell, "Succeeded", within_ms=120_000)
    expect(run_page.cell(cell).get_by_text("Not all of the output is shown.")).to_be_visible()
    assert run_page.page.locator("main *").count() < 20_000, "what is out of sight stays in the document"
    assert run_page.page.evaluate("window.longest") < 2_000
    again = run_page.run("1 + 1")
    expect(run_page.ended(again, "Succeeded")).to_contain_text("2")
    kept = work.result(run_page.run_id, cell)["artifacts"]
    assert [one["name"] for one in kept] == [f"output-{cell}.txt"]


def test_a_thousand_lines_a_second_stay_smooth_and_complete(run_page: RunPage) -> None:
    code = "import time\nfor n in range(5_000):\n    print(n)\n    if n % 100 == 99: time.sleep(0.1)"
    cell = run_page.run(code)
    expect(run_page.printed(cell)).to_be_visible()
    run_page.page.evaluate(STUTTER)
    run_page.ended(cell, "Succeeded", within_ms=60_000)
    assert run_page.page.evaluate("window.longest") < 1_000
    assert run_page.copied(cell).split() == [str(n) for n in range(5_000)]
