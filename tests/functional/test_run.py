"""The run page: code goes in, everything that comes of it comes out, and the page knows what goes on."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import Visit
from tests.functional.run_page import RunPage
from tests.stack import Stack, eventually
from tests.work import Work


@pytest.fixture(scope="module")
def shared(_whole_stack: Stack) -> Iterator[str]:
    """A run that many tests add their cells to."""
    with Work(_whole_stack) as work:
        made: str = work.ready(purpose="try the page")["id"]
        yield made
        work.cancel(made)


@pytest.fixture
def run_page(visit: Visit, shared: str) -> RunPage:
    """The analyst in front of it."""
    return RunPage(visit("analyst"), shared).open()


@pytest.fixture
def own(visit: Visit, work: Work) -> Iterator[RunPage]:
    """The analyst in front of a run that a test may end."""
    made: str = work.ready(purpose="try the page")["id"]
    yield RunPage(visit("analyst"), made).open()
    work.cancel(made)


def test_code_runs_by_its_key_and_the_next_cell_knows_what_it_left(run_page: RunPage) -> None:
    one = run_page.run("x = 41\nprint('first')")
    expect(run_page.printed(one)).to_contain_text("first")
    run_page.ended(one, "Succeeded")
    two = run_page.run("x + 1")
    expect(run_page.ended(two, "Succeeded")).to_contain_text("42")
    expect(run_page.editor).to_have_text(re.compile("^(Write Python.*)?$"))


def test_what_is_printed_appears_while_the_cell_runs(run_page: RunPage) -> None:
    one = run_page.run("import time\nfor n in range(100):\n    print('tick', n, flush=True)\n    time.sleep(0.1)")
    expect(run_page.printed(one)).to_contain_text("tick 3")
    expect(run_page.cell(one).locator("header").first).to_contain_text("Running")
    run_page.page.get_by_role("button", name="Interrupt").first.click()
    run_page.ended(one, "Interrupted")
    assert "tick 99" not in run_page.printed(one).inner_text()


def test_a_cell_is_interrupted_by_keys_alone(run_page: RunPage) -> None:
    one = run_page.run("import time\nprint('on')\ntime.sleep(60)")
    expect(run_page.printed(one)).to_contain_text("on")
    run_page.page.keyboard.press("Escape")
    run_page.page.keyboard.type("ii")
    run_page.ended(one, "Interrupted")


def test_a_traceback_shows_the_persons_own_frames_and_leads_to_the_line(run_page: RunPage) -> None:
    one = run_page.run("import pandas as pd\n\ndef load(name):\n    return pd.read_csv(name)\n\nload('absent.csv')")
    run_page.ended(one, "Failed")
    traceback = run_page.cell(one).get_by_role("region", name="traceback")
    expect(traceback).to_contain_text("FileNotFoundError")
    folded = traceback.get_by_role("button", name=re.compile(r"\d+ frames? in pandas"))
    expect(folded).to_have_attribute("aria-expanded", "false")
    traceback.get_by_role("button", name=f"Cell {one}, line 4").click()
    expect(run_page.cell(one).get_by_role("group", name=f"code of cell {one}")).to_be_in_viewport()
    traceback.get_by_role("button", name="As printed").click()
    expect(traceback).to_contain_text("pandas/io/")


def test_a_table_sorts_filters_pages_and_says_when_it_is_cut(run_page: RunPage) -> None:
    frame = "pd.DataFrame({'n': range(2_000), 'name': [f'row {n}' for n in range(2_000)]})"
    one = run_page.run(f"import pandas as pd\n{frame}")
    cell = run_page.ended(one, "Succeeded")
    table = cell.get_by_role("table")
    expect(cell).to_contain_text("2,000 rows")
    expect(cell.get_by_role("note").filter(has_text="Cut:")).to_have_count(0)
    cell.get_by_role("textbox", name=re.compile("Filter rows")).fill("row 1742")
    expect(cell).to_contain_text(re.compile(r"\d+ of 2,000 rows"))
    expect(table.get_by_role("cell", name="row 1742", exact=True)).to_be_visible()
    cell.get_by_role("textbox", name=re.compile("Filter rows")).fill("")
    sort = table.get_by_role("columnheader").get_by_role("button", name=re.compile(r"\bn$")).first
    sort.click()
    sort.click()
    expect(table.get_by_role("row").nth(1)).to_contain_text("1999")
    cell.get_by_role("button", name="Next page").click()
    expect(table.get_by_role("row").nth(1)).not_to_contain_text("1999")
    two = run_page.run(frame.replace("2_000", "400_000"))
    expect(run_page.ended(two, "Succeeded").get_by_text(re.compile(r"Cut: [\d,]+ of 400,000 rows"))).to_be_visible()


def test_a_figure_is_zoomed_and_downloaded(run_page: RunPage) -> None:
    one = run_page.run("import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.show()")
    cell = run_page.ended(one, "Succeeded")
    expect(cell.get_by_role("img").first).to_be_visible()
    with run_page.page.expect_download() as download:
        cell.get_by_role("button", name=re.compile("^Download")).first.click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")
    cell.get_by_role("button", name=re.compile("^Zoom")).first.click()
    dialog = run_page.page.get_by_role("dialog")
    expect(dialog.get_by_role("img").first).to_be_visible()
    run_page.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


LEFT = """
import os, pandas as pd
os.makedirs("outputs", exist_ok=True)
frame = pd.DataFrame({"species": ["Adelie"]})
frame.to_csv("outputs/t.csv")
frame.to_parquet("outputs/t.parquet")
open("outputs/t.json", "w").write('{"species": ["Adelie"]}')
open("outputs/t.txt", "w").write("Adelie, in a letter")
"""


def test_files_that_a_cell_left_are_shown_and_downloaded(run_page: RunPage) -> None:
    one = run_page.run(LEFT)
    cell = run_page.ended(one, "Succeeded")
    for name in ("t.csv", "t.parquet", "t.json", "t.txt"):
        cell.get_by_role("button", name=f"Preview {name}").click()
        shown = run_page.page.get_by_role("dialog").filter(visible=True)
        expect(shown).to_contain_text("Adelie" if name != "t.json" else "species")
        run_page.page.keyboard.press("Escape")
        expect(shown).to_have_count(0)
        with run_page.page.expect_download() as download:
            cell.get_by_role("button", name=f"Download {name}").click()
        assert download.value.suggested_filename == name
        assert download.value.path().stat().st_size > 0


def test_the_page_survives_a_reload_with_what_was_written(run_page: RunPage) -> None:
    one = run_page.run("print('kept')")
    run_page.ended(one, "Succeeded")
    run_page.write("half_a_thought = 1")
    run_page.visitor.has_kept("half_a_thought")
    run_page.open()
    run_page.cell(one).scroll_into_view_if_needed()
    expect(run_page.printed(one)).to_contain_text("kept")
    expect(run_page.editor).to_contain_text("half_a_thought")


def test_a_second_tab_sees_the_same_while_it_happens(run_page: RunPage, visit: Visit) -> None:
    other = RunPage(visit("analyst"), run_page.run_id).open()
    one = run_page.run("import time\nprint('one')\ntime.sleep(2)\nprint('two')")
    other.cell(one).scroll_into_view_if_needed()
    expect(other.printed(one)).to_contain_text("one")
    expect(run_page.printed(one)).to_contain_text("two")
    expect(other.printed(one)).to_contain_text("two")
    other.ended(one, "Succeeded")
    assert other.printed(one).inner_text().count("one") == 1


def test_who_wrote_a_cell_is_told_with_the_prompt(run_page: RunPage, work: Work) -> None:
    origin = {"model": "model-9", "prompt": "count the penguins"}
    one = work.done(run_page.run_id, "1", origin=origin)["number"]
    cell = run_page.ended(one, "Succeeded")
    cell.get_by_role("button", name=re.compile("model-9")).click()
    expect(run_page.page.get_by_text("count the penguins")).to_be_visible()


def test_the_editor_completes_names_and_columns_of_the_run(run_page: RunPage) -> None:
    one = run_page.run("import pandas as pd\npenguins = pd.DataFrame({'flipper_length': [181]})\npenguins")
    run_page.ended(one, "Succeeded")
    run_page.editor.click()
    run_page.page.keyboard.type("peng", delay=30)
    options = run_page.page.get_by_role("option")
    expect(options.filter(has_text="penguins").first).to_be_visible()
    run_page.page.keyboard.press("Enter")
    run_page.page.keyboard.type('["flip', delay=30)
    expect(options.filter(has_text="flipper_length").first).to_be_visible()


def test_the_run_is_downloaded_as_a_notebook(run_page: RunPage) -> None:
    one = run_page.run("print('in a notebook')")
    run_page.ended(one, "Succeeded")
    run_page.page.get_by_role("button", name="More actions").click()
    with run_page.page.expect_download() as download:
        run_page.page.get_by_role("menuitem", name="Download as notebook").click()
    notebook = json.loads(download.value.path().read_text())
    assert notebook["nbformat"] == 4
    assert "in a notebook" in json.dumps(notebook["cells"])


def test_the_page_says_what_serves_the_run_and_by_which_decision(run_page: RunPage, work: Work) -> None:
    """The sandbox's identity and its limits, as the API has them."""
    run = work.get(run_page.run_id)
    side = run_page.page.get_by_role("complementary", name="About this run")
    expect(side.get_by_title(run["sandbox"]["image_digest"])).to_be_visible()
    expect(side).to_contain_text(run["sandbox"]["gvisor_version"])
    expect(side).to_contain_text(f"held against {run['sandbox']['probe']['checks']} checks")
    expect(side).to_contain_text("Allowed")
    expect(side.get_by_title(run["decision"]["revision"])).to_be_visible()
    side.get_by_role("button", name=re.compile("^Limits")).click()
    for name in ("Processor cores", "Memory", "Disk", "Time of one cell", "Processes"):
        expect(side.get_by_text(name, exact=True).first).to_be_visible()


