"""Every state of a run as its page tells it: what happened, why, and the smallest next step."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from sandbox_operator.client import LocalBackend
from tests.functional.conftest import Visit
from tests.functional.rules import restricted_runs_wait
from tests.functional.run_page import RunPage
from tests.functional.visiting import Visitor, grave_faults, sideways
from tests.integration.faults.aftermath import serving
from tests.integration.faults.test_containment import VISIBLE_AT_CLAIM
from tests.integration.faults.test_sandboxes import kill_all
from tests.stack import Stack, eventually
from tests.work import Work, ok, problem
from tools.launch.state import PYTHON


def standing(visitor: Visitor, run_id: str) -> Page:
    """The run's page, whatever state it is in."""
    visitor.page.goto(f"/runs/{run_id}")
    return visitor.settled()


def waiting(work: Work, **fields: Any) -> dict[str, Any]:
    """A run that people have to look at first."""
    run = work.run(**fields)
    assert run["state"] == "awaiting_approval", run
    return run


def test_a_run_that_waits_for_people_says_why_and_how_to_go_on(
    visit: Visit, stack: Stack, work: Work, tmp_path: Path
) -> None:
    """What the form says before is what the run's page says after."""
    with restricted_runs_wait(stack, tmp_path, work):
        analyst = visit("analyst")
        page = analyst.visit("/runs/new")
        page.get_by_label("Purpose").fill("look at patients")
        panel = page.get_by_role("complementary", name="What policy will say")
        expect(panel).to_contain_text("is restricted, so people look at each of its runs first")
        page.get_by_role("button", name=re.compile("Ask for approval")).click()
        expect(page).to_have_url(re.compile(r"/runs/[0-9a-f-]{36}$"))
        analyst.settled()
        run_id = page.url.rpartition("/")[2]
        told = page.get_by_role("region", name="A reviewer has to approve this run")
        expect(told).to_contain_text("A run for “look at patients”")
        expect(told).to_contain_text("is restricted, so people look at each of its runs first")
        expect(told).to_contain_text("Wait for a reviewer, or use a project that is not restricted.")
        expect(told).to_contain_text("restricted_needs_review")
        # Its place in the list of what waits, and on the list of runs.
        page.goto("/")
        expect(analyst.settled().get_by_role("region", name="Waits for you")).to_contain_text("look at patients")
        standing(analyst, run_id)
        assert grave_faults(page) == []
        told.get_by_role("button", name="Cancel the run").click()
        page.get_by_role("dialog", name="Cancel this run?").get_by_role("button", name="Cancel the run").click()
        expect(page.get_by_text("The run was cancelled.").first).to_be_visible()
        assert work.get(run_id)["state"] == "cancelled"


def test_a_denied_run_says_which_rule_and_what_would_pass(visit: Visit, work: Work) -> None:
    purpose = f"be denied {uuid4().hex[:6]}"
    problem(work.api.post("runs", json=work.wish(purpose=purpose, packages=["left-pad==1.0"])), 403, "policy_denied")
    (run,) = ok(work.api.get("runs", params={"q": purpose}))["results"]
    analyst = visit("analyst")
    page = standing(analyst, run["id"])
    told = page.get_by_role("region", name="Policy refused this run")
    expect(told).to_contain_text("left-pad")
    expect(told).to_contain_text("package_not_allowed")
    expect(told.get_by_role("button", name="Copy a request for an exception")).to_be_visible()
    assert (grave_faults(page), sideways(page)) == ([], 0)
    # Change what was refused and ask again: everything else is there.
    told.get_by_role("link", name="Change it and ask again").click()
    analyst.settled()
    expect(page.get_by_label("Purpose")).to_have_value(purpose)
    panel = page.get_by_role("complementary", name="What policy will say")
    expect(panel).to_contain_text("left-pad")
    panel.get_by_role("button", name=re.compile("left-pad")).click()
    expect(panel).to_contain_text("Policy will allow this")


def test_a_sandbox_killed_from_outside_is_told_on_an_open_page(visit: Visit, stack: Stack, work: Work) -> None:
    run_id = work.ready(purpose="be lost")["id"]
    work.done(run_id, "print('kept')")
    run = RunPage(visit("analyst"), run_id).open()
    kill_all(stack, serving(stack, run_id))
    told = run.page.get_by_role("status").filter(has_text="The sandbox ended before its work did")
    expect(told).to_be_visible()
    expect(told).to_contain_text("Ask for a new run with the same code.")
    expect(told).to_contain_text("sandbox_lost")
    expect(run.printed(1)).to_contain_text("kept")
    expect(run.editor).to_have_count(0)
    expect(run.page.get_by_role("link", name="Run again")).to_be_visible()
    assert grave_faults(run.page) == []


@pytest.fixture
def holed(stack: Stack) -> Iterator[Stack]:
    """A sandbox daemon whose probe at the claim finds a hole."""
    sealed = stack.programs["sandboxd"]
    arguments = sealed.argv[sealed.argv.index("sandbox_operator.daemon") + 1 :]
    stack.stop("sandboxd")
    stack.programs["sandboxd"] = replace(sealed, argv=(str(PYTHON), "-c", VISIBLE_AT_CLAIM, *arguments))
    try:
        stack.start("sandboxd")
        backend = LocalBackend(stack.state.sandbox_socket)
        eventually(lambda: backend.health().warm, within=30)
        yield stack
    finally:
        stack.stop("sandboxd")
        stack.programs["sandboxd"] = sealed
        stack.start("sandboxd")


