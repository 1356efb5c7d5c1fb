"""A run's document in its frame asks nobody for anything, and no hint of it opens a connection."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from tests.functional.conftest import Visit
from tests.functional.payloads import display
from tests.functional.run_page import RunPage
from tests.functional.wires import Lure
from tests.stack import eventually
from tests.work import Work

# Markup by what it would have the browser do at {at}; a hint alone opens a connection and sends nothing.
HINTS = {
    "preconnect": '<link rel="preconnect" href="{at}">',
    "preconnect, anonymous": '<link rel="preconnect" href="{at}" crossorigin>',
    "dns-prefetch and preconnect": '<link rel="dns-prefetch preconnect" href="{at}">',
    "prefetch": '<link rel="prefetch" href="{at}/p">',
    "preload": '<link rel="preload" as="image" href="{at}/i.png"><link rel="preload" as="script" href="{at}/s">',
    "modulepreload": '<link rel="modulepreload" href="{at}/m.js">',
    "prerender": '<link rel="prerender" href="{at}/page">',
    "speculation rules": '<script type="speculationrules">{{"prefetch": [{{"urls": ["{at}/s"]}}]}}</script>',
    "stylesheet": '<link rel="stylesheet" href="{at}/x.css">',
    "icon and manifest": '<link rel="icon" href="{at}/i.ico"><link rel="manifest" href="{at}/m.json">',
    "import": '<style>@import "{at}/i.css";</style>',
    "url in a style": "<style>body {{ background: url({at}/b) }} p {{ cursor: url({at}/c), auto }}</style><p>x</p>",
    "font": "<style>@font-face {{ font-family: f; src: url({at}/f.woff2) }} b {{ font-family: f }}</style><b>x</b>",
    "image set": '<img srcset="{at}/1.png 1x, {at}/2.png 2x"><picture><source srcset="{at}/3.png"><img></picture>',
    "media": '<video autoplay preload="auto" src="{at}/v.mp4" poster="{at}/p.png"></video><audio src="{at}/a"></audio>',
    "iframe": '<iframe src="{at}/f"></iframe>',
    "object": '<object data="{at}/o"></object>',
    "embed": '<embed src="{at}/e">',
    "svg": '<svg><image href="{at}/i"/><use href="{at}/u.svg#x"/><filter><feImage href="{at}/f"/></filter></svg>',
    "refresh": '<meta http-equiv="refresh" content="0;url={at}/r">',
    "a policy of its own": '<meta http-equiv="Content-Security-Policy" content="img-src *"><img src="{at}/own.png">',
    "dns prefetch control": '<meta http-equiv="x-dns-prefetch-control" content="on"><link rel=preconnect href="{at}">',
}


@pytest.fixture
def doors() -> Iterator[dict[str, Lure]]:
    """One for each hint: a connection says nothing of who opened it."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(Lure()) for name in HINTS}


def test_a_document_of_a_run_asks_nobody_and_its_hints_open_nothing(
    visit: Visit, work: Work, doors: dict[str, Lure]
) -> None:
    """Taken out: the frame's content policy and its sandbox, in the control. Most of the doors are then opened."""
    documents = {name: hint.format(at=doors[name].address) for name, hint in HINTS.items()}
    run = work.ready(purpose="reach out")["id"]
    for document in documents.values():
        work.done(run, display(f"<!doctype html><title>x</title>{document}<h1>seen</h1>"))
    visitor = visit("analyst")
    page = RunPage(visitor, run).open().page
    frames = page.locator("iframe[src*='/outputs/']")
    for number in range(1, len(documents) + 1):
        cell = page.get_by_role("article", name=f"Cell {number}", exact=True)
        cell.scroll_into_view_if_needed()
        expect(cell.frame_locator("iframe").get_by_role("heading", name="seen")).to_be_visible()
    expect(frames).to_have_count(len(documents))
    page.wait_for_timeout(1_500)
    # Chromium connects for a frame before it looks at the policy that forbids it; then it asks for nothing.
    assert {name for name, door in doors.items() if door.opened} <= {"iframe"}
    assert doors["iframe"].asked == []
    work.cancel(run)
    control(visit, documents, doors)


def control(visit: Visit, documents: dict[str, str], doors: dict[str, Lure]) -> None:
    """The same documents without a frame and a policy: the doors notice what comes."""
    visitor = visit(None)
    for document in documents.values():
        visitor.context.new_page().set_content(document, wait_until="commit")
    # Of a bare preconnect or dns-prefetch this browser makes nothing there either: of those the above says little.
    certain = {"prefetch", "preload", "modulepreload", "stylesheet", "import", "font", "refresh", "iframe"}
    eventually(lambda: certain <= {name for name, door in doors.items() if door.opened})
    visitor.watch.offences.clear()
    visitor.watch._foreign.clear()
