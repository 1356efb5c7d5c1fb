"""Signing in at an identity provider: a real one, in another process, to which the browser itself goes."""

import re
import uuid
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.functional.accounts import in_database, newcomer
from tests.functional.conftest import Visit
from tests.functional.visiting import Visitor, grave_faults
from tests.integration.identity.providers import free_port, platform_with, real_provider
from tests.stack import Stack

NAME = f"grace-{uuid.uuid4().hex[:8]}"
GRACE = {"sub": NAME, "preferred_username": NAME, "name": "Grace H."}
BUTTON = "Continue with Single sign-on"


@pytest.fixture(scope="module")
def places(_whole_stack: Stack) -> Iterator[tuple[str, str]]:
    """The provider, and a web process of the platform that trusts it."""
    with real_provider(GRACE) as issuer, platform_with(_whole_stack, issuer) as url:
        yield issuer, url


@pytest.fixture
def somebody(visit: Visit, stack: Stack, places: tuple[str, str]) -> Callable[[], Visitor]:
    """A browser that may be sent to the provider. What the provider's own page looks like is not ours."""
    issuer, url = places

    def sit_down() -> Visitor:
        visitor = visit(None, origin=url, also=(f"{issuer}/",))
        visitor.tolerate(r"net::ERR_")
        return visitor

    return sit_down


def to_the_provider(visitor: Visitor, issuer: str, path: str) -> Page:
    """Press the button: the browser stands at the provider."""
    visitor.page.goto(path)
    visitor.page.get_by_role("button", name=BUTTON).click()
    expect(visitor.page).to_have_url(re.compile(re.escape(f"{issuer}/oauth2/authorize?")))
    return visitor.page


def agree(page: Page, sub: str = GRACE["sub"]) -> None:
    """Be that person there."""
    page.get_by_label("Subject").fill(sub)
    page.get_by_role("button", name="Authorize", exact=True).click()


def test_the_button_leads_to_the_provider_and_back_to_where_one_wanted_to_go(
    somebody: Callable[[], Visitor], places: tuple[str, str]
) -> None:
    """Taken out for a try: the page in place of a redirect (browser.ToProvider); the console's own form-action then
    held the browser back."""
    person = somebody()
    page = to_the_provider(person, places[0], "/account?tab=sessions")
    agree(page)
    expect(page).to_have_url(f"{places[1]}/account?tab=sessions")
    expect(page.get_by_text("This browser")).to_be_visible()
    page.goto("/account")
    expect(page.get_by_text("Grace H.").first).to_be_visible()
    expect(page.get_by_text(f"{NAME}@127.0.0.1").first).to_be_visible()
    # Nobody gave them a role yet, and every page says so and whom to ask.
    expect(page.get_by_text("You are in no project yet. A platform admin has to add you to one.")).to_be_visible()
    page.goto("/runs/new")
    expect(person.settled().get_by_text(re.compile("platform admin")).first).to_be_visible()
    assert grave_faults(page) == []


def test_who_turns_round_at_the_provider_is_met_by_a_page_that_says_so(
    somebody: Callable[[], Visitor], places: tuple[str, str]
) -> None:
    page = to_the_provider(somebody(), places[0], "/account?tab=tokens")
    page.get_by_role("button", name="Deny access").click()
    expect(page.get_by_role("alert")).to_have_text("You left the identity provider before signing in.")
    expect(page.get_by_label("User name")).to_be_visible()
    # The way is still open, and still leads where one wanted to go.
    page.get_by_role("button", name=BUTTON).click()
    agree(page)
    expect(page).to_have_url(f"{places[1]}/account?tab=tokens")


def test_who_was_switched_off_here_is_told_and_stays_out(
    somebody: Callable[[], Visitor], places: tuple[str, str], stack: Stack
) -> None:
    """Taken out for a try: the question in adapters.pre_social_login; the page then blamed the provider."""
    person, sub = somebody(), f"mallory-{uuid.uuid4().hex[:8]}"
    page = to_the_provider(person, places[0], "/account")
    agree(page, sub)
    expect(page).to_have_url(f"{places[1]}/account")
    (someone,) = in_database(
        stack,
        "SELECT user_id FROM socialaccount_socialaccount WHERE extra_data ->> 'sub' = %s",
        sub,
    )
    in_database(stack, "UPDATE identity_user SET is_active = false WHERE id = %s", *someone)
    page.reload()
    # Whoever is off is out at once, not only at the next sign-in.
    expect(page.get_by_label("User name")).to_be_visible()
    page.get_by_role("button", name=BUTTON).click()
    agree(page, sub)
    expect(page.get_by_role("alert")).to_contain_text("Your account here is switched off.")
    expect(page.get_by_role("alert")).to_contain_text("Ask a platform admin")
    assert page.evaluate("fetch('/api/v1/me').then(one => one.status)") == 401


def test_a_provider_that_is_away_is_told_and_the_password_still_opens(visit: Visit, stack: Stack) -> None:
    with platform_with(stack, f"http://127.0.0.1:{free_port()}") as url:
        person = visit(None, origin=url)
        person.page.goto("/account?tab=tokens")
        person.page.get_by_role("button", name=BUTTON).click()
        expect(person.page.get_by_role("alert")).to_contain_text("The identity provider did not sign you in.")
        person.sign_in("/account", account=newcomer(stack))
