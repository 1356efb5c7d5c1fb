"""Two people in two browsers: one sees nothing of the other's run, by no door."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.functional.conftest import Visit
from tests.functional.run_page import RunPage
from tests.work import Work

SECRET = "the-merger-is-called-magpie"


@pytest.fixture
def secret_run(work: Work) -> Iterator[str]:
    """A run of the analyst whose every word is a secret."""
    made = work.upload(f"{SECRET}.csv", SECRET.encode())
    run: str = work.ready(purpose=SECRET, files=[made["id"]])["id"]
    code = f"import os\nos.makedirs('outputs', exist_ok=True)\nopen('outputs/{SECRET}.txt', 'w').write('x')\n'{SECRET}'"
    work.done(run, code)
    yield run
    work.cancel(run)


def fetched(page: Page, path: str) -> tuple[int, str]:
    """What the page's own origin answers to the person who looks at it."""
    code = "async path => { const answer = await fetch(path); return [answer.status, await answer.text()] }"
    status, text = page.evaluate(code, path)
    return int(status), str(text)


def test_another_persons_run_is_nowhere(visit: Visit, secret_run: str) -> None:
    analyst, outsider = RunPage(visit("analyst"), secret_run).open(), visit("outsider")
    expect(analyst.cell(1)).to_contain_text(SECRET)
    page = outsider.visit("/account")
    page.goto(f"/runs/{secret_run}")
    expect(page.get_by_role("alert")).to_be_visible()
    assert SECRET not in page.content()
    page.goto(f"/?q={SECRET}&who=all")
    expect(page.get_by_text("No run matches")).to_be_visible()
    assert page.get_by_text(SECRET).count() == 0
    with page.expect_response(lambda answer: answer.url.endswith(f"/api/v1/runs/{secret_run}")) as refused:
        page.goto(f"/runs/new?from={secret_run}")
    assert refused.value.status == 404
    outsider.settled()
    assert SECRET not in page.get_by_label("Purpose").input_value()
    root = f"/api/v1/runs/{secret_run}"
    doors = ["", "/executions", "/executions/1", "/executions/1/outputs/0?type=text/html", "/notebook", "/events"]
    for door in doors:
        status, text = fetched(page, f"{root}{door}")
        assert (status, SECRET in text) == (404, False), door
    assert fetched(page, f"{root}/artifacts/{SECRET}.txt")[0] == 404
    for listing in (
        "/api/v1/runs",
        f"/api/v1/runs?q={SECRET}",
        "/api/v1/waiting",
        "/api/v1/files",
        "/api/v1/decisions",
    ):
        _, text = fetched(page, listing)
        assert SECRET not in text, listing
        assert secret_run not in text, listing


def test_what_happens_in_one_browser_reaches_no_other_person(visit: Visit, secret_run: str) -> None:
    """Both look at the same address while a cell runs."""
    analyst, outsider = RunPage(visit("analyst"), secret_run).open(), visit("outsider")
    outsider.page.goto(f"/runs/{secret_run}")
    one = analyst.run(f"print('{SECRET}-live')")
    expect(analyst.printed(one)).to_contain_text(f"{SECRET}-live")
    outsider.page.wait_for_timeout(1_000)
    assert SECRET not in outsider.page.content()


def test_whoever_signs_in_next_on_the_same_machine_sees_nothing_of_the_one_before(
    visit: Visit, secret_run: str
) -> None:
    shared = visit(None)
    shared.user = "analyst"
    shared.sign_in(f"/runs/{secret_run}")
    analyst = RunPage(shared, secret_run)
    analyst.write(f"draft = '{SECRET}-draft'")
    shared.has_kept(f"{SECRET}-draft")
    shared.page.get_by_role("button", name="analyst").last.click()
    shared.page.get_by_role("menuitem", name="Sign out").click()
    expect(shared.page.get_by_label("User name")).to_be_visible()
    shared.user = "outsider"
    page = shared.sign_in("/")
    assert SECRET not in page.content()
    page.goto(f"/runs/{secret_run}")
    expect(page.get_by_role("alert")).to_be_visible()
    assert SECRET not in page.content()
    kept = page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")
    assert SECRET not in kept
