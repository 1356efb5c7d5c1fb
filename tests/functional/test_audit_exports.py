"""Evidence that leaves: an auditor asks for a bundle in the console, takes it away, and verifies it with one file."""

import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import Visit
from tests.functional.visiting import at_rest, grave_faults, sideways
from tests.stack import Stack
from tools.setup import ROOT


def test_a_bundle_is_asked_for_made_taken_away_and_verified(visit: Visit, stack: Stack, tmp_path: Path) -> None:
    page = visit("auditor").visit("/audit")
    page.get_by_role("navigation", name="Audit log").get_by_role("link", name="Exports").click()
    expect(page.get_by_role("heading", name="Exports", level=1)).to_be_focused()
    page.get_by_role("button", name="Ask for the export").click()
    row = page.get_by_role("table", name="Exports").get_by_role("row").nth(1)
    expect(row).to_contain_text("Ready", timeout=60_000)
    with page.expect_download() as bundle:
        row.get_by_role("link", name="Download the bundle").click()
    bundle.value.save_as(tmp_path / "bundle.zip")
    with page.expect_download() as keys:
        page.get_by_role("link", name="Save the keys").click()
    keys.value.save_as(tmp_path / "keys")
    command = [sys.executable, str(ROOT / "audit/verifier.py"), "bundle.zip", "--key", "keys"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "VERIFIED" in done.stdout) == (0, True), done.stdout + done.stderr


def test_a_bundle_opens_the_kinds_that_were_picked_and_hides_nothing(visit: Visit, tmp_path: Path) -> None:
    page = visit("auditor").visit("/audit/exports")
    group = page.get_by_role("group", name="Which kinds are opened and shown")
    group.get_by_role("button", name="What").press("Enter")
    menu = at_rest(page.get_by_role("menu"))
    assert menu["y"] + menu["height"] <= 900, "it ends within the window"
    page.get_by_role("menuitemcheckbox", name="Role given").click()
    page.get_by_role("menuitemcheckbox", name="Policy decided").click()
    page.keyboard.press("Escape")
    expect(group.get_by_role("button", name="What: 2 kinds")).to_be_focused()
    expect(group).to_contain_text("Role given, Policy decided")
    page.get_by_role("button", name="Ask for the export").click()
    row = page.get_by_role("table", name="Exports").get_by_role("row").nth(1)
    expect(row).to_contain_text("Ready", timeout=60_000)
    expect(row).to_contain_text("opened: 2 kinds")
    with page.expect_download() as bundle:
        row.get_by_role("link", name="Download the bundle").click()
    bundle.value.save_as(tmp_path / "bundle.zip")
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        about = json.loads(archive.read("manifest.json"))["about"]
        shown = {line["event"] for line in csv.DictReader(io.StringIO(archive.read("views/entries.csv").decode()))}
    kinds = {"identity:member:added", "policy:decision:recorded"}
    assert set(about["filter"]["events"]) == kinds
    assert shown <= kinds
    assert about["counts"]["matched"] < about["counts"]["entries"]


def test_a_range_that_the_log_does_not_have_is_refused_and_explained(visit: Visit) -> None:
    page = visit("auditor").visit("/audit/exports")
    page.get_by_label("Some, by their index").check()
    page.get_by_label("First", exact=True).fill("99999999")
    page.get_by_role("button", name="Ask for the export").click()
    expect(page.get_by_role("alert")).to_contain_text(re.compile("signed entries"))


@pytest.mark.parametrize("user", ["analyst", "outsider"])
def test_others_see_no_exports(visit: Visit, user: str) -> None:
    page = visit(user).visit("/audit/exports")
    expect(page.get_by_text("Nothing was exported yet")).to_be_visible()
    expect(page.get_by_role("button", name="Ask for the export")).to_have_count(0)
    expect(page.get_by_role("table")).to_have_count(0)


def test_the_page_holds_for_everybody(visit: Visit) -> None:
    """Nothing grave for axe in light and dark, nothing wider than a telephone or a wall."""
    for scheme in ("light", "dark"):
        assert grave_faults(visit("auditor", scheme=scheme, still=True).visit("/audit/exports")) == []
    for size in ((360, 740), (820, 1180), (3840, 2160)):
        assert sideways(visit("auditor", size=size).visit("/audit/exports")) == 0, size