def test_a_sandbox_that_is_not_sealed_serves_nobody_and_the_page_says_so(
    visit: Visit, holed: Stack, work: Work
) -> None:
    run_id = work.run(purpose="meet a hole", code="print('ran')", language="python")["id"]
    page = RunPage(visit("analyst"), run_id).open().page
    told = page.get_by_role("status").filter(has_text="The sandbox was not sealed")
    expect(told).to_be_visible()
    expect(told).to_contain_text("before any of your code ran")
    expect(told).to_contain_text("Tell a platform admin")
    expect(told).to_contain_text("containment_failed")
    expect(page.get_by_role("link", name="Run again")).to_be_visible()
    admin = visit("platform_admin").visit("/health")
    expect(admin.get_by_role("row").filter(has_text="containment_failed").first).to_be_visible()


def test_a_run_that_waits_for_a_sandbox_says_its_place_and_begins_by_itself(
    visit: Visit, stack: Stack, work: Work
) -> None:
    stack.stop("worker")
    try:
        first, second = (work.run(purpose=f"queue {n}")["id"] for n in (1, 2))
        analyst = visit("analyst")
        page = standing(analyst, second)
        told = page.get_by_role("status").filter(has_text="Allowed; waits for a free sandbox.")
        expect(told).to_contain_text("2 in line.")
        expect(told).to_contain_text(re.compile(r"Waiting for \d"))
        work.cancel(first)
        expect(told).to_contain_text("Next in line.")
        RunPage(analyst, second).write("print('early')")
        page.keyboard.press("Shift+Enter")
        expect(page.get_by_role("article", name="Cell 1", exact=True).locator("header").first).to_contain_text("Queued")
    finally:
        stack.start("worker")
    expect(told).to_have_count(0)
    expect(RunPage(analyst, second).printed(1)).to_contain_text("early")
    work.cancel(second)


def test_run_again_is_another_run_with_the_same_inputs(visit: Visit, work: Work) -> None:
    file = work.upload("again.csv", b"a,b\n1,2\n")
    wish = {"purpose": "do it again", "files": [file["id"]], "limits": {"wall_seconds": 77}}
    before = work.ready(**wish)
    work.api.post(f"runs/{before['id']}/close")
    analyst = visit("analyst")
    page = standing(analyst, before["id"])
    page.get_by_role("link", name="Run again").click()
    expect(page).to_have_url(re.compile(rf"/runs/new\?from={before['id']}$"))
    analyst.settled()
    expect(page.get_by_label("Purpose")).to_have_value("do it again")
    expect(page.get_by_text("again.csv").first).to_be_visible()
    page.get_by_role("button", name="Start run").click()
    expect(page).to_have_url(re.compile(r"/runs/[0-9a-f-]{36}$"))
    again = work.get(page.url.rpartition("/")[2])
    assert again["id"] != before["id"]
    for part in ("purpose", "project", "packages", "connectors", "limits"):
        assert again[part] == before[part], part
    assert [one["id"] for one in again["files"]] == [file["id"]]
    assert again["environment"] == before["environment"]
    work.cancel(again["id"])


def test_two_tabs_of_a_run_show_the_same_and_either_acts(visit: Visit, work: Work) -> None:
    run_id = work.ready(purpose="be seen twice")["id"]
    analyst = visit("analyst")
    here = RunPage(analyst, run_id).open()
    there = RunPage(analyst, run_id)
    there.page = analyst.context.new_page()
    there.open()
    number = here.run("import time\nprint('from here', flush=True)\ntime.sleep(60)")
    expect(there.printed(number)).to_contain_text("from here")
    there.page.get_by_role("button", name="Interrupt").first.click()
    for tab in (here, there):
        tab.ended(number, "Interrupted")
    second = there.run("print('from there')")
    expect(here.printed(second)).to_contain_text("from there")
    here.page.get_by_role("button", name="Close", exact=True).click()
    for tab in (here, there):
        expect(tab.page.get_by_text("This run is closed and its sandbox destroyed.").first).to_be_visible()
        expect(tab.editor).to_have_count(0)
    assert len(work.get(run_id)["executions"]) == 2


def test_a_run_of_others_and_one_that_never_was_are_one_page(visit: Visit, work: Work) -> None:
    """Not even by a word, a code or a status does the page tell whether there is such a run. Taken out for a try: the
    filter of runs_visible_to in runs.queries; the first page was then the run's own."""
    theirs = work.run(purpose="nobody's business")["id"]
    work.cancel(theirs)
    outsider = visit("outsider")
    pages = []
    for run_id in (theirs, str(uuid4())):
        outsider.page.goto(f"/runs/{run_id}")
        told = outsider.page.get_by_role("alert")
        expect(told).to_contain_text("Not found")
        expect(told.get_by_role("link", name="Go to my runs")).to_be_visible()
        words = re.sub(r"Request.*", "", outsider.page.locator("main").inner_text(), flags=re.S)
        pages.append(words.replace(run_id, "…"))
    assert pages[0] == pages[1]
    outsider.page.goto("/runs/no-run-at-all")
    expect(outsider.page.get_by_role("link", name="Go to my runs")).to_be_visible()
