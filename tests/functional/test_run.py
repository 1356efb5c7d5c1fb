"""The run page: code goes in, everything that comes of it comes out, and the page knows what goes on."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import Visit
from tests.functional.run_page import RunPage
from tests.stack import eventually
from tests.work import Work


@pytest.fixture
def run_id(work: Work) -> Iterator[str]:
    """A run of the analyst that waits for code."""
    made: str = work.ready(purpose="try the page")["id"]
    yield made
    work.cancel(made)


@pytest.fixture
def run_page(visit: Visit, run_id: str) -> RunPage:
    """The analyst in front of it."""
    return RunPage(visit("analyst"), run_id).open()


def test_code_runs_by_its_key_and_the_next_cell_knows_what_it_left(run_page: RunPage) -> None:
    run_page.run("x = 41\nprint('first')")
    expect(run_page.printed(1)).to_contain_text("first")
    run_page.ended(1, "Succeeded")
    run_page.run("x + 1")
    expect(run_page.ended(2, "Succeeded")).to_contain_text("42")
    expect(run_page.editor).to_have_text(re.compile("^(Write Python.*)?$"))


def test_what_is_printed_appears_while_the_cell_runs(run_page: RunPage) -> None:
    run_page.run("import time\nfor n in range(100):\n    print('tick', n, flush=True)\n    time.sleep(0.1)")
    expect(run_page.printed(1)).to_contain_text("tick 3")
    expect(run_page.cell(1).locator("header").first).to_contain_text("Running")
    run_page.page.get_by_role("button", name="Interrupt").first.click()
    run_page.ended(1, "Interrupted")
    assert "tick 99" not in run_page.printed(1).inner_text()


def test_a_cell_is_interrupted_by_keys_alone(run_page: RunPage) -> None:
    run_page.run("import time\nprint('on')\ntime.sleep(60)")
    expect(run_page.printed(1)).to_contain_text("on")
    run_page.page.keyboard.press("Escape")
    run_page.page.keyboard.type("ii")
    run_page.ended(1, "Interrupted")


def test_a_traceback_shows_the_persons_own_frames_and_leads_to_the_line(run_page: RunPage) -> None:
    run_page.run("import pandas as pd\n\ndef load(name):\n    return pd.read_csv(name)\n\nload('absent.csv')")
    run_page.ended(1, "Failed")
    traceback = run_page.cell(1).get_by_role("region", name="traceback")
    expect(traceback).to_contain_text("FileNotFoundError")
    expect(traceback.get_by_role("button", name=re.compile(r"\d+ frames? in pandas"))).to_have_attribute(
        "aria-expanded", "false"
    )
    traceback.get_by_role("button", name="Cell 1, line 4").click()
    expect(run_page.cell(1).locator("[class*=failed], [data-failed], [class*=pointed]").first).to_be_in_viewport()
    traceback.get_by_role("button", name="As printed").click()
    expect(traceback).to_contain_text("pandas/io/")


def test_a_table_sorts_filters_pages_and_says_when_it_is_cut(run_page: RunPage) -> None:
    run_page.run(
        "import pandas as pd\npd.DataFrame({'n': range(100_000), 'name': [f'row {n}' for n in range(100_000)]})"
    )
    cell = run_page.ended(1, "Succeeded")
    table = cell.get_by_role("table")
    expect(table).to_be_visible()
    expect(cell).to_contain_text(re.compile(r"100,000"))
    cell.get_by_placeholder("Filter rows…").fill("row 77")
    expect(cell).to_contain_text(re.compile(r"of [\d,]+ rows"))
    expect(table.get_by_role("cell", name="row 77", exact=True)).to_be_visible()
    cell.get_by_placeholder("Filter rows…").fill("")
    cell.get_by_role("button", name="Sort by n", exact=True).click()
    cell.get_by_role("button", name="Sort by n", exact=True).click()
    shown = table.get_by_role("row").nth(1).inner_text()
    assert "row 0" not in shown
    cell.get_by_role("button", name="Next page").click()
    assert table.get_by_role("row").nth(1).inner_text() != shown


def test_a_figure_is_zoomed_and_downloaded(run_page: RunPage) -> None:
    run_page.run("import matplotlib.pyplot as plt\nplt.plot([1, 3, 2])\nplt.show()")
    cell = run_page.ended(1, "Succeeded")
    expect(cell.get_by_role("img").first).to_be_visible()
    with run_page.page.expect_download() as download:
        cell.get_by_role("button", name=re.compile("Download")).first.click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")
    cell.get_by_role("button", name=re.compile("^Zoom")).first.click()
    dialog = run_page.page.get_by_role("dialog")
    expect(dialog.get_by_role("img").first).to_be_visible()
    run_page.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize(
    ("name", "made", "shown"),
    [
        ("t.csv", "open('outputs/t.csv', 'w').write('species,mass\\nAdelie,3700\\n')", "Adelie"),
        ("t.json", "open('outputs/t.json', 'w').write('{\"species\": [\"Adelie\"]}')", "species"),
        ("t.txt", "open('outputs/t.txt', 'w').write('a letter')", "a letter"),
        (
            "t.parquet",
            "import pandas as pd; pd.DataFrame({'species': ['Adelie']}).to_parquet('outputs/t.parquet')",
            "Adelie",
        ),
        ("t.xlsx", "import pandas as pd; pd.DataFrame({'species': ['Adelie']}).to_excel('outputs/t.xlsx')", "Adelie"),
    ],
)
def test_a_file_that_a_cell_left_is_shown_and_downloaded(run_page: RunPage, name: str, made: str, shown: str) -> None:
    run_page.run(f"import os; os.makedirs('outputs', exist_ok=True)\n{made}")
    cell = run_page.ended(1, "Succeeded")
    cell.get_by_role("button", name=f"Preview {name}").click()
    expect(run_page.page.get_by_role("dialog")).to_contain_text(shown)
    run_page.page.keyboard.press("Escape")
    with run_page.page.expect_download() as download:
        cell.get_by_role("button", name=f"Download {name}").click()
    assert download.value.suggested_filename == name
    assert download.value.path().stat().st_size > 0


def test_the_page_survives_a_reload_with_what_was_written(run_page: RunPage) -> None:
    run_page.run("print('kept')")
    run_page.ended(1, "Succeeded")
    run_page.write("half_a_thought = 1")
    run_page.page.wait_for_timeout(800)
    run_page.open()
    expect(run_page.printed(1)).to_contain_text("kept")
    expect(run_page.editor).to_contain_text("half_a_thought")


def test_a_second_tab_sees_the_same_while_it_happens(run_page: RunPage, visit: Visit) -> None:
    other = RunPage(visit("analyst"), run_page.run_id).open()
    run_page.run("import time\nprint('one')\ntime.sleep(2)\nprint('two')")
    expect(other.printed(1)).to_contain_text("one")
    expect(run_page.printed(1)).to_contain_text("two")
    expect(other.printed(1)).to_contain_text("two")
    other.ended(1, "Succeeded")
    assert other.printed(1).inner_text().count("one") == 1


def test_who_wrote_a_cell_is_told_with_the_prompt(run_page: RunPage, work: Work) -> None:
    origin = {"model": "model-9", "prompt": "count the penguins"}
    work.done(run_page.run_id, "1", origin=origin)
    run_page.ended(1, "Succeeded").get_by_role("button", name=re.compile("model-9")).click()
    expect(run_page.page.get_by_text("count the penguins")).to_be_visible()


def test_closing_ends_it_and_running_again_brings_its_inputs(run_page: RunPage, work: Work) -> None:
    run_page.run("1")
    run_page.ended(1, "Succeeded")
    run_page.page.get_by_role("button", name="Close", exact=True).click()
    expect(run_page.page.get_by_text("This run is closed and its sandbox destroyed.")).to_be_visible()
    expect(run_page.editor).to_have_count(0)
    run_page.page.get_by_role("link", name="Run again").click()
    expect(run_page.page).to_have_url(re.compile(f"/runs/new\\?from={run_page.run_id}"))
    expect(run_page.page.get_by_label("Purpose")).to_have_value("try the page")


def test_cancelling_asks_first(run_page: RunPage) -> None:
    page = run_page.page
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Cancel the run").click()
    dialog = page.get_by_role("dialog", name="Cancel this run?")
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    dialog.get_by_role("button", name="Cancel the run").click()
    expect(page.get_by_text("Cancelled", exact=True).first).to_be_visible()


def test_the_run_is_downloaded_as_a_notebook(run_page: RunPage) -> None:
    run_page.run("print('in a notebook')")
    run_page.ended(1, "Succeeded")
    run_page.page.get_by_role("button", name="More actions").click()
    with run_page.page.expect_download() as download:
        run_page.page.get_by_role("menuitem", name="Download as notebook").click()
    notebook = json.loads(download.value.path().read_text())
    assert notebook["nbformat"] == 4
    assert "in a notebook" in json.dumps(notebook["cells"])


def test_the_editor_completes_names_and_columns_of_the_run(run_page: RunPage) -> None:
    run_page.run("import pandas as pd\npenguins = pd.DataFrame({'flipper_length': [181]})\npenguins")
    run_page.ended(1, "Succeeded")
    run_page.editor.click()
    run_page.page.keyboard.type("peng", delay=30)
    options = run_page.page.get_by_role("option")
    expect(options.filter(has_text="penguins").first).to_be_visible()
    run_page.page.keyboard.press("Enter")
    run_page.page.keyboard.type('["flip', delay=30)
    expect(options.filter(has_text="flipper_length").first).to_be_visible()


def test_time_and_memory_left_fall(run_page: RunPage) -> None:
    life = run_page.page.get_by_role("meter", name="Life of the run")
    before = life.get_attribute("aria-valuetext")
    eventually(lambda: life.get_attribute("aria-valuetext") != before, within=5)
    memory = run_page.page.get_by_role("meter", name="Memory")
    before = memory.get_attribute("aria-valuetext")
    run_page.run("hold = bytearray(200_000_000)")
    run_page.ended(1, "Succeeded")
    eventually(lambda: memory.get_attribute("aria-valuetext") != before, within=10)


def test_a_refused_cell_explains_itself(run_page: RunPage, work: Work) -> None:
    work.cancel(run_page.run_id)
    expect(run_page.page.get_by_text("Cancelled", exact=True).first).to_be_visible()
    expect(run_page.editor).to_have_count(0)
