"""The receipt of a cell: opened on the run's page, told what it is worth, saved, and verified by somebody elsewhere."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.functional.conftest import Visit
from tests.functional.run_page import RunPage
from tests.functional.visiting import at_rest, grave_faults, sideways
from tests.stack import Stack
from tests.work import Work
from tools.setup import ROOT

CODE = "print(6 * 7)\nopen('outputs/answer.txt', 'w').write('42')"


@pytest.fixture(scope="module")
def run_id(_whole_stack: Stack) -> Iterator[str]:
    """A run with one cell that is done, and left a file."""
    with Work(_whole_stack) as work:
        made: str = work.ready(purpose="a figure that is given away")["id"]
        assert work.done(made, CODE)["state"] == "succeeded"
        yield made
        work.cancel(made)


@pytest.fixture
def run_page(visit: Visit, run_id: str) -> RunPage:
    """The analyst in front of it."""
    return RunPage(visit("analyst"), run_id).open()


def opened(run: RunPage, number: int = 1) -> Locator:
    """The dialog, asked for by the keyboard, once the receipt is there."""
    run.cell(number).get_by_role("button", name=f"Receipt of cell {number}").focus()
    run.page.keyboard.press("Enter")
    dialog = run.page.get_by_role("dialog", name=f"Receipt of cell {number}")
    expect(dialog.get_by_role("status")).to_contain_text("Signed", timeout=30_000)
    at_rest(dialog)
    return dialog


def verified(folder: Path, *words: str) -> dict[str, Any]:
    """What the verifier says, with nothing but its one file, the keys and what was saved."""
    (folder / "verifier.py").write_bytes((ROOT / "audit/verifier.py").read_bytes())
    command = [sys.executable, "-I", "verifier.py", "receipt", "saved", "--key", "keys", "--json", *words]
    done = subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, check=False)
    assert not done.stderr, done
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_what_is_saved_is_verified_by_somebody_elsewhere(run_page: RunPage, run_id: str, tmp_path: Path) -> None:
    dialog = opened(run_page)
    with run_page.page.expect_download() as saved:
        dialog.get_by_role("button", name="Download the receipt").press("Enter")
    assert saved.value.suggested_filename == f"run-{run_id}-1.receipt"
    saved.value.save_as(tmp_path / "saved")
    with Work(run_page.visitor.stack) as work:
        (tmp_path / "keys").write_bytes(work.api.get("audit/keys").content)
        (tmp_path / "answer.txt").write_bytes(work.api.get(f"runs/{run_id}/artifacts/answer.txt").content)
    (tmp_path / "code.py").write_text(CODE)
    told = verified(tmp_path, "--code", "code.py", "--output", "answer.txt")
    assert (told["exit"], told["result"], told["receipt"]["run"]) == (0, "verified", run_id), told
    # Every sentence of the page on what it does not prove has one in the file, and in the verifier's own answer.
    assert len(told["not_proved"]) == 5
    (tmp_path / "code.py").write_text(CODE.replace("6", "7"))
    assert verified(tmp_path, "--code", "code.py")["result"] == "tampered"


def test_it_says_what_it_proves_and_what_not(run_page: RunPage) -> None:
    dialog = opened(run_page)
    proves, proves_not = (
        dialog.locator("section").filter(has=run_page.page.get_by_role("heading", name=name, exact=True))
        for name in ("What it proves", "What it does not prove")
    )
    expect(proves.get_by_role("listitem")).to_have_count(3)
    expect(proves).to_contain_text("were on record before it ran")
    expect(proves_not.get_by_role("listitem")).to_have_count(3)
    expect(proves_not).to_contain_text("that the code was right")
    expect(proves_not).to_contain_text("Who a pseudonym is")
    expect(dialog.get_by_text("python verifier.py receipt")).to_contain_text("--key keys")


def test_it_is_used_by_the_keyboard_alone(run_page: RunPage) -> None:
    page, button = run_page.page, run_page.cell(1).get_by_role("button", name="Receipt of cell 1")
    dialog = opened(run_page)
    reached = []
    for _ in range(6):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        # Nothing behind the dialog is reached.
        expect(dialog.locator(":focus")).to_have_count(1)
        reached.append(focused.get_attribute("aria-label") or focused.inner_text())
    assert any("Download the receipt" in each for each in reached), reached
    assert any("command" in each for each in reached), reached
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()


def test_the_dialog_holds_for_everybody(visit: Visit, run_id: str) -> None:
    """Nothing grave for axe in light and dark, nothing wider than a telephone or a wall."""
    for scheme in ("light", "dark"):
        run = RunPage(visit("analyst", scheme=scheme, still=True), run_id).open()
        opened(run)
        assert grave_faults(run.page) == [], scheme
    for size in ((360, 740), (820, 1180), (3840, 2160)):
        run = RunPage(visit("analyst", size=size), run_id).open()
        dialog = opened(run)
        assert sideways(run.page) == 0, size
        assert dialog.evaluate("it => it.scrollWidth - it.clientWidth") == 0, size
