"""The report is one page that loads nothing, runs nothing, and shows what the entries say, whatever that is."""

import base64
import hashlib
import re
from html.parser import HTMLParser

from audit.reading import Filter, Seen
from audit.views import report
from tests.unit.audit.viewed import entry, told

EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'&"
ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "footer", "h1", "h2", "p", "dl", "dt", "dd"),
    *("div", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "svg", "rect"),
}


class Page(HTMLParser):
    """The tags and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def page(*entries: Seen, chosen: Filter | None = None) -> str:
    of = told(*entries, chosen=chosen or Filter())
    return (report.head(of) + b"".join(report.records(of, entries))).decode()


def test_nothing_of_an_entry_is_markup() -> None:
    """Taken out: the escaping of cells."""
    entries = [
        entry(EVIL, recorded_at=EVIL, outcome=EVIL, subject=EVIL, actor=EVIL),
        entry("policy:decision:recorded", facts={"point": EVIL, "reasons": [EVIL]}, outcome=EVIL),
        entry("audit:request:refused", facts={"action": EVIL, "code": EVIL}),
        entry("audit:export:downloaded", subject=f"export:{EVIL}", actor=EVIL, recorded_at=EVIL),
    ]
    found = Page(page(*entries, chosen=Filter(since=EVIL, until=EVIL, events=frozenset({EVIL}))))
    assert found.tags <= ALLOWED
    assert found.attributes <= {
        *("lang", "charset", "http-equiv", "content", "name", "class", "scope", "aria-hidden"),
        *("viewbox", "preserveaspectratio", "width", "height", "rx"),
    }
    assert EVIL in found.text


def test_nothing_is_loaded_and_only_its_own_style_applies() -> None:
    found = page(entry())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', found)
    style = re.search(r"<style>(.*?)</style>", found, re.DOTALL)
    assert policy and style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src &#x27;none&#x27;; style-src &#x27;sha256-{digest}&#x27;" in policy[1]
    assert not re.search(r"https?:|url\(|@import|src=|href=", found)


def test_it_says_what_happened() -> None:
    entries = [
        entry(index=0, recorded_at="2026-01-30T23:59:59.000000Z"),
        entry("policy:decision:recorded", 1, facts={"point": "run", "reasons": ["too_late"]}, outcome="deny"),
        entry("audit:request:refused", 2, facts={"action": "runs.cancel", "code": "not_yours"}, outcome="refused"),
        entry("audit:export:downloaded", 3, subject="export:77"),
    ]
    text = Page(page(*entries)).text
    for told_of in ("2026-01-30 to 2026-01-31", "policy:decision:recorded", "too_late", "runs.cancel", "not_yours"):
        assert told_of in text
    for told_of in ("downloaded", "77", "How to verify", "cd" * 32):
        assert told_of in text
    assert "None in this time." in Page(page(entry())).text
    assert "No entries" in Page(page()).text


def test_many_rows_are_cut_and_counted() -> None:
    days = [entry(index=number, recorded_at=f"{2000 + number:04d}-01-01T00:00:00.000000Z") for number in range(450)]
    text = Page(page(*days)).text
    assert "And 50 more rows, of 50." in text
