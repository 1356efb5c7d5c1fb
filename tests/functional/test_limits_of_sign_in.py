"""Where signing in and being signed in end: tries that failed, idleness, age. And whom that does not touch."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.functional.accounts import Account, in_database, newcomer
from tests.functional.conftest import Visit
from tests.functional.visiting import Visitor, grave_faults
from tests.stack import Stack
from tests.visit import new_address

TRIES = 5


def use_up(visitor: Visitor, account: Account) -> Page:
    """Guess until no more is heard."""
    page = visitor.page
    for _ in range(TRIES):
        visitor.offer("/account?tab=tokens", account=account, password="a wrong guess")
        expect(page.get_by_text("Name and password do not belong together.")).to_be_visible()
    return visitor.offer("/account?tab=tokens", account=account, password="a wrong guess")


def test_guessing_ends_and_the_page_says_for_how_long(visit: Visit, stack: Stack) -> None:
    """Taken out for a try: attempts.at_password in browser.Login; the right password then opened."""
    account = newcomer(stack)
    page = use_up(visit(None, address=new_address()), account)
    told = page.get_by_role("alert", name="Not now")
    expect(told).to_contain_text("Too many tries that failed, from here.")
    expect(told).to_contain_text("use a browser in which you signed in before")
    expect(told.get_by_role("button", name=re.compile(r"Try again in 1[45]:\d\d"))).to_be_disabled()
    assert grave_faults(page) == []
    # Not even the right one is looked at.
    page.get_by_label("Password", exact=True).fill(account.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(told).to_be_visible()
    assert page.evaluate("fetch('/api/v1/me').then(one => one.status)") == 401


def test_whoever_guesses_locks_nobody_out(visit: Visit, stack: Stack) -> None:
    """The owner gets in from elsewhere, and in their own browser even from where the guessing came. Taken out for a
    try: the address in rules.password_budgets, for the first; the device there, for the second."""
    account, hostile = newcomer(stack), new_address()
    owner = visit(None, address=new_address())
    owner.sign_in(account=account)
    owner.sign_out()
    expect(use_up(visit(None, address=hostile), account).get_by_role("alert", name="Not now")).to_be_visible()
    visit(None, address=new_address()).sign_in(account=account)
    owner.context.set_extra_http_headers({"X-Forwarded-For": hostile})
    owner.sign_in(account=account)


@dataclass
class AtWork:
    """Somebody at work, and a hand on the clocks of their session."""

    person: Visitor
    account: Account
    turn: Callable[..., None]


@pytest.fixture
def signed_in(visit: Visit, stack: Stack) -> AtWork:
    """Somebody who has just signed in."""
    account, person = newcomer(stack), visit(None)
    person.sign_in("/account?tab=tokens", account=account)

    def turn(**back: str) -> None:
        changed = ", ".join(f"{name} = now() - interval '{age}'" for name, age in back.items())
        in_database(stack, f"UPDATE identity_session SET {changed} WHERE user_id = %s", account.id)

    return AtWork(person, account, turn)


def is_asked_in_again(person: Visitor, account: Account) -> None:
    """What was written is still there, and who proves who they are goes on."""
    page = person.page
    again = page.get_by_role("dialog", name="You were signed out")
    expect(again).to_be_visible()
    again.get_by_label("User name").fill(account.username)
    again.get_by_label("Password", exact=True).fill(account.password)
    again.get_by_role("button", name="Sign in", exact=True).click()
    expect(again).to_be_hidden()
    expect(page.get_by_label("Name", exact=True)).to_have_value("half a thought")


def test_a_session_ends_when_nothing_was_asked_for_long(signed_in: AtWork) -> None:
    """Taken out for a try: the idle end in rules.session_lives; the token was then made."""
    person, turn = signed_in.person, signed_in.turn
    page = person.page
    page.get_by_role("button", name="New token").first.click()
    page.get_by_label("Name", exact=True).fill("half a thought")
    turn(last_seen_at="61 minutes")
    page.get_by_role("button", name="Create token").click()
    is_asked_in_again(person, signed_in.account)


def test_a_session_ends_when_it_is_old_however_busy(signed_in: AtWork) -> None:
    """And says so before. Taken out for a try: the absolute end in rules.session_lives."""
    person, turn = signed_in.person, signed_in.turn
    page = person.page
    turn(created_at="11 hours 58 minutes 30 seconds")
    page.reload()
    warned = page.get_by_role("dialog", name="You will be signed out soon")
    expect(warned).to_contain_text(re.compile(r"A session lasts so long and no longer. Yours ends in [01]:\d\d"))
    assert grave_faults(page) == []
    warned.get_by_role("button", name="Understood").click()
    expect(warned).to_be_hidden()
    page.get_by_role("button", name="New token").first.click()
    page.get_by_label("Name", exact=True).fill("half a thought")
    turn(created_at="12 hours 1 minute")
    page.get_by_role("button", name="Create token").click()
    is_asked_in_again(person, signed_in.account)
