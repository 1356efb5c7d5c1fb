"""Holds and erasures in the console: placed and lifted with a reason, a person erased only when named twice."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import Visit
from tests.functional.visiting import grave_faults, sideways


def test_a_hold_is_placed_and_lifted_with_reasons(visit: Visit) -> None:
    case = f"case {uuid.uuid4()}"
    page = visit("auditor").visit("/audit/holds")
    form = page.get_by_role("form", name="Place a hold")
    expect(form.get_by_role("button", name="Place the hold")).to_be_disabled()
    form.get_by_label("Why").fill(case)
    form.get_by_role("button", name="Place the hold").click()
    row = page.get_by_role("table", name="Legal holds").get_by_role("row").filter(has_text=case)
    expect(row).to_contain_text("Stands")
    row.get_by_role("button", name=re.compile("Lift the hold")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why").fill("the case is closed")
    dialog.get_by_role("button", name="Lift", exact=True).click()
    expect(row).to_contain_text("Lifted")
    expect(row.get_by_role("button", name=re.compile("Lift the hold"))).to_have_count(0)


def test_nobody_is_erased_who_is_not_named_twice_and_a_no_is_explained(visit: Visit) -> None:
    """The person named is the admin, whom the platform refuses to erase: nobody erases themselves."""
    visitor = visit("platform_admin")
    page = visitor.visit("/audit/holds")
    username = visitor.stack.users["platform_admin"]["username"]
    form = page.get_by_role("form", name="Erase a person")
    button = form.get_by_role("button", name="Erase for good")
    form.get_by_label("Whom", exact=True).fill(username)
    form.get_by_label("Why").fill("case 7")
    expect(button).to_be_disabled()
    form.get_by_label("Whom, once more").fill(f"{username}x")
    expect(button).to_be_disabled()
    form.get_by_label("Whom, once more").fill(username)
    button.click()
    expect(form.get_by_role("alert")).to_contain_text("Nobody erases themselves")


def test_an_auditor_erases_nobody(visit: Visit) -> None:
    page = visit("auditor").visit("/audit/holds")
    expect(page.get_by_role("form", name="Erase a person")).to_have_count(0)


@pytest.mark.parametrize("user", ["analyst", "outsider"])
def test_others_see_no_holds(visit: Visit, user: str) -> None:
    page = visit(user).visit("/audit/holds")
    expect(page.get_by_text("Nothing here for you")).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(0)
    expect(page.get_by_role("form")).to_have_count(0)


def test_the_page_holds_for_everybody(visit: Visit) -> None:
    """Nothing grave for axe in light and dark, nothing wider than a telephone or a wall."""
    for scheme in ("light", "dark"):
        assert grave_faults(visit("platform_admin", scheme=scheme, still=True).visit("/audit/holds")) == []
    for size in ((360, 740), (820, 1180), (3840, 2160)):
        assert sideways(visit("platform_admin", size=size).visit("/audit/holds")) == 0, size
