"""What somebody else wrote is text, wherever it is shown: no script, no request, no dialog, no violation."""

import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.functional.accounts import Account, in_database, join, new_project, newcomer
from tests.functional.conftest import Visit
from tests.functional.payloads import display, hidden, payloads, short
from tests.functional.run_page import RunPage
from tests.functional.visiting import Visitor
from tests.functional.wires import Lure
from tests.stack import Stack
from tests.work import Work


@pytest.fixture(scope="module")
def listening() -> Iterator[Lure]:
    """Whatever gets out of a page arrives here."""
    with Lure() as lure:
        yield lure


@pytest.fixture
def lure(listening: Lure) -> Lure:
    """The lure, to which nobody has come yet."""
    listening.forget()
    return listening


@pytest.fixture(scope="module")
def run_id(_whole_stack: Stack) -> Iterator[str]:
    """A run of the analyst that all attacks are made in."""
    with Work(_whole_stack) as work:
        made: str = work.ready(purpose="be attacked")["id"]
        yield made
        work.cancel(made)


def held(visitor: Visitor, page: Page, lure: Lure) -> None:
    """Nothing ran and nothing left. Time is given to what waits for a frame, a timer or a click."""
    page.wait_for_timeout(400)
    assert lure.asked == []
    assert page.title() != "ran"
    assert page.url.startswith(f"{visitor.origin}/")
    assert page.evaluate("[document.baseURI.startsWith(location.origin), typeof document.querySelector]") == [
        True,
        "function",
    ]
    assert visitor.watch.found() == []


def tempt(page: Page) -> None:
    """Click and focus what a payload may have put there."""
    for frame in page.frames:
        if "/outputs/" in frame.url:
            for found in frame.locator("a, button, summary, input").all()[:6]:
                if found.is_visible():
                    found.click(timeout=1_000, no_wait_after=True, force=True)


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml"])
def test_rich_output_runs_nothing_and_reaches_nothing(
    visit: Visit, work: Work, run_id: str, lure: Lure, media_type: str
) -> None:
    """In the frame, and when its address is opened by itself."""
    number, kinds = shown(work, run_id, lure, media_type)
    analyst = visit("analyst")
    page = RunPage(analyst, run_id).open().page
    cell = page.get_by_role("article", name=f"Cell {number}", exact=True)
    cell.scroll_into_view_if_needed()
    frames = cell.locator("iframe")
    expect(frames).to_have_count(len(kinds))
    for at, kind in enumerate(kinds):
        expect(frames.nth(at), kind).to_have_attribute("sandbox", "")
        frames.nth(at).scroll_into_view_if_needed()
        page.wait_for_timeout(100)
    tempt(page)
    held(analyst, page, lure)
    assert analyst.watch.contained, "the frames stopped nothing, so nothing was tried"
    for at in range(len(kinds)):
        page.goto(f"/api/v1/runs/{run_id}/executions/{number}/outputs/{at}?type={quote(media_type, safe='')}")
        assert page.evaluate("(() => { try { return document.cookie } catch { return 'none' } })()") == "none"
        page.wait_for_timeout(50)
    assert lure.asked == []
    assert analyst.watch.found() == []


def shown(work: Work, run_id: str, lure: Lure, media_type: str) -> tuple[int, list[str]]:
    """A cell that shows each payload as an output of that type; its number, and the kinds in order."""
    markups = payloads(lure.address)
    if media_type == "image/svg+xml":
        markups = {kind: f"<svg xmlns='http://www.w3.org/2000/svg'>{one}</svg>" for kind, one in markups.items()}
    cell = work.done(run_id, "\n".join(display(markup, media_type) for markup in markups.values()))
    assert len(cell["outputs"]) == len(markups)
    return cell["number"], list(markups)


