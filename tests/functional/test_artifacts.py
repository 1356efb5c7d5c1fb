"""What a run leaves is looked at in the browser: files, figures and tables, whole, cut, broken and hostile."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.functional import hostile_files
from tests.functional.conftest import Visit
from tests.functional.run_page import RunPage
from tests.functional.visiting import at_rest, grave_faults
from tests.functional.wires import Lure
from tests.stack import Stack, eventually
from tests.work import Work

LEFT = """
import os
import matplotlib.pyplot as plt, pandas as pd
os.makedirs("outputs", exist_ok=True)
frame = pd.DataFrame({"species": ["Adelie", "Gentoo"], "mass": [3700, 5076]})
frame.to_csv("outputs/p.csv", index=False)
frame.to_parquet("outputs/p.parquet")
with pd.ExcelWriter("outputs/p.xlsx") as book:
    frame.to_excel(book, sheet_name="penguins", index=False)
    pd.DataFrame({"island": ["Dream", "Biscoe"]}).to_excel(book, sheet_name="islands", index=False)
    pd.DataFrame().to_excel(book, sheet_name="nothing", index=False)
open("outputs/p.json", "w").write('{"species": ["Adelie"], "mass": 3700}')
open("outputs/p.txt", "w").write("Adelie, in a letter")
from matplotlib.backends.backend_pdf import PdfPages
with PdfPages("outputs/p.pdf") as pages:
    for species in frame["species"]:
        figure = plt.figure(figsize=(4, 3))
        figure.text(0.1, 0.5, f"The mass of {species}", fontsize=20)
        figure.patches.append(plt.Rectangle((0, 0), 1, 0.3, color="#d02020", transform=figure.transFigure))
        pages.savefig(figure)
figure.savefig("outputs/p.png", dpi=100)
figure.savefig("outputs/p.svg")
plt.close("all")
"""


@pytest.fixture(scope="module")
def listening() -> Iterator[Lure]:
    """Whatever gets out of a page arrives here."""
    with Lure() as lure:
        yield lure


@pytest.fixture(scope="module")
def run_id(_whole_stack: Stack) -> Iterator[str]:
    """A run with a file of each kind in its first cell, and room for large outputs."""
    with Work(_whole_stack) as work:
        limits = {"output_bytes": 8 * 1024 * 1024, "memory_bytes": 2 * 1024**3}
        made: str = work.ready(purpose="look at what is left", limits=limits)["id"]
        left = work.done(made, LEFT)
        assert left["state"] == "succeeded", left["outputs"]
        assert len(left["artifacts"]) == 8, left["artifacts"]
        yield made
        work.cancel(made)


@pytest.fixture
def run_page(visit: Visit, run_id: str) -> RunPage:
    """The analyst in front of it."""
    return RunPage(visit("analyst"), run_id).open()


def preview(run: RunPage, name: str, number: int = 1) -> Locator:
    """The dialog that shows a file of a cell."""
    run.cell(number).get_by_role("button", name=f"Preview {name}").click()
    dialog = run.page.get_by_role("dialog").filter(has=run.page.get_by_role("heading", name=name))
    expect(dialog).to_be_visible()
    return dialog


def put_away(run: RunPage) -> None:
    run.page.keyboard.press("Escape")
    expect(run.page.get_by_role("dialog").filter(visible=True)).to_have_count(0)


def share_of_red(canvas: Locator) -> float:
    """How much of a drawing has the colour that the test's files are painted with."""
    share: float = canvas.evaluate(
        """canvas => {
            const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            let red = 0;
            for (let at = 0; at < data.length; at += 4) red += data[at] > 180 && data[at + 1] < 80 && data[at + 2] < 80;
            return red / (data.length / 4);
        }"""
    )
    return share