def test_time_and_memory_left_fall(run_page: RunPage) -> None:
    life = run_page.page.get_by_role("meter", name="Life of the run")
    before = life.get_attribute("aria-valuetext")
    eventually(lambda: life.get_attribute("aria-valuetext") != before, within=5)
    memory = run_page.page.get_by_role("meter", name="Memory")
    before = memory.get_attribute("aria-valuetext")
    one = run_page.run("hold = bytearray(200_000_000)\nhold[::4096] = b'x' * len(hold[::4096])")
    run_page.ended(one, "Succeeded")
    eventually(lambda: memory.get_attribute("aria-valuetext") != before, within=10)
    run_page.ended(run_page.run("del hold"), "Succeeded")


def test_closing_ends_it_and_running_again_brings_its_inputs(own: RunPage) -> None:
    own.ended(own.run("1"), "Succeeded")
    own.page.get_by_role("button", name="Close", exact=True).click()
    expect(own.page.get_by_text("This run is closed and its sandbox destroyed.")).to_be_visible()
    expect(own.editor).to_have_count(0)
    own.page.get_by_role("link", name="Run again").click()
    expect(own.page).to_have_url(re.compile(f"/runs/new\\?from={own.run_id}"))
    expect(own.page.get_by_label("Purpose")).to_have_value("try the page")


def test_cancelling_asks_first(own: RunPage) -> None:
    page = own.page
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Cancel the run").click()
    dialog = page.get_by_role("dialog", name="Cancel this run?")
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    dialog.get_by_role("button", name="Cancel the run").click()
    expect(page.get_by_text("Cancelled", exact=True).first).to_be_visible()
    expect(own.editor).to_have_count(0)


def test_a_cell_that_is_refused_explains_itself_and_stays_written(run_page: RunPage) -> None:
    """More code than a cell may have."""
    run_page.write("x = 1\n" * 400_000)
    run_page.page.keyboard.press("Shift+Enter")
    refusal = run_page.page.get_by_role("alert")
    expect(refusal).to_be_visible()
    expect(refusal).to_contain_text("What would pass")
    expect(run_page.editor).to_contain_text("x = 1")
    run_page.write(" ")
