"""The auditor's way through the log: find entries, read one, and see its proof verified or refused in the browser."""

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.functional.conftest import Visit
from tests.functional.visiting import grave_faults, sideways
from tests.stack import Stack
from tests.work import Work, entries, ok

SECRET = "the-merger-is-called-heron"


@pytest.fixture
def denied(work: Work) -> str:
    """A run that policy denied: its entries need no sandbox."""
    purpose = f"{SECRET} {uuid.uuid4()}"
    assert work.api.post("runs", json=work.wish(purpose=purpose, packages=["evil==1.0"])).status_code == 403
    (run,) = ok(work.api.get("runs", params={"q": purpose}))["results"]
    return str(run["id"])


@pytest.fixture
def entry(stack: Stack, denied: str) -> str:
    """The entry that says so."""
    (found,) = [each for each in entries(stack, f"run:{denied}") if each["event"] == "runs:run:denied"]
    return str(found["id"])


def verdict(page: Page) -> str:
    """What the browser says of the proof, in a word."""
    said = page.get_by_role("status").filter(has_text=re.compile("verif", re.IGNORECASE)).locator("strong")
    expect(said).to_be_visible()
    return said.inner_text()


def tampering(change: Callable[[str], str]) -> Callable[[Route], None]:
    """Answer for the platform, with a proof that is no longer its own."""

    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=change(response.text()))

    return answer


def test_an_auditor_finds_a_runs_entries_by_keyboard_and_sees_one_verified(visit: Visit, denied: str) -> None:
    page = visit("auditor").visit("/")
    expect(page.get_by_role("navigation").get_by_role("link", name="Audit log")).to_be_visible()
    page.keyboard.type("gl")
    expect(page.get_by_role("heading", name="Audit log", level=1)).to_be_focused()
    rows = page.get_by_role("table", name="Entries").get_by_role("row")
    expect(rows.nth(3)).to_be_visible()
    page.get_by_role("button", name="Exactly").click()
    page.get_by_label("Run", exact=True).fill(denied)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"run={denied}"))
    expect(rows.filter(has_text="Run denied")).to_have_count(1)
    expect(rows.filter(has_text="Denied").first).to_contain_text(f"run {denied[:8]}")
    page.reload()
    expect(rows.filter(has_text="Run denied")).to_have_count(1)
    page.keyboard.type("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/audit/entries/"))
    assert verdict(page) == "Verified"
    expect(page.get_by_role("img", name=re.compile("The path of entry"))).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile(f"run={denied}"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda file: re.sub(r"(?m)^index \d+$", "index 0", file), "root|does not have the hashes"),
        (lambda file: re.sub(r"(?m)^extra .{8}", "extra eyJhY3Rv", file).replace("eyJhY3Rv", "eyJhY3Rw"), "not those"),
        (lambda file: file[:-20] + "A" * 18 + file[-2:], "not written as|and is not"),
        (lambda file: "", "not written as"),
    ],
    ids=["another place", "another entry", "another signature", "nothing"],
)
def test_a_proof_that_was_tampered_with_is_shown_to_fail(
    visit: Visit, entry: str, change: Callable[[str], str], why: str
) -> None:
    visitor = visit("auditor")
    visitor.page.route("**/proof", tampering(change))
    page = visitor.visit(f"/audit/entries/{entry}")
    assert verdict(page) == "Does not verify"
    expect(page.get_by_text(re.compile(why)).first).to_be_visible()


def test_the_auditors_own_key_is_asked_and_said_to_be_theirs(visit: Visit, stack: Stack, entry: str) -> None:
    with stack.api("auditor") as api:
        keys = api.get("audit/keys").text
    page = visit("auditor").visit(f"/audit/entries/{entry}")
    assert verdict(page) == "Verified"
    expect(page.get_by_text("could list another key")).to_be_visible()
    page.get_by_label("A key that I paste").check()
    expect(page.get_by_role("status").filter(has_text="Verified in part")).to_be_visible()
    field = page.get_by_label("Verifier keys, one a line")
    field.fill("\n".join(line for line in keys.splitlines() if "/project/" not in line))
    expect(page.get_by_text("None of the keys signed it.")).to_be_visible()
    field.fill(keys)
    expect(page.get_by_text("did not come from the platform now")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Every check holds.")).to_be_visible()
    page.get_by_label("Change one bit of the entry").check()
    expect(page.get_by_role("status").filter(has_text="Does not verify")).to_be_visible()


def test_a_browser_without_ed25519_says_so_and_checks_the_path_alone(visit: Visit, entry: str) -> None:
    visitor = visit("auditor")
    visitor.page.add_init_script(
        "crypto.subtle.importKey = () => Promise.reject(new DOMException('unknown', 'NotSupportedError'))"
    )
    page = visitor.visit(f"/audit/entries/{entry}")
    assert verdict(page) == "Verified in part"
    expect(page.get_by_text("This browser does not know Ed25519.")).to_be_visible()


@pytest.mark.parametrize("user", ["analyst", "outsider"])
def test_others_see_nothing_of_the_log(visit: Visit, entry: str, denied: str, user: str) -> None:
    visitor = visit(user)
    page = visitor.visit("/")
    expect(page.get_by_role("navigation").get_by_role("link", name="Audit log")).to_have_count(0)
    page = visitor.visit("/audit")
    expect(page.get_by_role("alert")).to_contain_text("auditor")
    expect(page.get_by_role("table")).to_have_count(0)
    page.goto(f"/audit?run={denied}&project=all")
    expect(page.get_by_role("alert")).to_be_visible()
    page.goto(f"/audit/entries/{entry}")
    expect(page.get_by_role("alert")).to_be_visible()
    for secret in (SECRET, "Run denied", "package_not_allowed"):
        assert secret not in page.content()


def test_the_pages_hold_for_everybody(visit: Visit, entry: str) -> None:
    """Nothing grave for axe in light and dark, nothing wider than a telephone, a wall, or text at twice its size."""
    for scheme in ("light", "dark"):
        visitor = visit("auditor", scheme=scheme, still=True)
        for path in ("/audit", f"/audit/entries/{entry}", "/audit?run=none"):
            page = visitor.visit(path)
            assert grave_faults(page) == [], path
    for size in ((360, 740), (820, 1180), (3840, 2160)):
        visitor = visit("auditor", size=size)
        for path in ("/audit", f"/audit/entries/{entry}"):
            assert sideways(visitor.visit(path)) == 0, (path, size)
