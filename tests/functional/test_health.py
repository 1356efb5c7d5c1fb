"""The health page, for those who run the platform: what works, what does not and for how long, and what failed."""

import re

from playwright.sync_api import expect

from tests.functional.conftest import Visit
from tests.work import Work

PARTS = ("Database", "Redis", "Policy engine", "Sandbox daemon", "Contents store", "Workers", "Scheduler")


def test_a_platform_admin_sees_every_part_with_its_version(visit: Visit) -> None:
    page = visit("platform_admin").visit("/")
    page.keyboard.type("gh")
    expect(page.get_by_role("heading", name="Health", level=1)).to_be_focused()
    expect(page.get_by_text("Every part works.")).to_be_visible()
    parts = page.get_by_role("table", name="Parts")
    for name in PARTS:
        row = parts.get_by_role("row").filter(has_text=name)
        expect(row).to_contain_text("Works")
        expect(row).to_contain_text(re.compile(r"\d+ ms|\d s"))
    expect(parts.get_by_role("row").filter(has_text="Database")).to_contain_text(re.compile(r"\d+\.\d+"))
    expect(page.get_by_role("meter", name="Sandboxes of python")).to_be_visible()
    for words in ("Warm", "Claimed", "Starting", "Runs that wait for a sandbox", "Recent failures"):
        expect(page.get_by_text(words).first).to_be_visible()


def test_a_part_that_goes_down_and_comes_back_is_seen_without_a_reload(visit: Visit) -> None:
    admin = visit("platform_admin")
    page = admin.visit("/health")
    beside = page.get_by_role("table", name="Parts").get_by_role("row").filter(has_text="Policy engine")
    expect(beside).to_contain_text("Works")
    admin.stack.stop("opa")
    try:
        expect(beside).to_contain_text("Down", timeout=30_000)
        expect(page.get_by_text(re.compile("Not well: .*Policy engine"))).to_be_visible()
    finally:
        admin.stack.start("opa")
    expect(beside).to_contain_text("Works", timeout=30_000)


def test_a_failure_is_listed_with_the_way_to_its_run(visit: Visit, work: Work) -> None:
    run = work.ready(purpose="fail for the health page")["id"]
    admin = visit("platform_admin")
    number = work.cell(run, "import time; time.sleep(60)")
    work.until(run, "executing")
    admin.stack.kill("worker")
    admin.stack.start("worker")
    assert work.result(run, number, within=90)["state"] == "lost"
    page = admin.visit("/health")
    link = page.get_by_role("link", name=f"Open run {run}")
    expect(link).to_be_visible(timeout=30_000)
    link.click()
    expect(page).to_have_url(re.compile(f"/runs/{run}$"))


def test_others_are_told_who_may_look(visit: Visit) -> None:
    page = visit("analyst").visit("/health")
    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text(re.compile("platform admin", re.IGNORECASE))
    expect(page.get_by_role("table")).to_have_count(0)
    expect(page.get_by_role("navigation").get_by_role("link", name="Health")).to_have_count(0)
