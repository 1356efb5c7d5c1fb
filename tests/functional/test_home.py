"""The list of runs: live, found by search and filters that live in the address, and quick however long it is."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.functional.accounts import in_database, join, new_project, newcomer
from tests.functional.conftest import Visit
from tests.functional.visiting import sideways
from tests.stack import Stack, eventually
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


def test_each_filter_cuts_the_list_and_is_in_the_address(visit: Visit, stack: Stack, work: Work) -> None:
    """By state, project, environment and time, each chosen in its menu."""
    projects = [new_project(stack, f"Filtered {at} {uuid4().hex[:6]}") for at in range(2)]
    person = newcomer(stack, project=projects[0])
    join(stack, person, projects[1])
    cancelled, closed = (work.ready(purpose=f"filter {state}")["id"] for state in ("cancelled", "closed"))
    work.cancel(cancelled)
    work.api.post(f"runs/{closed}/close")
    for run, project, age in zip((cancelled, closed), projects, ("3 days", "0 days"), strict=True):
        moved = (
            "UPDATE runs_run SET owner_id = %s, project_id = %s, created_at = created_at - %s::interval WHERE id = %s"
        )
        in_database(stack, moved, person.id, project, age, run)
    visitor = visit(None)
    page = visitor.sign_in("/?project=all", account=person)
    both = [page.get_by_role("link", name=f"filter {state}") for state in ("cancelled", "closed")]

    def cut(menu: str, choice: str, address: str, *shown: int) -> None:
        for link in both:
            expect(link).to_be_visible()
        page.get_by_role("button", name=menu, exact=True).click()
        chosen = page.get_by_label(choice, exact=True).or_(
            page.get_by_role("menuitemcheckbox", name=choice).or_(page.get_by_role("menuitemradio", name=choice))
        )
        chosen.first.click()
        page.keyboard.press("Escape")
        for at, link in enumerate(both):
            expect(link).to_have_count(int(at in shown))
        expect(page).to_have_url(re.compile(address))
        page.goto("/?project=all")

    cut("State", "Cancelled", "state=cancelled", 0)
    cut("Project", _name(stack, projects[1]), f"project={projects[1]}", 1)
    cut("Environment", "python", "environment=python", 0, 1)
    cut("Time", "Last 24 hours", "time=", 1)
    page.goto("/?project=all&environment=elsewhere")
    expect(page.get_by_text("No run matches")).to_be_visible()


def _name(stack: Stack, project: str) -> str:
    ((name,),) = in_database(stack, "SELECT name FROM identity_project WHERE id = %s", project)
    return str(name)


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
    far = page.get_by_role("link", name=f"{many} 400", exact=True)

    def scrolled() -> bool:
        page.mouse.wheel(0, 800)
        page.wait_for_timeout(30)
        return far.count() == 1

    eventually(scrolled, within=60)
    assert rows.count() < 200, "rows out of sight stay in the document"
    assert sideways(page) == 0
    page.get_by_label(re.compile("^Search purpose")).fill(f"{many} {MANY - 7}")
    expect(page.get_by_role("link", name=f"{many} {MANY - 7}")).to_be_visible()
