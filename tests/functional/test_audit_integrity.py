"""How the logs stand, live, for those who read them; and nothing of it for anybody else."""

import re

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import Visit
from tests.functional.visiting import grave_faults, sideways
from tests.stack import Stack
from tests.work import Work, ok


def test_an_auditor_sees_the_log_grow_and_compares_its_key(visit: Visit, stack: Stack, work: Work) -> None:
    page = visit("auditor").visit("/audit")
    page.keyboard.type("gi")
    expect(page.get_by_role("heading", name="Integrity", level=1)).to_be_focused()
    with stack.api("auditor") as api:
        told = ok(api.get("audit/integrity", params={"project": work.project}))
    card = page.get_by_role("region", name=re.compile("Penguins")).first
    size = card.locator("dd").first
    expect(size).to_have_text(re.compile(r"^[\d,]+$"))
    before = int(size.inner_text().replace(",", ""))
    for key in told["keys"]:
        expect(card).to_contain_text(key.split("+")[1])
    work.api.post("runs", json=work.wish(packages=["evil==1.0"]))
    expect(size).not_to_have_text(f"{before:,}")
    assert int(size.inner_text().replace(",", "")) > before


@pytest.mark.parametrize("user", ["analyst", "outsider"])
def test_others_see_no_log(visit: Visit, user: str) -> None:
    page = visit(user).visit("/audit/integrity")
    expect(page.get_by_text("No log to show")).to_be_visible()
    expect(page.get_by_role("region", name=re.compile("Penguins"))).to_have_count(0)


def test_the_page_holds_for_everybody(visit: Visit) -> None:
    """Nothing grave for axe in light and dark, nothing wider than a telephone or a wall."""
    for scheme in ("light", "dark"):
        assert grave_faults(visit("auditor", scheme=scheme, still=True).visit("/audit/integrity")) == []
    for size in ((360, 740), (820, 1180), (3840, 2160)):
        assert sideways(visit("auditor", size=size).visit("/audit/integrity")) == 0, size
