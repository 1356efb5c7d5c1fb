"""The network goes in the middle of everything, and what was printed is all there, once."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import Visit
from tests.functional.run_page import RunPage
from tests.functional.wires import Wire
from tests.stack import Stack, eventually
from tests.work import Work

LINES = 600
PRINTING = f"import time\nfor n in range({LINES}):\n    print(f'<{{n}}>', flush=True)\n    time.sleep(0.01)"


@pytest.fixture
def run_id(work: Work) -> Iterator[str]:
    """A run of the analyst that waits for code."""
    made: str = work.ready(purpose="lose the network")["id"]
    yield made
    work.cancel(made)


@pytest.fixture
def wire(stack: Stack) -> Iterator[Wire]:
    """A wire from a browser to the control plane."""
    with Wire(stack.state.ports.web) as wire:
        yield wire


def numbers(text: str) -> list[int]:
    """The numbers that the cell printed, as the page has them."""
    return [int(found) for found in re.findall(r"<(\d+)>", text)]


def seen_live(page: RunPage, cell: int) -> list[int]:
    """What of the output is in sight while it still comes."""
    return numbers(page.printed(cell).inner_text())


def _beyond(shown: list[int], at: int) -> list[int]:
    return shown if shown[-1] > at else []


def test_a_wire_cut_in_mid_output_loses_and_doubles_nothing(visit: Visit, run_id: str, wire: Wire) -> None:
    """Twice, in the midst of an answer."""
    analyst = visit("analyst", relay=wire.address)
    analyst.tolerate("net::ERR_")
    page = RunPage(analyst, run_id).open()
    cell = page.run(PRINTING)
    expect(page.printed(cell)).to_contain_text("<20>")
    for _ in range(2):
        with wire.cut():
            before = seen_live(page, cell)[-1]
            expect(page.page.get_by_text("Connection lost; trying again")).to_be_visible()
            page.page.wait_for_timeout(700)
        shown = eventually(lambda at=before: _beyond(seen_live(page, cell), at), within=15)
        assert shown == list(range(shown[0], shown[-1] + 1))
    page.ended(cell, "Succeeded")
    assert numbers(page.copied(cell)) == list(range(LINES))


def test_offline_for_a_while_and_back_without_a_reload(visit: Visit, run_id: str) -> None:
    analyst = visit("analyst")
    page = RunPage(analyst, run_id).open()
    cell = page.run(PRINTING)
    expect(page.printed(cell)).to_contain_text("<20>")
    with analyst.without_network():
        expect(page.page.get_by_text("This device has no network.").first).to_be_visible()
        page.page.wait_for_timeout(7_000)
    page.ended(cell, "Succeeded")
    assert numbers(page.copied(cell)) == list(range(LINES))
    expect(page.page.get_by_text("This device has no network.")).to_have_count(0)


def test_a_cell_sent_into_a_cut_wire_runs_once_when_it_is_back(
    visit: Visit, run_id: str, wire: Wire, work: Work
) -> None:
    """The same cell sent again is the same cell: its Idempotency-Key. Nobody knows whether the first try arrived."""
    analyst = visit("analyst", relay=wire.address)
    analyst.tolerate("net::ERR_")
    page = RunPage(analyst, run_id).open()
    page.write("print('once')")
    with wire.cut():
        page.page.keyboard.press("Shift+Enter")
        expect(page.page.get_by_role("alert")).to_be_visible()
        expect(page.editor).to_contain_text("once")
    page.page.get_by_role("alert").get_by_role("button", name="Try again").click()
    page.ended(1, "Succeeded")
    assert len(work.get(run_id)["executions"]) == 1


def test_the_control_plane_restarts_in_mid_output(visit: Visit, run_id: str) -> None:
    analyst = visit("analyst")
    analyst.tolerate("net::ERR_|status of 50")
    page = RunPage(analyst, run_id).open()
    cell = page.run(PRINTING)
    expect(page.printed(cell)).to_contain_text("<20>")
    analyst.stack.restart("web")
    page.ended(cell, "Succeeded")
    assert numbers(page.copied(cell)) == list(range(LINES))


def test_a_worker_that_dies_in_mid_cell_is_told_on_the_page(visit: Visit, run_id: str) -> None:
    analyst = visit("analyst")
    page = RunPage(analyst, run_id).open()
    cell = page.run("import time\nprint('before', flush=True)\ntime.sleep(60)")
    expect(page.printed(cell)).to_contain_text("before")
    analyst.stack.kill("worker")
    analyst.stack.start("worker")
    page.ended(cell, "Lost", within_ms=60_000)
    expect(page.page.get_by_text("Lost", exact=True).first).to_be_visible()
    expect(page.printed(cell)).to_contain_text("before")
    expect(page.page.get_by_role("link", name="Run again")).to_be_visible()