def test_printed_text_tracebacks_and_names_stay_text(visit: Visit, work: Work, run_id: str, lure: Lure) -> None:
    markups = payloads(lure.address)
    everything, name = json.dumps("\n".join(markups.values())), json.dumps(short(lure.address))
    columns = json.dumps({f"{kind} {markup}"[:200]: [markup] for kind, markup in markups.items()})
    codes = [
        f"import sys\nprint({everything})\nprint({everything}, file=sys.stderr)",
        f"raise ValueError({everything})",
        f"def f():\n    raise type({name}, (Exception,), {{}})({everything})\nf()",
        f"import pandas as pd\npd.DataFrame({columns})",
        f"import matplotlib.pyplot as plt\nplt.title({name})\nplt.show()",
        f"from IPython.display import JSON\nJSON({columns})",
    ]
    numbers = [work.done(run_id, code)["number"] for code in codes]
    analyst = visit("analyst")
    run = RunPage(analyst, run_id).open()
    for number in numbers:
        run.cell(number).scroll_into_view_if_needed()
        expect(run.cell(number).locator("header").first).to_be_visible()
    expect(run.printed(numbers[0])).to_contain_text("<script>alert(1)")
    expect(run.cell(numbers[1])).to_contain_text("<script>alert(1)")
    held(analyst, run.page, lure)


def test_names_of_files_stay_text(visit: Visit, work: Work, run_id: str, lure: Lure) -> None:
    names = ["<img src=x onerror=alert(1)>.csv", "'\"><svg onload=alert(1)>.json", "javascript:alert(1).html", "x.svg"]
    code = "import os\nos.makedirs('outputs', exist_ok=True)\n" + "\n".join(
        f"open('outputs/' + {json.dumps(name)}, 'w').write({json.dumps(payloads(lure.address)['svg'])})"
        for name in names
    )
    made = work.done(run_id, code)
    assert [one["name"] for one in made["artifacts"]], made
    analyst = visit("analyst")
    run = RunPage(analyst, run_id).open()
    for artifact in made["artifacts"]:
        run.page.get_by_role("button", name=f"Preview {artifact['name']}").first.click()
        expect(run.page.get_by_role("dialog").first).to_be_visible()
        run.page.wait_for_timeout(200)
        run.page.keyboard.press("Escape")
        expect(run.page.get_by_role("dialog")).to_have_count(0)
    held(analyst, run.page, lure)


def test_an_artifact_opened_by_its_address_is_no_page(visit: Visit, work: Work, run_id: str, lure: Lure) -> None:
    """A download, whatever its name says."""
    markup = json.dumps(payloads(lure.address)["script"])
    work.done(run_id, f"import os\nos.makedirs('outputs', exist_ok=True)\nopen('outputs/p.html', 'w').write({markup})")
    analyst = visit("analyst")
    page = analyst.visit("/account")
    with page.expect_download():
        page.evaluate(f"location.assign('/api/v1/runs/{run_id}/artifacts/p.html')")
    held(analyst, page, lure)


def test_purposes_prompts_models_and_search_words_stay_text(visit: Visit, work: Work, lure: Lure) -> None:
    purpose = short(lure.address)
    run = work.ready(purpose=purpose)["id"]
    whole = "\n".join(payloads(lure.address).values())
    work.done(run, "1", origin={"model": "<b onclick=alert(1)>model", "prompt": whole})
    analyst = visit("analyst")
    page = analyst.visit("/")
    expect(page.get_by_role("link", name=purpose).first).to_be_visible()
    page.goto(f"/?q={'%3Cscript%3Ealert(1)%3C%2Fscript%3E'}")
    analyst.settled()
    opened = RunPage(analyst, run).open()
    expect(opened.page.get_by_role("heading", level=1)).to_have_text(purpose)
    opened.cell(1).get_by_role("button", name="<b onclick").click()
    expect(opened.page.get_by_text("<script>alert(1)").first).to_be_visible()
    held(analyst, opened.page, lure)
    work.cancel(run)


def test_code_and_unsent_words_stay_text(visit: Visit, run_id: str, lure: Lure) -> None:
    """What a person pastes may be somebody else's too."""
    analyst = visit("analyst")
    run = RunPage(analyst, run_id).open()
    whole = "\n".join(payloads(lure.address).values())
    run.ended(run.run(f"note = {whole!r}\nnote"), "Succeeded")
    run.write(whole)
    page = analyst.page
    analyst.has_kept("<script>alert(1)")
    page.goto("/runs/new")
    analyst.settled().get_by_label("Purpose").fill(whole)
    page.get_by_label("Add a package").fill(short(lure.address))
    page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="Packages asked for")).to_be_visible()
    held(analyst, page, lure)


@pytest.fixture(scope="module")
def named(_whole_stack: Stack, listening: Lure) -> tuple[Account, list[str]]:
    """Somebody whose own name is an attack, in projects whose names are: one for each payload and hidden character."""
    names = [markup[:200] for markup in payloads(listening.address).values()]
    names += [name for name, _ in hidden().values()]
    person = newcomer(_whole_stack, display_name=short(listening.address)[:180] + "\u202e")
    for name in names:
        join(_whole_stack, person, new_project(_whole_stack, name))
    return person, names


