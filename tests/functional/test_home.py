"""The list of runs: live, found by search and filters that live in the address, and quick however long it is."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import Visit
from tests.functional.visiting import sideways
from tests.stack import Stack
from tests.work import Work
from tools.launch import postgres as launched
from tools.launch.state import DATABASE

MANY = 10_000


def test_a_run_appears_and_changes_without_a_reload(visit: Visit, work: Work) -> None:
    page = visit("analyst").visit("/")
    purpose = f"appear {uuid4().hex[:8]}"
    run = work.ready(purpose=purpose)["id"]
    row = page.get_by_role("row").filter(has_text=purpose)
    expect(row).to_contain_text("Ready", timeout=15_000)
    work.cancel(run)
    expect(row).to_contain_text("Cancelled", timeout=15_000)


def test_search_and_filters_live_in_the_address(visit: Visit, work: Work) -> None:
    purpose = f"find {uuid4().hex[:8]}"
    work.cancel(work.run(purpose=purpose)["id"])
    page = visit("analyst").visit("/")
    page.keyboard.press("/")
    page.keyboard.type(purpose)
    expect(page.get_by_role("link", name=purpose)).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"q=find"))
    page.reload()
    expect(page.get_by_role("link", name=purpose)).to_be_visible()
    page.goto(f"/?q={purpose.replace(' ', '+')}&state=ready")
    expect(page.get_by_text("No run matches")).to_be_visible()
    page.get_by_role("button", name="Clear filters").last.click()
    expect(page.get_by_role("row").nth(2)).to_be_visible()


def test_what_waits_and_what_is_left_stand_beside_the_list(visit: Visit) -> None:
    page = visit("analyst").visit("/")
    expect(page.get_by_role("region", name="Waits for you")).to_be_visible()
    expect(page.get_by_role("region", name="In use").get_by_role("meter").first).to_be_visible()


@pytest.fixture
def many(stack: Stack, work: Work) -> Iterator[str]:
    """10,000 runs of the analyst that are long over: copies of one, made in the database."""
    name = f"one of many {uuid4().hex[:6]}"
    model = work.run(purpose=name)["id"]
    work.cancel(model)
    _copy(stack, model)
    yield name


def _copy(stack: Stack, model: str) -> None:
    with launched.connect(stack.state, DATABASE) as connection:
        names = [
            row[0]
            for row in connection.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = 'runs_run'"
                " AND is_generated = 'NEVER' AND column_name NOT IN ('id', 'created_at', 'purpose', 'handle')"
            )
        ]
        columns = ", ".join(f'"{name}"' for name in names)
        connection.execute(
            f"INSERT INTO runs_run (id, created_at, purpose, {columns})"
            f" SELECT gen_random_uuid(), created_at - n * %s, purpose || ' ' || n, {columns}"
            " FROM runs_run, generate_series(1, %s) AS n WHERE id = %s",
            [timedelta(minutes=1), MANY, model],
        )


def test_ten_thousand_runs_are_listed_searched_and_scrolled(visit: Visit, many: str) -> None:
    page = visit("analyst").visit("/")
    rows = page.get_by_role("row")
    expect(rows.nth(10)).to_be_visible()
    for _ in range(25):
        page.mouse.wheel(0, 6_000)
        page.wait_for_timeout(60)
    expect(rows.nth(10)).to_be_visible()
    assert rows.count() < 200, "rows out of sight stay in the document"
    assert sideways(page) == 0
    page.get_by_label(re.compile("^Search purpose")).fill(f"{many} {MANY - 7}")
    expect(page.get_by_role("link", name=f"{many} {MANY - 7}")).to_be_visible()
