"""The frame: navigation, palette, shortcuts, theme, and what it says when nothing answers."""

import re

from playwright.sync_api import expect

from tests.functional.conftest import Visit

PALETTE = re.compile("Commands|Type a command")


def test_the_palette_finds_a_page_and_goes_there(visit: Visit) -> None:
    analyst = visit("analyst")
    page = analyst.visit("/")
    page.keyboard.press("Control+k")
    search = page.get_by_role("combobox", name="Type a command or a page")
    expect(search).to_be_focused()
    page.keyboard.type("account")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/account$"))
    expect(page.get_by_role("heading", name="Account", level=1)).to_be_focused()


def test_every_key_of_the_sheet_does_what_it_says(visit: Visit) -> None:
    analyst = visit("analyst")
    page = analyst.visit("/")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    expect(sheet).to_contain_text("New run")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    for keys, address in (("ga", "/account"), ("gn", "/runs/new"), ("gr", "/")):
        page.keyboard.type(keys)
        expect(page).to_have_url(re.compile(f"{address}$"))
        analyst.settled()


def test_letters_typed_into_a_field_go_nowhere_else(visit: Visit) -> None:
    analyst = visit("analyst")
    page = analyst.visit("/account?tab=tokens")
    page.get_by_role("button", name="New token").first.click()
    page.get_by_label("Name", exact=True).press_sequentially("gr?")
    expect(page.get_by_label("Name", exact=True)).to_have_value("gr?")
    expect(page).to_have_url(re.compile("/account"))


def test_the_theme_is_kept(visit: Visit) -> None:
    analyst = visit("analyst")
    page = analyst.visit("/account")
    page.keyboard.press("Control+k")
    page.keyboard.type("theme: dark")
    page.keyboard.press("Enter")
    root = page.locator("html")
    expect(root).to_have_attribute("data-mantine-color-scheme", "dark")
    page.reload()
    expect(root).to_have_attribute("data-mantine-color-scheme", "dark")


def test_an_address_of_nothing_says_so_and_leads_back(visit: Visit) -> None:
    analyst = visit("analyst")
    analyst.page.goto("/no/such/page")
    expect(analyst.page.get_by_text("No such page").first).to_be_visible()
    analyst.page.get_by_role("link", name="Go to my runs").click()
    expect(analyst.page).to_have_url(f"{analyst.origin}/")


def test_the_page_says_that_the_network_is_gone_and_that_it_is_back(visit: Visit) -> None:
    analyst = visit("analyst")
    page = analyst.visit("/account")
    gone = page.get_by_text("This device has no network.")
    with analyst.without_network():
        expect(gone.first).to_be_visible()
    expect(gone).to_have_count(0)


def test_the_page_says_that_the_platform_does_not_answer(visit: Visit) -> None:
    analyst = visit("analyst")
    page = analyst.visit("/")
    analyst.tolerate("net::ERR_")
    analyst.stack.stop("web")
    try:
        page.keyboard.type("ga")
        expect(page.get_by_text("The platform does not answer.").first).to_be_visible(timeout=30_000)
    finally:
        analyst.stack.start("web")
    expect(page.get_by_text("The platform does not answer.")).to_have_count(0, timeout=30_000)


def test_nothing_of_the_console_is_served_without_its_defences(visit: Visit) -> None:
    """What the browser is told about every page, in full."""
    nobody = visit(None)
    answer = nobody.page.goto("/sign-in")
    assert answer
    policy = answer.headers["content-security-policy"]
    directives = dict(line.strip().partition(" ")[::2] for line in policy.split(";") if line.strip())
    nonce = re.search(r"'nonce-([\w+/=-]{16,})'", directives.pop("style-src"))
    assert nonce
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self'"
    assert directives["connect-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"
    assert directives["base-uri"] == "'none'"
    assert directives["form-action"] == "'self'"
    assert directives["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer", "strict-origin")
    again = nobody.page.goto("/sign-in")
    assert again
    assert nonce.group(1) not in again.headers["content-security-policy"]
