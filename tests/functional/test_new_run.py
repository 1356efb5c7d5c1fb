"""From a file on a person's disk to a run that has it: shown, uploaded, judged and started."""

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.functional.conftest import Visit
from tests.functional.run_page import RunPage
from tests.functional.visiting import Visitor, grave_faults
from tests.work import Work, ok

MIB = 1 << 20
TABLE = "species,mass\nAdelie,3700\nGentoo,5000\n"


def begun(visitor: Visitor, purpose: str) -> Page:
    """The form with a purpose."""
    page = visitor.visit("/runs/new")
    page.get_by_label("Purpose").fill(purpose)
    return page


def started(visitor: Visitor) -> RunPage:
    """The run's page, once the form was sent."""
    visitor.page.get_by_role("button", name="Start run").click()
    expect(visitor.page).to_have_url(re.compile(r"/runs/[0-9a-f-]{36}$"))
    run = RunPage(visitor, visitor.page.url.rpartition("/")[2])
    expect(run.editor).to_be_visible(timeout=30_000)
    return run


def give(page: Page, *paths: Path) -> None:
    """Choose files from the disk, as the press of the drop zone does."""
    page.locator("input[type=file]").first.set_input_files([str(path) for path in paths])


def test_a_spreadsheet_becomes_a_run_in_which_code_reads_it(visit: Visit, tmp_path: Path, work: Work) -> None:
    (tmp_path / "penguins.csv").write_text(TABLE)
    analyst = visit("analyst")
    page = begun(analyst, "weigh the penguins")
    give(page, tmp_path / "penguins.csv")
    first_rows = page.get_by_role("region", name=re.compile("penguins.csv"))
    expect(first_rows.get_by_role("cell", name="Adelie")).to_be_visible()
    expect(first_rows.get_by_role("columnheader", name=re.compile("species.*text"))).to_be_visible()
    expect(first_rows.get_by_role("columnheader", name=re.compile("mass.*integer"))).to_be_visible()
    expect(page.get_by_text("Uploaded").first).to_be_visible()
    expect(page.get_by_text("Policy will allow this")).to_be_visible()
    run = started(analyst)
    cell = run.run("import pandas as pd\nprint(pd.read_csv('penguins.csv')['mass'].sum())")
    expect(run.printed(cell)).to_contain_text("8700")
    work.cancel(run.run_id)


def test_a_dropped_file_is_taken_too(visit: Visit) -> None:
    page = begun(visit("analyst"), "drop it")
    page.evaluate(
        """text => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([text], 'dropped.csv', { type: 'text/csv' }));
          const target = document.querySelector('input[type=file]').parentElement;
          for (const kind of ['dragenter', 'dragover', 'drop']) {
            target.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
          }
        }""",
        TABLE,
    )
    expect(page.get_by_text("dropped.csv").first).to_be_visible()
    expect(page.get_by_text("Uploaded").first).to_be_visible()


def test_an_environment_shows_its_packages_with_their_versions(visit: Visit, work: Work) -> None:
    page = begun(visit("analyst"), "look at packages")
    page.get_by_role("button", name="Packages in python").click()
    dialog = page.get_by_role("dialog", name="Packages in python")
    dialog.get_by_label("Find a package").fill("pandas")
    known = {one["package"]: one["version"] for one in ok(work.api.get("environments/python"))["sbom"]}
    expect(dialog.get_by_role("listitem").filter(has_text="pandas").first).to_contain_text(known["pandas"])
    assert grave_faults(page) == []
    dialog.get_by_label("Find a package").fill("no-such-package")
    expect(dialog).to_contain_text("is not in this environment. Ask for it as an extra package.")


