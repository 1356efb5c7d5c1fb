"""Memory left, as it falls and rises again while a cell runs."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Request, expect

from tests.functional.conftest import Visit
from tests.functional.run_page import RunPage
from tests.stack import eventually
from tests.work import Work

MIB = 1 << 20
HOLD = "hold = b'x' * (400 << 20)\nimport time; time.sleep(6)\ndel hold\ntime.sleep(6)"


@pytest.fixture
def run_page(visit: Visit, work: Work) -> Iterator[RunPage]:
    """The analyst in front of a run with little memory."""
    made: str = work.ready(purpose="use memory", limits={"memory_bytes": 640 * MIB})["id"]
    yield RunPage(visit("analyst"), made).open()
    work.cancel(made)


def used(meter: Locator) -> int:
    return int(float(meter.get_attribute("aria-valuenow") or 0)) // MIB


def test_memory_falls_and_rises_while_the_cell_still_runs(run_page: RunPage) -> None:
    """Taken out: asking for what is used now. The meter then stands still until the cell is done."""
    memory = run_page.page.get_by_role("meter", name="Memory")
    eventually(lambda: 20 < used(memory) < 400, within=10)
    before = used(memory)
    cell = run_page.run(HOLD)
    eventually(lambda: used(memory) > before + 350, within=20)
    expect(memory).to_have_attribute("aria-valuetext", re.compile(r"^\d.* MB of 640 MB left$"))
    held = memory.locator("xpath=..")
    expect(held).to_have_attribute("data-tone", re.compile("wait|bad"))
    run_page.visitor.picture("usage-held")
    eventually(lambda: used(memory) < before + 150, within=20)
    expect(run_page.cell(cell).locator("header").first).to_contain_text("Running")
    expect(held).to_have_attribute("data-tone", "info")
    run_page.ended(cell, "Succeeded")


def test_nobody_is_asked_once_the_run_has_ended(run_page: RunPage, work: Work) -> None:
    asked: list[Request] = []
    run_page.page.on("request", lambda request: asked.append(request) if request.url.endswith("/usage") else None)
    for _ in range(2):
        with run_page.page.expect_request(re.compile("/usage$")):
            pass
    work.cancel(run_page.run_id)
    expect(run_page.page.get_by_role("meter", name="Memory")).to_have_count(0)
    before = len(asked)
    run_page.page.wait_for_timeout(5_000)
    assert len(asked) == before
