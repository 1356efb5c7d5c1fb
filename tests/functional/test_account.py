"""One's own account: how one signs in, where one is signed in, and tokens."""

import base64
import hashlib
import hmac
import re
import struct
import time
import uuid

from playwright.sync_api import Page, expect

from tests.functional.conftest import Visit


def totp(secret: str) -> str:
    """The code of now (RFC 6238, SHA-1, six digits, 30 s)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def test_a_token_is_shown_once_works_and_is_refused_when_it_was_revoked(visit: Visit) -> None:
    analyst = visit("analyst")
    name = f"nightly report {uuid.uuid4().hex[:6]}"
    page = analyst.visit("/account?tab=tokens")
    page.get_by_role("button", name="New token").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Create token").click()
    shown = page.get_by_role("dialog")
    expect(shown).to_contain_text("This is the only time that it is shown")
    found = re.search(r"bwk_\w{32}_[\w-]{43}", shown.inner_text())
    assert found, shown.inner_text()
    secret = found.group(0)
    with analyst.stack.api(token=secret) as program:
        assert program.get("me").status_code == 200
        shown.get_by_role("button", name="I copied it").click()
        assert secret not in page.content()
        page.reload()
        assert secret not in analyst.settled().content()
        page.get_by_role("button", name=f"Revoke {name}").click()
        page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
        expect(page.get_by_role("listitem").filter(has_text=name)).to_contain_text("Revoked")
        assert program.get("me").status_code == 401


def test_another_browser_is_listed_and_can_be_signed_out_from_here(visit: Visit) -> None:
    here, there = visit(None), visit(None)
    here.user = there.user = "auditor"
    here.sign_in()
    there.sign_in("/account?tab=sessions")
    page = there.page
    expect(page.get_by_text("This browser")).to_have_count(1)
    page.get_by_role("button", name=re.compile("Sign out of")).first.click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out there").click()
    expect(page.get_by_text("Signed out there.").first).to_be_visible()
    here.page.goto("/account")
    expect(here.page.get_by_label("User name")).to_be_visible()
    there.visit("/account")


def test_a_second_proof_is_set_up_asked_for_and_removed(visit: Visit) -> None:
    person = visit(None)
    person.user = "reviewer2"
    page = person.sign_in("/account?tab=security")
    page.get_by_role("button", name="Set up").click()
    dialog = page.get_by_role("dialog", name="Authenticator app")
    expect(dialog.get_by_label("Code from the app")).to_be_visible()
    found = re.search(r"\b[A-Z2-7]{16,}\b", dialog.inner_text().replace(" ", ""))
    assert found, dialog.inner_text()
    dialog.get_by_label("Code from the app").fill(totp(found.group(0)))
    dialog.get_by_role("button", name="Turn on").click()
    _prove_again(page, person.stack.users["reviewer2"]["password"])
    expect(page.get_by_text("The authenticator app is set up.").first).to_be_visible()
    second = visit(None)
    second.page.goto("/account")
    second.page.get_by_label("User name").fill(person.stack.users["reviewer2"]["username"])
    second.page.get_by_label("Password", exact=True).fill(person.stack.users["reviewer2"]["password"])
    second.page.get_by_role("button", name="Sign in", exact=True).click()
    code = second.page.get_by_label("Code from your authenticator app")
    expect(code).to_be_visible()
    # A code works once: the next one is another.
    used = totp(found.group(0))
    while (fresh := totp(found.group(0))) == used:
        time.sleep(0.5)
    code.fill(fresh)
    second.page.get_by_role("button", name="Continue").click()
    expect(second.page.get_by_role("navigation").first).to_be_visible()
    page.reload()
    person.settled().get_by_role("button", name="Remove").first.click()
    page.get_by_role("dialog", name="Remove the authenticator app?").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Removed.").first).to_be_visible()


def _prove_again(page: Page, password: str) -> None:
    """A change of how one signs in asks again who one is."""
    again = page.get_by_role("dialog", name="Is it still you?")
    again.get_by_label("Password", exact=True).fill(password)
    again.get_by_role("button", name="Continue").click()
