"""The console in a real browser, against the real platform: one stack and one browser, a context for each person."""

from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, StorageState, expect, sync_playwright

from tests.functional.visiting import Visitor
from tests.stack import Stack
from tests.work import Work
from tools.setup import browser as installed_browser

# What a page shows it shows when the platform has done it: on a busy machine not within Playwright's five seconds.
expect.set_options(timeout=20_000)

type Visit = Callable[..., Visitor]


# Of this folder, not of the session: while Playwright's loop runs, Django refuses to work in the same thread.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser. Its sandbox is off, as in every build that runs as root: it opens nothing but our own pages."""
    program = installed_browser()
    assert program, "No Chromium was found; run `make setup`, which installs it."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def sessions() -> dict[str, StorageState]:
    """Cookies of those who have signed in already: the form is not what most tests are about."""
    return {}


@pytest.fixture
def visit(
    chromium: Browser, stack: Stack, sessions: dict[str, StorageState], request: pytest.FixtureRequest
) -> Iterator[Visit]:
    """Lets a person sit down: `visit("analyst")` is signed in, `visit(None)` is nobody yet."""
    visitors: list[Visitor] = []

    def sit_down(user: str | None = "analyst", **options: Any) -> Visitor:
        if user and user not in sessions:
            first = Visitor(chromium, stack, user)
            first.sign_in()
            sessions[user] = first.context.storage_state()
            assert first.leave() == []
        visitor = Visitor(chromium, stack, user, session=sessions[user] if user else None, **options)
        visitors.append(visitor)
        return visitor

    yield sit_down
    if getattr(request.node, "failed", False):
        for number, visitor in enumerate(visitors):
            print(f"What the browser showed: {visitor.picture(f'{request.node.name}-{number}')}")
            print(f"Offences: {visitor.watch.found()}")
    assert [visitor.leave() for visitor in visitors] == [[] for _ in visitors]


@pytest.fixture
def work(stack: Stack) -> Iterator[Work]:
    """The analyst's work through the API, for what a test needs to be there already."""
    with Work(stack) as work:
        yield work


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Let fixtures see that their test failed."""
    report: Any = yield
    if report.when == "call" and report.failed:
        item.failed = True  # type: ignore[attr-defined]
    return report
