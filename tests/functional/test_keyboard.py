"""The main flow without a mouse: sign in, describe a run, start it, write code, read what came, end it, leave."""

import re

from playwright.sync_api import Page, expect

from tests.functional.conftest import Visit


def tab_to(page: Page, role: str, name: str | re.Pattern[str], most: int = 60) -> None:
    """Press Tab until that has the focus, which must then be visible."""
    goal = page.get_by_role(role, name=name).first  # type: ignore[arg-type]
    expect(goal).to_be_visible()
    for _ in range(most):
        if goal.evaluate("node => node === document.activeElement || node.contains(document.activeElement)"):
            ring = page.evaluate(
                """() => {
                  const style = getComputedStyle(document.activeElement);
                  return style.outlineStyle !== 'none' || style.boxShadow !== 'none' || style.borderStyle !== 'none';
                }"""
            )
            assert ring, f"nothing shows that {name} has the focus"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{most} times Tab do not lead to {role} {name}")


def test_the_main_flow_by_keys_alone(visit: Visit) -> None:
    nobody = visit(None)
    page = nobody.page
    page.goto("/")
    tab_to(page, "textbox", "User name")
    page.keyboard.type(nobody.stack.users["analyst"]["username"])
    page.keyboard.press("Tab")
    page.keyboard.type(nobody.stack.users["analyst"]["password"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.type("gn")
    expect(page.get_by_role("heading", name="New run", level=1)).to_be_focused()
    tab_to(page, "textbox", "Purpose")
    page.keyboard.type("by keys alone")
    expect(page.get_by_text("Policy will allow this")).to_be_visible()
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page).to_have_url(re.compile(r"/runs/[0-9a-f-]{36}$"))
    editor = page.get_by_role("textbox", name=re.compile("^Code of the next cell"))
    expect(editor).to_be_visible(timeout=30_000)
    if not editor.evaluate("node => node.contains(document.activeElement)"):
        page.keyboard.press("Enter")
    expect(editor).to_be_focused()
    page.keyboard.type("print('hello')")
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_role("region", name="text printed by cell 1")).to_contain_text("hello", timeout=30_000)
    page.keyboard.press("Escape")
    expect(editor).not_to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("close")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This run is closed and its sandbox destroyed.")).to_be_visible()
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("sign out")
    page.keyboard.press("Enter")
    expect(page.get_by_label("User name")).to_be_visible()


def test_dialogs_take_the_focus_keep_it_and_give_it_back(visit: Visit) -> None:
    page = visit("analyst").visit("/account?tab=tokens")
    opener = page.get_by_role("button", name="New token").first
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="New token")
    expect(dialog.get_by_label("Name", exact=True)).to_be_focused()
    for _ in range(15):
        page.keyboard.press("Tab")
        assert dialog.evaluate("node => node.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_what_is_typed_right_after_the_palettes_key_goes_into_the_palette(visit: Visit) -> None:
    page = visit("analyst").page
    page.goto("/")
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    # A key's event and the next one's are two tasks of the page: what counts is who has the focus between them.
    focused = page.evaluate(
        """() => {
          document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true }));
          return Promise.resolve().then(() => document.activeElement.getAttribute('role'));
        }"""
    )
    assert focused == "combobox"