def test_names_of_projects_and_people_stay_text_on_every_page(
    visit: Visit, stack: Stack, work: Work, lure: Lure, named: tuple[Account, list[str]]
) -> None:
    """The switch, the palette, the lists, the forms. Taken out for a try: the text node of a project's name in the
    side bar's switch (innerHTML, and the Trusted Types directive with it); the page was led to the lure."""
    account, names = named
    visitor = visit(None)
    page = visitor.sign_in("/account", account=account)
    for name in names[:3]:
        expect(page.locator("main")).to_contain_text(" ".join(name.split())[:60])
    for _, seen in hidden().values():
        expect(page.locator("main").get_by_text(seen).first).to_be_visible()
    expect(page.get_by_role("button", name="account and theme")).to_contain_text("<img src=x onerror=alert(1)>")
    page.get_by_role("button", name="Project:").click()
    expect(page.get_by_role("option").nth(len(names) - 1)).to_be_attached()
    page.get_by_placeholder("Filter").or_(page.get_by_role("textbox")).last.fill("<script")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("<svg onload")
    expect(page.get_by_role("option").first).to_contain_text("<svg onload=")
    held(visitor, page, lure)
    page.keyboard.press("Enter")
    page.goto("/")
    visitor.settled()
    page.goto("/runs/new")
    visitor.settled().get_by_label("Project").first.click()
    expect(page.get_by_role("option").first).to_be_visible()
    held(visitor, page, lure)


def test_who_hides_characters_in_names_is_seen_through(
    visit: Visit, stack: Stack, work: Work, lure: Lure, named: tuple[Account, list[str]]
) -> None:
    """On the list of runs, the run's page and the page's own title. Taken out for a try: visibleName in that list."""
    made = []
    for kind, (name, seen) in hidden().items():
        run = work.run(purpose=f"{kind}: {name}")["id"]
        work.cancel(run)
        made.append((run, f"{kind}: {seen}"))
    # Somebody else's run in the same project, under a name of theirs.
    in_database(stack, "UPDATE runs_run SET owner_id = %s WHERE id = %s", named[0].id, made[0][0])
    analyst = visit("analyst")
    page = analyst.visit("/?who=all")
    for _, seen in made:
        expect(page.get_by_role("link", name=seen).first).to_be_visible()
    page.goto(f"/runs/{made[0][0]}")
    expect(analyst.settled().get_by_role("heading", level=1)).to_contain_text(made[0][1])
    expect(page.locator("main")).to_contain_text("<img src=x onerror=alert(1)>")
    assert "\u202e" not in page.locator("body").inner_text()
    assert "\u202e" not in page.title()
    held(analyst, page, lure)


def test_names_of_packages_stay_text_while_typed_and_when_refused(visit: Visit, lure: Lure) -> None:
    analyst = visit("analyst")
    page = analyst.visit("/runs/new")
    page.get_by_label("Purpose").fill("ask for strange packages")
    field = page.get_by_label("Add a package")
    markups = [" ".join(markup.split()) for markup in payloads(lure.address).values()]
    for markup in [*markups[:1], markups[5][:150], hidden()["turned round"][0]]:
        field.fill(markup)
        expect(page.get_by_text("Asking policy…")).to_have_count(0)
        page.keyboard.press("Enter")
    expect(page.get_by_role("list", name="Packages asked for")).to_contain_text("annual‹U+202E›")
    expect(page.get_by_role("complementary", name="What policy will say")).not_to_have_attribute("aria-busy", "true")
    assert "\u202e" not in page.locator("main").inner_text()
    held(analyst, page, lure)


def test_what_is_searched_for_stays_text(visit: Visit, lure: Lure) -> None:
    """In the field, in the address, in what is said about what was not found; and in the palette."""
    analyst = visit("analyst")
    page = analyst.visit("/")
    for markup in payloads(lure.address).values():
        page.goto(f"/?q={quote(markup[:200], safe='')}")
        # One of more than ten words is refused, and named as that.
        expect(page.get_by_text("No run matches").or_(page.get_by_role("alert"))).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.insert_text("".join(payloads(lure.address).values()))
    expect(page.get_by_role("dialog")).to_contain_text("<script>alert(1)")
    held(analyst, page, lure)
