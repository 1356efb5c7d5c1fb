"""Who gets in, who does not, and what stays of what one was at when the session ends."""

import re

from playwright.sync_api import expect

from tests.functional.conftest import Visit


def test_who_is_nobody_yet_is_led_to_the_form_and_from_there_to_where_they_wanted_to_go(visit: Visit) -> None:
    nobody = visit(None)
    nobody.user = "analyst"
    nobody.sign_in("/account?tab=tokens")
    expect(nobody.page).to_have_url(re.compile(r"/account\?tab=tokens$"))
    expect(nobody.page.get_by_role("heading", name="Access tokens")).to_be_visible()


def test_a_wrong_password_says_so_and_keeps_the_name(visit: Visit) -> None:
    nobody = visit(None)
    page = nobody.visit("/sign-in")
    page.get_by_label("User name").fill("nobody-of-that-name")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Name and password do not belong together.")).to_be_visible()
    expect(page.get_by_label("Password", exact=True)).to_have_accessible_description(re.compile("do not belong"))
    expect(page.get_by_label("User name")).to_have_value("nobody-of-that-name")


def test_the_way_back_leads_nowhere_else(visit: Visit) -> None:
    nobody = visit(None)
    for goal in ("https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)"):
        nobody.page.context.clear_cookies()
        nobody.user = "reviewer"
        nobody.page.goto(f"/sign-in?to={goal}")
        account = nobody.stack.users["reviewer"]
        nobody.page.get_by_label("User name").fill(account["username"])
        nobody.page.get_by_label("Password", exact=True).fill(account["password"])
        nobody.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(nobody.page.get_by_role("navigation").first).to_be_visible()
        assert nobody.page.url.startswith(f"{nobody.origin}/")


def test_signing_out_ends_it_for_every_tab(visit: Visit) -> None:
    nobody = visit(None)
    nobody.user = "outsider"
    page = nobody.sign_in()
    other = nobody.context.new_page()
    other.goto("/account")
    expect(other.get_by_role("heading", name="Account", level=1)).to_be_visible()
    page.get_by_role("button", name=re.compile("account and theme")).click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("User name")).to_be_visible()
    other.reload()
    expect(other.get_by_label("User name")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("User name")).to_be_visible()


def test_a_session_that_ends_at_work_asks_in_again_and_keeps_what_was_written(visit: Visit) -> None:
    nobody = visit(None)
    nobody.user = "reviewer"
    page = nobody.sign_in("/account?tab=tokens")
    page.get_by_role("button", name="New token").first.click()
    page.get_by_label("Name", exact=True).fill("half a thought")
    nobody.context.clear_cookies(name="bailiwick_session")
    page.get_by_role("button", name="Create token").click()
    again = page.get_by_role("dialog", name="You were signed out")
    expect(again).to_be_visible()
    account = nobody.stack.users["reviewer"]
    again.get_by_label("User name").fill(account["username"])
    again.get_by_label("Password", exact=True).fill(account["password"])
    again.get_by_role("button", name="Sign in", exact=True).click()
    expect(again).to_be_hidden()
    expect(page.get_by_label("Name", exact=True)).to_have_value("half a thought")
    page.get_by_role("button", name="Create token").click()
    expect(page.get_by_text("This is the only time that it is shown")).to_be_visible()