@pytest.mark.parametrize("name", ["p.csv", "p.parquet", "p.xlsx"])
def test_tables_in_files_are_shown_with_their_first_rows(run_page: RunPage, name: str) -> None:
    shown = preview(run_page, name)
    expect(shown.get_by_role("columnheader", name=re.compile("^species"))).to_be_visible()
    expect(shown.get_by_role("cell", name="Gentoo")).to_be_visible()
    expect(shown.get_by_role("cell", name="5076")).to_be_visible()
    assert grave_faults(run_page.page) == []


def test_every_sheet_of_a_workbook_is_shown(run_page: RunPage) -> None:
    shown = preview(run_page, "p.xlsx")
    sheets = shown.get_by_label("Sheet")
    sheets.select_option("islands")
    expect(shown.get_by_role("cell", name="Biscoe")).to_be_visible()
    expect(shown.get_by_role("cell", name="Gentoo")).to_have_count(0)
    sheets.select_option("nothing")
    expect(shown.get_by_text("This sheet holds no rows.")).to_be_visible()
    sheets.select_option("penguins")
    expect(shown.get_by_role("cell", name="Gentoo")).to_be_visible()


def test_text_and_json_are_shown(run_page: RunPage) -> None:
    expect(preview(run_page, "p.txt")).to_contain_text("Adelie, in a letter")
    put_away(run_page)
    tree = preview(run_page, "p.json")
    expect(tree).to_contain_text("3700")
    tree.get_by_role("button", name="species").click()
    expect(tree).to_contain_text('"Adelie"')


def test_a_pdf_is_drawn_page_by_page_and_can_be_read_aloud(run_page: RunPage) -> None:
    """Its worker, fonts and all that it needs come from the console's origin: any other request fails the test."""
    page = run_page.page
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    shown = preview(run_page, "p.pdf")
    canvas = shown.locator("canvas")
    expect(shown.get_by_role("img", name="p.pdf, page 1 of 2")).to_have_attribute("aria-busy", "false")
    assert 0.25 < share_of_red(canvas) < 0.35
    expect(shown.get_by_role("region", name="p.pdf, page 1 of 2")).to_contain_text("The mass of Adelie")
    assert [url for url in fetched if re.search(r"/assets/worker-[\w-]+\.js", url)]
    assert grave_faults(page) == []
    shown.get_by_role("button", name="Next page").click()
    expect(shown.get_by_role("region", name="p.pdf, page 2 of 2")).to_contain_text("The mass of Gentoo")
    expect(shown.get_by_role("button", name="Next page")).to_be_disabled()
    before = canvas.evaluate("canvas => canvas.width")
    shown.get_by_role("button", name="200 %").click()
    expect(shown.get_by_role("status").filter(has_text="200 %")).to_be_visible()
    # 4 inches at 96 pixels each, twice.
    expect(canvas).to_have_js_property("width", 768)
    assert before != 768
    number = shown.get_by_role("textbox", name="Page")
    number.fill("1")
    number.press("Enter")
    expect(shown.get_by_role("region", name="p.pdf, page 1 of 2")).to_contain_text("The mass of Adelie")


def test_scanned_pages_are_drawn(run_page: RunPage, work: Work) -> None:
    """JPEG 2000, JBIG2 and fax, without WebAssembly. Taken out: the address of the decoders; page 1 is then white."""
    number = work.done(run_page.run_id, hostile_files.leave({"scan.pdf": hostile_files.scanned_pdf()}))["number"]
    shown = preview(run_page, "scan.pdf", number)
    for page in (1, 2, 3):
        sheet = shown.get_by_role("img", name=f"scan.pdf, page {page} of 3")
        expect(sheet).to_have_attribute("aria-busy", "false")
        assert share_of_red(shown.locator("canvas")) > 0.9, f"page {page}"
        if page < 3:
            shown.get_by_role("button", name="Next page").click()


