"""Recall in the console: an auditor finds the runs that used a package or an image, and who took what of them."""

import csv
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.functional.conftest import Visit
from tests.functional.visiting import grave_faults, sideways
from tests.stack import Stack, eventually
from tests.work import Work, ok

PACKAGE = "python-slugify"
VERSION = "8.0.4"


@pytest.fixture(scope="module")
def used(_whole_stack: Stack) -> Iterator[str]:
    """A run that was given the package and of which a file was taken away; over, and laid out for the search."""
    with Work(_whole_stack) as analyst, Work(_whole_stack, "auditor") as auditor:
        run = analyst.ready(packages=[f"{PACKAGE}=={VERSION}"], purpose=f"recalled {uuid.uuid4()}")["id"]
        analyst.done(run, "open('outputs/names.txt', 'w').write('x')")
        assert analyst.api.get(f"runs/{run}/artifacts/names.txt").status_code == 200
        ok(analyst.api.post(f"runs/{run}/close"))
        # The log and what is searched take a moment.
        closed = {"run": run, "event": "runs:run:closed"}
        eventually(lambda: ok(auditor.api.get("audit/entries", params=closed))["results"], within=20)
        yield run


@pytest.fixture(scope="module")
def image(_whole_stack: Stack, used: str) -> str:
    """Digest of the image that the run was in."""
    with Work(_whole_stack, "auditor") as auditor:
        started = ok(auditor.api.get("audit/entries", params={"run": used, "event": "runs:run:started"}))
        return str(started["results"][0]["facts"]["image"]).removeprefix("sha256:")


def ask(page: Page, kind: str, field: str, what: str) -> None:
    """Fill the question in and send it by the keyboard."""
    form = page.get_by_role("form", name="Recall runs")
    form.get_by_label(kind, exact=True).check()
    form.get_by_label(field, exact=True).fill(what)
    form.get_by_label(field, exact=True).press("Enter")


def test_an_auditor_recalls_a_run_by_package_and_takes_the_whole_away(visit: Visit, used: str, tmp_path: Path) -> None:
    page = visit("auditor").visit("/audit")
    page.get_by_role("navigation", name="Audit log").get_by_role("link", name="Recall").click()
    expect(page.get_by_role("heading", name="Recall", level=1)).to_be_focused()
    expect(page.get_by_text("Nothing is asked yet")).to_be_visible()
    page.get_by_label("Below version").fill("8.1")
    ask(page, "A package", "Name of the package", "Python_Slugify")
    expect(page.get_by_role("heading", name="Runs that used Python_Slugify below 8.1")).to_be_visible()
    row = page.get_by_role("table", name="Recalled runs").get_by_role("row").filter(has_text=used[:8])
    expect(row).to_contain_text(f"package {PACKAGE}=={VERSION}")
    expect(row).to_contain_text("Closed")
    expect(row).to_contain_text("A file as a download")
    page.reload()
    expect(row).to_be_visible()
    row.get_by_role("button", name=re.compile(f"of run {used[:8]}")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem").filter(has_text="A file as a download").first).to_contain_text("for person")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    with page.expect_download() as sheet:
        page.get_by_role("button", name="Download CSV").click()
    sheet.value.save_as(tmp_path / "recall.csv")
    with (tmp_path / "recall.csv").open(newline="") as file:
        taken = {(line["what"], line["to"]) for line in csv.DictReader(file) if line["run"] == used}
    assert ("artifact", "download") in taken
    row.get_by_role("link", name=used[:8]).click()
    expect(page).to_have_url(re.compile(f"/runs/{used}"))


def test_a_version_that_was_not_used_recalls_nothing(visit: Visit, used: str) -> None:
    page = visit("auditor").visit(f'/audit/recall?kind=package&what={PACKAGE}&below="{VERSION}"')
    expect(page.get_by_role("heading", name=f"Runs that used {PACKAGE} below {VERSION}")).to_be_visible()
    expect(page.get_by_text(used[:8])).to_have_count(0)


def test_an_auditor_recalls_a_run_by_the_first_digits_of_its_image(visit: Visit, used: str, image: str) -> None:
    page = visit("auditor").visit("/audit/recall")
    ask(page, "An image", "Digest of the image", f"sha256:{image[:16]}")
    rows = page.get_by_role("table", name="Recalled runs").get_by_role("row")
    expect(rows.filter(has_text=used[:8])).to_contain_text(f"image sha256:{image[:12]}")
    ask(page, "An image", "Digest of the image", "python")
    expect(page.get_by_role("alert")).to_contain_text("hex digits")
    page.go_back()
    expect(rows.filter(has_text=used[:8])).to_be_visible()


def test_the_palette_leads_there(visit: Visit) -> None:
    page = visit("auditor").visit("/")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("recall")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/audit/recall$"))
    expect(page.get_by_role("form", name="Recall runs")).to_be_visible()


@pytest.mark.parametrize("user", ["analyst", "outsider"])
def test_others_recall_nothing(visit: Visit, used: str, user: str) -> None:
    page = visit(user).visit(f"/audit/recall?kind=package&what={PACKAGE}")
    expect(page.get_by_text("Nothing here for you")).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(0)
    expect(page.get_by_role("form")).to_have_count(0)
    assert used[:8] not in page.content()


def test_the_page_holds_for_everybody(visit: Visit, used: str) -> None:
    """Nothing grave for axe in light and dark, nothing wider than a telephone or a wall."""
    found = f"/audit/recall?kind=package&what={PACKAGE}&project=all"
    paths = ("/audit/recall", found, "/audit/recall?kind=image&what=x")
    for scheme in ("light", "dark"):
        visitor = visit("auditor", scheme=scheme, still=True)
        for path in paths:
            assert grave_faults(visitor.visit(path)) == [], (path, scheme)
        page = visitor.visit(found)
        page.get_by_role("button", name=re.compile(f"of run {used[:8]}")).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert grave_faults(page) == [], scheme
    for size in ((360, 740), (820, 1180), (3840, 2160)):
        visitor = visit("auditor", size=size)
        for path in paths:
            assert sideways(visitor.visit(path)) == 0, (path, size)
