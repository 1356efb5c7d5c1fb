"""One's own account: how one signs in, where one is signed in, and tokens."""

import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.authenticator import totp
from tests.functional.accounts import Account, newcomer
from tests.functional.conftest import Visit
from tests.functional.visiting import Visitor, grave_faults
from tests.stack import Stack


@dataclass
class App:
    """An authenticator app that was set up by the code `used`, and the recovery codes that came with it."""

    account: Account
    secret: str
    used: str
    recovery: list[str]

    def code(self) -> str:
        """The code of now."""
        return totp(self.secret)


@pytest.fixture(scope="module")
def app(chromium: Browser, _whole_stack: Stack) -> Iterator[App]:
    """Somebody sets up an app, by hand."""
    person, account = Visitor(chromium, _whole_stack, None), newcomer(_whole_stack)
    page = person.sign_in("/account?tab=security", account=account)
    page.get_by_role("button", name="Set up").click()
    dialog = page.get_by_role("dialog", name="Authenticator app")
    expect(dialog.get_by_label("Code from the app")).to_be_visible()
    found = re.search(r"\b[A-Z2-7]{16,}\b", dialog.inner_text().replace(" ", ""))
    assert found, dialog.inner_text()
    dialog.get_by_label("Code from the app").fill("000000")
    dialog.get_by_role("button", name="Turn on").click()
    expect(dialog.get_by_text("This is not the code of this moment.")).to_be_visible()
    code = totp(found.group(0))
    dialog.get_by_label("Code from the app").fill(code)
    dialog.get_by_role("button", name="Turn on").click()
    _prove_again(page, account.password)
    expect(page.get_by_text("The authenticator app is set up.").first).to_be_visible()
    shown = page.get_by_role("dialog", name="Recovery codes")
    recovery = shown.locator("pre").inner_text().split()
    assert grave_faults(page) == []
    shown.get_by_role("button", name="I kept them").click()
    expect(page.get_by_text("10 of 10 unused")).to_be_visible()
    assert found.group(0) not in page.content()
    assert person.leave() == []
    yield App(account, found.group(0), code, recovery)


def test_after_the_password_the_app_is_asked_and_a_code_works_once(visit: Visit, app: App) -> None:
    """Taken out for a try: browser.AuthenticatorApp.post; the code of the set-up then opened a second time."""
    person = visit(None)
    page = person.offer("/account?tab=tokens", account=app.account)
    # The one that set it up is used up.
    _code(page, app.used)
    expect(page.get_by_text("This is not the code of this moment.")).to_be_visible()
    assert page.evaluate("fetch('/api/v1/me').then(one => one.status)") == 401
    assert grave_faults(page) == []


def test_a_recovery_code_opens_once_in_place_of_the_app(visit: Visit, app: App) -> None:
    for opens in (True, False):
        person = visit(None)
        page = person.offer("/account?tab=security", account=app.account)
        page.get_by_role("button", name="Use a recovery code instead").click()
        page.get_by_label("Recovery code").fill(app.recovery[0])
        page.get_by_role("button", name="Continue").click()
        if opens:
            expect(page.get_by_text("9 of 10 unused")).to_be_visible()
        else:
            expect(page.get_by_text("This is not the code of this moment.")).to_be_visible()


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


def test_the_code_of_the_app_opens_and_the_app_is_removed(visit: Visit, app: App) -> None:
    """The last here, so that the code of the set-up is over by now: a code works once."""
    code = app.code()
    while code == app.used:
        time.sleep(0.5)
        code = app.code()
    person = visit(None)
    page = person.offer("/account?tab=security", account=app.account)
    _code(page, code)
    person.settled().get_by_role("button", name="Remove").first.click()
    page.get_by_role("dialog", name="Remove the authenticator app?").get_by_role("button", name="Remove").click()
    _prove_again(page, app.account.password)
    expect(page.get_by_text("Removed.").first).to_be_visible()
    after = visit(None)
    after.sign_in(account=app.account)


def _prove_again(page: Page, password: str) -> None:
    """A change of how one signs in asks again who one is."""
    again = page.get_by_role("dialog", name="Is it still you?")
    again.get_by_label("Password", exact=True).fill(password)
    again.get_by_role("button", name="Continue").click()


def _code(page: Page, code: str) -> None:
    """Give a code of the app after the password."""
    page.get_by_label("Code from your authenticator app").fill(code)
    page.get_by_role("button", name="Continue").click()