def test_pdfs_that_cannot_be_shown_say_why(run_page: RunPage, work: Work) -> None:
    cell = work.done(run_page.run_id, hostile_files.unshowable_pdfs())
    number = cell["number"]
    expect(preview(run_page, "no.pdf", number)).to_contain_text("The file is no PDF, or is damaged.")
    put_away(run_page)
    expect(preview(run_page, "cut.pdf", number)).to_contain_text(re.compile("is no PDF|cannot be shown"))
    put_away(run_page)
    expect(preview(run_page, "locked.pdf", number)).to_contain_text("Locked by a password")
    put_away(run_page)
    huge = preview(run_page, "huge.pdf", number)
    sheet = huge.get_by_role("img", name="huge.pdf, page 1 of 1")
    expect(sheet).to_have_attribute("aria-busy", "false")
    width, height = huge.locator("canvas").evaluate("canvas => [canvas.width, canvas.height]")
    assert width * height <= 16 * 1024 * 1024
    put_away(run_page)
    expect(preview(run_page, "large.pdf", number)).to_contain_text("It is too large to be shown here")


def test_a_hostile_pdf_draws_and_does_nothing_else(run_page: RunPage, work: Work, listening: Lure) -> None:
    """JavaScript, OpenAction, URI, Launch, SubmitForm, GoToR, a file from elsewhere, XFA and a font that is code."""
    listening.forget()
    number = work.done(run_page.run_id, hostile_files.hostile_pdf(listening.address))["number"]
    shown = preview(run_page, "hostile.pdf", number)
    expect(shown.get_by_role("img", name="hostile.pdf, page 1 of 1")).to_have_attribute("aria-busy", "false")
    canvas = shown.locator("canvas")
    # It was read, and drawn: so everything in it had its chance.
    assert share_of_red(canvas) > 0.2
    expect(shown.get_by_role("region")).to_contain_text("Click me")
    canvas.click(position={"x": 60, "y": 60}, force=True)
    assert shown.get_by_role("link").count() == 0
    assert shown.locator("iframe, embed, object, script, input[type=text]:not([aria-label=Page])").count() == 0
    unharmed(run_page, listening)


def test_a_hostile_workbook_is_text_and_ends_in_time(run_page: RunPage, work: Work, listening: Lure) -> None:
    """Formulas that would call out, links to other workbooks, entities, markup in names, and sheets that never end."""
    listening.forget()
    number = work.done(run_page.run_id, hostile_files.hostile_workbooks(listening.address))["number"]
    shown = preview(run_page, "hostile.xlsx", number)
    expect(shown.get_by_role("cell", name=f'=WEBSERVICE("{listening.address}/f")')).to_be_visible()
    expect(shown.get_by_role("cell", name="<img src=x onerror=alert(1)>")).to_be_visible()
    put_away(run_page)
    bomb = preview(run_page, "bomb.xlsx", number)
    # What was read before the limit, or that it took too long: either way it ends.
    expect(bomb.get_by_role("table").or_(bomb.get_by_text("No preview"))).to_be_visible()
    put_away(run_page)
    expect(preview(run_page, "entities.xlsx", number)).to_contain_text("&l9;&x;")
    unharmed(run_page, listening)


def test_a_hostile_drawing_does_nothing_as_a_file_and_as_an_output(
    run_page: RunPage, work: Work, listening: Lure
) -> None:
    listening.forget()
    number = work.done(run_page.run_id, hostile_files.hostile_svg(listening.address))["number"]
    shown = preview(run_page, "hostile.svg", number)
    picture = shown.get_by_role("img", name="hostile.svg")
    expect(picture).to_have_js_property("naturalWidth", 400)
    picture.click(force=True)
    put_away(run_page)
    cell = run_page.cell(number)
    cell.get_by_role("button", name="Zoom", exact=True).click()
    dialog = run_page.page.get_by_role("dialog").filter(visible=True)
    frame = dialog.locator("iframe")
    expect(frame).to_have_attribute("sandbox", "")
    dialog.get_by_role("button", name="200 %").click()
    eventually(lambda: (box := frame.bounding_box()) and (round(box["width"]), round(box["height"])) == (800, 400))
    run_page.page.wait_for_timeout(300)
    put_away(run_page)
    unharmed(run_page, listening)
    assert run_page.visitor.watch.contained, "the frame stopped nothing, so nothing was tried"


