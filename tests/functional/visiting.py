"""A person in front of a browser of their own, watched for everything that a page of the console must never do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, StorageState, expect

from tests.functional.accounts import Account
from tests.stack import Stack, eventually
from tools.setup import LOGS, ROOT

Scheme = Literal["light", "dark"]
PATIENCE_MS = 15_000
PICTURES = LOGS / "functional"
AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
GRAVE = ("serious", "critical")
# A rich output is a document of its own in a sandboxed frame: what the browser stops in there is a defence at work.
OUTPUT = re.compile(r"/executions/\d+/outputs/\d+")
# What it says of frames inside of that frame names them, or a rule that the console's own policy does not have.
DEEPER = re.compile(r"about:srcdoc|'frame-src' was not explicitly set|'object-src' was not explicitly set")
# The browser itself reports every refusal that it loads; each of them is shown to the person.
REFUSED = re.compile(r"^Failed to load resource: the server responded with a status of 4\d\d")
SILENCE = re.compile(r"^Failed to load resource: net::ERR_")


@dataclass
class Watch:
    """What pages did that they must not: `offences`; and what was stopped inside of a sandboxed frame: `contained`."""

    origin: str
    # Another party that the person's browser is sent to: an identity provider.
    also: tuple[str, ...] = ()
    offences: list[str] = field(default_factory=list)
    contained: list[str] = field(default_factory=list)
    tolerated: list[re.Pattern[str]] = field(default_factory=lambda: [REFUSED])
    _foreign: list[tuple[Request, str]] = field(default_factory=list)

    def over(self, context: BrowserContext) -> Self:
        """Watch every page of a context, those that are still to come too."""
        context.on("request", self._request)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.offences.append(f"uncaught: {error.error}"))
        context.on("page", self._page)
        return self

    def found(self) -> list[str]:
        """Every offence so far."""
        # Of what failed inside of an output's frame, the address that was asked knows whether it arrived.
        left = [request for request, page in self._foreign if not (request.failure and OUTPUT.search(page))]
        return self.offences + [f"asked another origin: {request.url}" for request in left]

    def _page(self, page: Page) -> None:
        def asked(dialog: Any) -> None:
            # Leaving a page with unsaved words may ask; nothing else may.
            if dialog.type != "beforeunload":
                self.offences.append(f"opened a dialog: {dialog.message}")
            dialog.dismiss()

        page.on("dialog", asked)

    def _request(self, request: Request) -> None:
        ours = request.url.startswith((f"{self.origin}/", "data:", "blob:", "about:"))
        # What the other party's own pages ask is theirs.
        if not ours and not any(url.startswith(self.also) for url in (request.url, request.frame.url) if self.also):
            self._foreign.append((request, request.frame.url))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type != "error" or any(pattern.search(message.text) for pattern in self.tolerated):
            return
        where = message.location["url"]
        blocked = message.text.startswith("Blocked ") and OUTPUT.search(message.text)
        inside = blocked or OUTPUT.search(where) or DEEPER.search(f"{where} {message.text}")
        (self.contained if inside else self.offences).append(f"console: {message.text} ({where})")


class Visitor:
    """One person's browser context."""

    def __init__(
        self,
        browser: Browser,
        stack: Stack,
        user: str | None,
        *,
        scheme: Scheme = "light",
        size: tuple[int, int] = (1280, 900),
        still: bool = False,
        session: StorageState | None = None,
        relay: str | None = None,
        origin: str | None = None,
        also: tuple[str, ...] = (),
        address: str | None = None,
    ) -> None:
        """`origin` is that of another web process, or the same one's by another name; `also` are origins that the
        person may be sent to. `address` is where they sit, as a proxy in front of the platform would say it."""
        self.stack = stack
        self.user = user
        self.origin = origin or stack.url
        self.context = browser.new_context(
            base_url=self.origin,
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            reduced_motion="reduce" if still else "no-preference",
            locale="en-GB",
            timezone_id="UTC",
            storage_state=session,
            # Chromium goes around any proxy for loopback addresses unless it is told not to.
            proxy={"server": relay, "bypass": "<-loopback>"} if relay else None,
            extra_http_headers={"X-Forwarded-For": address} if address else None,
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.watch = Watch(self.origin, also).over(self.context)
        self.page = self.context.new_page()

    def visit(self, path: str) -> Page:
        """Open an address of the console and wait until the page is there."""
        self.page.goto(path)
        return self.settled()

    def settled(self) -> Page:
        """The page once it has its heading and nothing of it is still loading."""
        expect(self.page.locator("[data-page-heading]").first).to_be_visible(timeout=PATIENCE_MS)
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0, timeout=PATIENCE_MS)
        return self.page

    def has_kept(self, words: str) -> None:
        """Wait until the tab keeps what was written and not sent, over a reload."""
        # Not by the browser library's own waiting: that is code from a string, which the console's policy forbids.
        held = "words => Object.values({ ...sessionStorage }).some((one) => one.includes(words))"
        eventually(lambda: self.page.evaluate(held, words))

    def sign_in(self, path: str = "/account", *, account: Account | None = None) -> Page:
        """Sign in by the form, on the way to a page: as the demo's user, or by that account."""
        self.offer(path, account=account)
        expect(self.page.get_by_role("navigation").first).to_be_visible(timeout=PATIENCE_MS)
        return self.settled()

    def offer(self, path: str = "/account", *, account: Account | None = None, password: str | None = None) -> Page:
        """Give name and password to the form; another password, if one is named."""
        if account is None:
            assert self.user is not None
            known = self.stack.users[self.user]
            account = Account("", known["username"], known["password"])
        self.page.goto(path)
        self.page.get_by_label("User name").fill(account.username)
        self.page.get_by_label("Password", exact=True).fill(password or account.password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        return self.page

    def sign_out(self) -> None:
        """Leave by the menu."""
        self.page.get_by_role("button", name=re.compile("account and theme")).click()
        self.page.get_by_role("menuitem", name="Sign out").click()
        expect(self.page.get_by_label("User name")).to_be_visible()

    def tolerate(self, pattern: str | re.Pattern[str]) -> None:
        """Let what a test provokes be said in the browser's console."""
        self.watch.tolerated.append(re.compile(pattern))

    @contextmanager
    def without_network(self) -> Iterator[None]:
        """The browser says that there is no network, as on a train."""
        self.watch.tolerated.append(SILENCE)
        self.context.set_offline(True)
        try:
            yield
        finally:
            self.context.set_offline(False)

    def picture(self, name: str) -> Path:
        """A screenshot beside the setup's logs, for who looks after a failure."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        self.page.screenshot(path=path)
        return path

    def leave(self) -> list[str]:
        """End the browser's session; tells what its pages did that they must not."""
        self.context.close()
        return self.watch.found()


@cache
def _axe() -> str:
    return AXE.read_text()


def grave_faults(page: Page) -> list[str]:
    """What axe finds on the page that is serious or critical, each with the first places."""
    page.evaluate(_axe())
    report: dict[str, Any] = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{fault['id']} ({fault['impact']}): {fault['help']}: "
        + "; ".join(
            f"{node['html'][:160]} {' '.join(node['any'][0]['message'].split())}" if node["any"] else node["html"][:160]
            for node in fault["nodes"][:3]
        )
        for fault in report["violations"]
        if fault["impact"] in GRAVE
    ]


def at_rest(locator: Locator) -> dict[str, float]:
    """Where an element is once it has come to rest: a dialog that opens is scaled for a while, and all in it."""
    box: dict[str, float] = locator.evaluate(
        """element => new Promise((done) => {
          let before = '';
          let same = 0;
          const look = () => {
            const { x, y, width, height } = element.getBoundingClientRect();
            const now = [x, y, width, height].join();
            same = now === before ? same + 1 : 0;
            before = now;
            const moving = document.getAnimations().some((one) => one.effect.target?.contains(element));
            if (same > 5 && !moving) done({ x, y, width, height });
            else requestAnimationFrame(look);
          };
          look();
        })"""
    )
    return box


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width