def test_a_limit_says_its_default_and_ceiling_and_holds_as_it_was_set(visit: Visit, work: Work) -> None:
    """Beyond the ceiling policy says so before, and its button goes back to what may be had."""
    analyst = visit("analyst")
    page = begun(analyst, "ask for more memory")
    expect(page.get_by_text(re.compile(r"^default 1 GB · at most \d+ GB$")).first).to_be_visible()
    memory = page.get_by_role("textbox", name="Memory", exact=True)
    memory.fill("999999")
    panel = page.get_by_role("complementary", name="What policy will say")
    expect(panel).to_contain_text("Policy will refuse this")
    expect(panel).to_contain_text("Memory")
    panel.get_by_role("button", name=re.compile("Memory|memory")).first.click()
    expect(panel).to_contain_text("Policy will allow this")
    memory.fill("1536")
    expect(panel).to_contain_text("1.5 GB")
    expect(panel).to_contain_text("Policy will allow this")
    run = started(analyst)
    assert work.get(run.run_id)["limits"]["memory_bytes"] == 1536 * MIB
    work.cancel(run.run_id)


def test_policy_answers_about_packages_while_they_are_typed(visit: Visit) -> None:
    page = begun(visit("analyst"), "ask for packages")
    field = page.get_by_label("Add a package")
    field.fill("humanize==4.9.0")
    expect(page.get_by_text(re.compile("humanize.*is allowed|in the environment already")).first).to_be_visible()
    field.fill("requests==2.32.3")
    refused = page.get_by_text(re.compile("requests", re.IGNORECASE)).filter(has_text=re.compile("allowlist|not"))
    expect(refused.first).to_be_visible()


def test_what_policy_says_before_is_what_it_says_after(visit: Visit, work: Work) -> None:
    page = begun(visit("analyst"), "ask for too much")
    field = page.get_by_label("Add a package")
    field.fill("requests==2.32.3")
    page.keyboard.press("Enter")
    verdict = page.get_by_text(re.compile("Policy will refuse this"))
    expect(verdict).to_be_visible()
    told = page.get_by_role("complementary").or_(page.locator("main")).last.inner_text()
    wish = work.wish(purpose="ask for too much", packages=["requests==2.32.3"])
    refused = work.api.post("runs", json=wish)
    assert refused.status_code == 403
    for reason in json.loads(refused.text)["reasons"]:
        assert reason["code"] in told
        assert reason["message"] in told
    page.get_by_role("button", name="Remove requests").first.click()
    expect(page.get_by_text("Policy will allow this")).to_be_visible()


def test_a_form_half_filled_survives_a_reload(visit: Visit) -> None:
    analyst = visit("analyst")
    page = begun(analyst, "half a purpose")
    analyst.has_kept("half a purpose")
    page.reload()
    expect(page.get_by_label("Purpose")).to_have_value("half a purpose")
    page.get_by_role("button", name="Start over").click()
    expect(page.get_by_label("Purpose")).to_have_value("")


def test_a_hundred_megabytes_pause_lose_the_network_and_arrive_whole(visit: Visit, tmp_path: Path, work: Work) -> None:
    """What arrives is compared by its digest, inside of the sandbox."""
    with (tmp_path / "large.bin").open("wb") as file:
        for number in range(100):
            file.write(bytes([number]) * MIB)
    analyst = visit("analyst")
    page = begun(analyst, "upload much")
    give(page, tmp_path / "large.bin")
    page.get_by_role("button", name="Pause large.bin").click()
    expect(page.get_by_text(re.compile("Paused at"))).to_be_visible()
    page.get_by_role("button", name="Go on with large.bin").click()
    with analyst.without_network():
        page.wait_for_timeout(1_500)
    retry = page.get_by_role("button", name="Try large.bin again")
    done = page.get_by_text("Uploaded").first
    expect(retry.or_(done).first).to_be_visible(timeout=60_000)
    if retry.is_visible():
        retry.click()
    expect(done).to_be_visible(timeout=90_000)
    run = started(analyst)
    cell = run.run("import os\nprint(os.path.getsize('large.bin'), open('large.bin', 'rb').read()[99 * 2**20])")
    expect(run.printed(cell)).to_contain_text(f"{100 * MIB} 99", timeout=30_000)
    work.cancel(run.run_id)