def unharmed(run: RunPage, lure: Lure) -> None:
    """Nothing ran in the console and nothing left it."""
    run.page.wait_for_timeout(400)
    assert lure.asked == []
    assert run.page.title() != "ran"
    assert run.page.url.startswith(f"{run.visitor.origin}/runs/")
    assert run.visitor.watch.found() == []
    assert len(run.page.context.pages) == 1


def test_a_figure_is_zoomed_by_buttons_keys_and_wheel_and_moved(run_page: RunPage, work: Work) -> None:
    code = "import matplotlib.pyplot as plt\nplt.figure(figsize=(6, 4), dpi=100)\nplt.plot([1, 3, 2])\nplt.show()"
    number = work.done(run_page.run_id, code)["number"]
    page = run_page.page
    cell = run_page.cell(number)
    expect(cell.get_by_role("img").first).to_be_visible()
    cell.get_by_role("button", name="Zoom", exact=True).click()
    dialog = page.get_by_role("dialog").filter(visible=True)
    picture, area = dialog.get_by_role("img", name="Figure size"), dialog.get_by_role("region")
    natural = picture.evaluate("image => image.naturalWidth")
    fitted = at_rest(picture)
    assert fitted["width"] > natural, "it does not fill its room"
    expect(area).to_be_focused()
    page.keyboard.press("2")
    expect(picture).to_have_js_property("clientWidth", 2 * natural)
    page.keyboard.press("-")
    expect(picture).to_have_js_property("clientWidth", round(1.5 * natural))
    dialog.get_by_role("button", name="100 %").click()
    expect(picture).to_have_js_property("clientWidth", natural)
    # Between two paints; what a wheel turned before the last paint counts as well.
    area.evaluate("area => { for (let n = 0; n < 6; n++) area.dispatchEvent(new WheelEvent('wheel', {deltaY: -150})) }")
    expect(dialog.get_by_role("status")).to_have_text("800 %")
    page.keyboard.press("1")
    expect(picture).to_have_js_property("clientWidth", natural)
    box = at_rest(area)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(6):
        page.mouse.wheel(0, -150)
    expect(dialog.get_by_role("status")).to_have_text("800 %")
    before = area.evaluate("area => [area.scrollLeft, area.scrollTop]")
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 - 120, box["y"] + box["height"] / 2 - 80)
    page.mouse.up()
    assert area.evaluate("area => [area.scrollLeft, area.scrollTop]") == [before[0] + 120, before[1] + 80]
    page.keyboard.press("0")
    expect(picture).to_have_js_property("clientWidth", round(fitted["width"]))
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")
    assert grave_faults(page) == []


@pytest.mark.parametrize("name", ["p.png", "p.svg"])
def test_pictures_in_files_zoom_and_grow_to_the_whole_screen(run_page: RunPage, name: str) -> None:
    shown = preview(run_page, name)
    picture = shown.get_by_role("img", name=name)
    natural = picture.evaluate("image => image.decode().then(() => image.naturalWidth)")
    assert natural == {"p.png": 400, "p.svg": 384}[name]
    shown.get_by_role("button", name="200 %").click()
    expect(picture).to_have_js_property("clientWidth", 2 * natural)
    shown.get_by_role("button", name="Full screen").click()
    assert at_rest(shown.get_by_role("region"))["width"] > 1200
    shown.get_by_role("button", name="Leave full screen").click()
    with run_page.page.expect_download() as download:
        shown.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == name


