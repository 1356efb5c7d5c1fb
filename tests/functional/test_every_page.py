"""What holds on each page: nothing grave for axe, nothing wider than its window, nothing that will not keep still."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.functional.conftest import Visit
from tests.functional.visiting import Scheme, Visitor, grave_faults, sideways
from tests.stack import Stack
from tests.work import Work

# Who looks, and at what; {run} and {done} are runs of the analyst, one that waits for code and one that is over.
PAGES = {
    "sign-in": (None, "/sign-in"),
    "home": ("analyst", "/"),
    "home, nothing found": ("analyst", "/?q=no-run-has-this-purpose"),
    "new run": ("analyst", "/runs/new"),
    "run, ready": ("analyst", "/runs/{run}"),
    "run, over": ("analyst", "/runs/{done}"),
    "run of somebody else": ("outsider", "/runs/{done}"),
    "profile": ("analyst", "/account"),
    "security": ("analyst", "/account?tab=security"),
    "sessions": ("analyst", "/account?tab=sessions"),
    "tokens": ("analyst", "/account?tab=tokens"),
    "health": ("platform_admin", "/health"),
    "health, refused": ("analyst", "/health"),
    "nothing there": ("analyst", "/no/such/page"),
}
SIZES = {"a telephone": (360, 740), "a tablet": (820, 1180), "a wall": (3840, 2160)}
RICH = """
import pandas as pd, sys
from IPython.display import display, HTML, SVG
print("a line")
print("a warning", file=sys.stderr)
display(pd.DataFrame({"species": ["Adelie", "Gentoo"], "a column of a long name": [1.5, 2.5]}))
display(HTML("<b>rich</b>"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' width='20' height='20'><circle r='9' cx='10' cy='10'/></svg>"))
print("x" * 2000)
def inner(value): return 1 / value
inner(0)
"""


@pytest.fixture(scope="module")
def places() -> dict[str, str]:
    """Runs by name, once made."""
    return {}


@pytest.fixture
def runs(work: Work, places: dict[str, str]) -> Iterator[dict[str, str]]:
    """One run that waits for code after a cell with every kind of output, and one that is over."""
    if not places:
        places["run"] = work.ready(purpose="look at every page")["id"]
        work.done(places["run"], RICH)
        done = work.ready(purpose="look at every page later")["id"]
        work.done(done, RICH)
        work.api.post(f"runs/{done}/close")
        places["done"] = done
    yield places


@pytest.fixture(scope="module", autouse=True)
def _end(places: dict[str, str], _whole_stack: Stack) -> Iterator[None]:
    yield
    if places:
        with Work(_whole_stack) as work:
            work.cancel(places["run"])


def opened(visitor: Visitor, path: str, runs: dict[str, str]) -> Page:
    """The page, with nothing of it still loading."""
    visitor.page.goto(path.format(**runs))
    expect(visitor.page.locator("h1, [data-page-heading], main p").first).to_be_visible()
    expect(visitor.page.locator("[aria-busy=true]")).to_have_count(0)
    return visitor.page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_grave(visit: Visit, runs: dict[str, str], name: str, scheme: Scheme) -> None:
    user, path = PAGES[name]
    page = opened(visit(user, scheme=scheme, still=True), path, runs)
    assert page.locator("html").get_attribute("data-mantine-color-scheme") == scheme
    faults = grave_faults(page)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave_in_palette_and_shortcuts(visit: Visit, scheme: Scheme) -> None:
    page = visit("analyst", scheme=scheme, still=True).visit("/")
    for keys, name in (("Control+k", "Commands"), ("?", "Keyboard shortcuts")):
        page.keyboard.press(keys)
        expect(page.get_by_role("dialog", name=name)).to_be_visible()
        assert grave_faults(page) == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("size", SIZES)
def test_no_page_is_wider_than_its_window(visit: Visit, runs: dict[str, str], size: str) -> None:
    wide: dict[str, int] = {}
    for user in {user for user, _ in PAGES.values()}:
        visitor = visit(user, size=SIZES[size])
        for name, path in ((name, path) for name, (who, path) in PAGES.items() if who == user):
            if over := sideways(opened(visitor, path, runs)):
                wide[name] = over
    assert wide == {}


def test_nothing_moves_for_who_wants_it_still(visit: Visit, runs: dict[str, str]) -> None:
    visitor = visit("analyst", still=True)
    for path in ("/", "/runs/new", "/runs/{run}"):
        page = opened(visitor, path, runs)
        page.keyboard.press("Control+k")
        expect(page.get_by_role("combobox")).to_be_focused()
        moving = page.evaluate(
            """() => document.getAnimations().filter((one) => {
              const { duration, iterations } = one.effect.getComputedTiming();
              return one.playState === 'running' && duration * Math.min(iterations, 1e6) > 200;
            }).map((one) => one.effect.target.className)"""
        )
        assert moving == [], json.dumps(moving)
        page.keyboard.press("Escape")


def test_zoomed_text_is_not_cut(visit: Visit, runs: dict[str, str]) -> None:
    """Text at twice its size (WCAG 1.4.4), by the browser's setting: media queries follow it too."""
    visitor = visit("analyst")
    browser = visitor.page.context.new_cdp_session(visitor.page)
    browser.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    for path in ("/", "/runs/new", "/runs/{run}", "/account"):
        page = opened(visitor, path, runs)
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        assert sideways(page) == 0, path