TABLE = """
import pandas as pd
n = {rows}
names = ["row " + str((k * 7919 + 1) % n) for k in range(n)]
pd.DataFrame({{"n": range(n), "name": names, "half": [k / 2 for k in range(n)]}})
"""


def test_a_hundred_thousand_rows_sort_filter_and_page_at_once(run_page: RunPage, work: Work) -> None:
    number = work.done(run_page.run_id, TABLE.format(rows=100_000))["number"]
    page, cell = run_page.page, run_page.cell(number)
    cell.scroll_into_view_if_needed()
    expect(cell).to_contain_text("100,000 rows")
    expect(cell.get_by_role("note")).to_have_count(0)
    first = cell.get_by_role("row").nth(1)

    def timed(what: str, act: Locator, seen: str, value: str | None = None) -> None:
        took = painted_in(page, act, first, seen, value)
        print(f"100,000 rows, {what}: {took:.0f} ms from the event to the paint")

    sort = cell.get_by_role("columnheader").get_by_role("button")
    timed("sorted by text", sort.nth(1), "row 0")
    timed("sorted down by text", sort.nth(1), "row 99999")
    timed("sorted by numbers", sort.nth(0), "row 1\t")
    timed("sorted down by numbers", sort.nth(0), "99999\t")
    words = cell.get_by_role("textbox", name=re.compile("Filter rows"))
    timed("filtered", words, "row 4711", "row 4711")
    expect(cell.get_by_role("status").filter(has_text=" of 100,000 rows")).to_be_visible()
    timed("without a filter", words, "99999\t", "")
    timed("the next page", cell.get_by_role("button", name="Next page"), "99989\t")


def painted_in(page: Page, act: Locator, place: Locator, seen: str, value: str | None) -> float:
    """Milliseconds from an event in the page until the place shows the words and the frame after it was painted."""
    took: float = act.evaluate(
        """async (element, { place, seen, value }) => {
            const table = place.closest('table');
            const frame = () => new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
            const began = performance.now();
            if (value === null) element.click();
            else {
                Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(element, value);
                element.dispatchEvent(new Event('input', { bubbles: true }));
            }
            while (!table.rows[1]?.innerText.includes(seen)) {
                if (performance.now() - began > 20000) throw new Error(`${seen} was never seen`);
                await frame();
            }
            await frame();
            return performance.now() - began;
        }""",
        {"place": place.element_handle(), "seen": seen, "value": value},
    )
    return took


def test_a_larger_table_says_that_it_is_cut_and_where_the_whole_is(run_page: RunPage, work: Work) -> None:
    number = work.done(run_page.run_id, TABLE.format(rows=150_000))["number"]
    cell = run_page.cell(number)
    cell.scroll_into_view_if_needed()
    note = cell.get_by_role("note")
    expect(note).to_contain_text(re.compile(r"Cut: [\d,]+ of 150,000 rows are here\."))
    expect(note).to_contain_text("Save it to outputs/")


def test_a_traceback_leads_to_the_failing_line_in_another_cell(run_page: RunPage, work: Work) -> None:
    lines = ["import pandas as pd", *("" for _ in range(60)), "def load(name):", "    return pd.read_csv(name)"]
    defined = work.done(run_page.run_id, "\n".join(lines))["number"]
    failed = work.done(run_page.run_id, "1\n\nload('absent.csv')")["number"]
    run_page.ended(failed, "Failed")
    traceback = run_page.cell(failed).get_by_role("region", name="traceback")
    here = run_page.cell(failed).get_by_label("Line 3, where the cell failed")
    expect(here).to_contain_text("load('absent.csv')")
    there = run_page.cell(defined).get_by_text("return pd.read_csv(name)")
    run_page.page.mouse.wheel(0, 20_000)
    traceback.get_by_role("button", name=f"Cell {defined}, line {len(lines)}").click()
    expect(there).to_be_in_viewport()
    marked = run_page.cell(defined).locator("[aria-current=location]")
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("return pd.read_csv(name)")
