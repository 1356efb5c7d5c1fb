"""`report.html`: one page for people, to be read, printed and kept. No script, nothing from elsewhere, all escaped."""

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from audit.reading import Seen
from audit.viewing import Told

NAME, FILE, VERSION = "html", "report.html", "1"
# Rows of a table, and exports that are listed; what is beyond is counted in a last line.
_MOST_ROWS = 400
_MOST_KINDS = 5000
_MOST_LISTED = 200
_BAR = 160
_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #59636e; --rule: #d5dae0; --soft: #f3f5f7; --paper: #fff;
  --accent: #1f5fae; --no: #a8321c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --dim: #9aa5b1; --rule: #343b44; --soft: #1c2229;
  --paper: #12161b; --accent: #79aef2; --no: #f0907c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI",
  sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 62rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
header p, .dim, caption { color: var(--dim); }
.kind { margin: 0; font-size: .8rem; letter-spacing: .08em; text-transform: uppercase; color: var(--accent); }
h1 { margin: .25rem 0 .5rem; font-size: 1.9rem; line-height: 1.2; letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { margin: 3rem 0 .25rem; font-size: 1.2rem; border-top: 1px solid var(--rule); padding-top: 1.5rem; }
h2 + p { margin-top: 0; }
p { max-width: 44rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1px; margin: 1.75rem 0 0;
  border: 1px solid var(--rule); border-radius: 8px; overflow: hidden; background: var(--rule); }
.figures div { background: var(--paper); padding: .8rem 1rem; display: flex; flex-direction: column;
  justify-content: space-between; gap: .25rem; }
.figures dt { font-size: .8rem; color: var(--dim); }
.figures dd { margin: 0; font-size: 1.45rem; font-weight: 600; }
dl.terms { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.5rem; margin: 1.25rem 0 0; }
dl.terms dt { color: var(--dim); }
dl.terms dd { margin: 0; overflow-wrap: anywhere; }
code, pre { font: .87em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
pre { background: var(--soft); border-radius: 6px; padding: .9rem 1rem; white-space: pre-wrap; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0 0; }
th, td { padding: .4rem .75rem .4rem 0; text-align: left; vertical-align: baseline;
  border-bottom: 1px solid var(--rule); }
th { font-size: .8rem; font-weight: 500; color: var(--dim); white-space: nowrap; }
td.number, th.number { text-align: right; padding-right: 1.25rem; width: 6rem; }
td.bar { width: 11rem; padding-right: 0; }
td svg { display: block; height: .6rem; width: 10rem; max-width: 100%; }
rect { fill: var(--accent); opacity: .75; }
tr.no td:not(.number) { color: var(--no); }
.list td { white-space: nowrap; }
footer { margin-top: 3rem; border-top: 1px solid var(--rule); padding-top: 1rem; font-size: .87rem; }
@media (max-width: 40rem) { main { padding: 1.5rem 1rem 3rem; } dl.terms { grid-template-columns: 1fr; gap: 0; }
  dl.terms dd { margin-bottom: .6rem; } td.bar, th.bar { display: none; } }
@media print { @page { margin: 18mm 16mm; } :root { color-scheme: light; --ink: #000; --dim: #444; --rule: #bbb;
  --soft: #f4f4f4; --paper: #fff; --accent: #444; --no: #000; } body { font-size: 10pt; } main { padding: 0;
  max-width: none; } h2 { break-after: avoid; margin-top: 1.6rem; } tr, .figures, pre { break-inside: avoid; }
  thead { display: table-header-group; } }
"""
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; base-uri 'none'; form-action 'none'"
# Last words of events that say no.
_NO = ("refused", "denied", "failed", "lost", "expired", "withheld", "throttled")


@dataclass
class _Tables:
    """What the tables hold; grows with days and kinds of things, not with entries."""

    days: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    actors: set[str] = field(default_factory=set)
    decisions: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    exports: list[tuple[str, ...]] = field(default_factory=list)
    exports_more: int = 0
    earliest: str = ""
    latest: str = ""

    def take(self, one: Seen) -> None:
        header, facts = one.header, one.header["facts"]
        at, event, outcome = header["recorded_at"], header["event"], str(header["outcome"])
        self.earliest = min(self.earliest or at, at)
        self.latest = max(self.latest, at)
        _count(self.days, at[:10])
        _count(self.events, event)
        if header["actor"] and len(self.actors) < _MOST_KINDS:
            self.actors.add(header["actor"])
        if event == "policy:decision:recorded":
            _count(self.decisions, (str(facts.get("point", "")), outcome))
            for reason in facts.get("reasons", ()):
                _count(self.reasons, str(reason))
        elif event == "audit:request:refused":
            _count(self.refusals, (str(facts.get("action", "")), str(facts.get("code", ""))))
        elif event.startswith("audit:export:"):
            self._export(one, event)

    def _export(self, one: Seen, event: str) -> None:
        if len(self.exports) >= _MOST_LISTED:
            self.exports_more += 1
            return
        header = one.header
        who = (header["actor"] or "the platform")[:16]
        what, export = event.rpartition(":")[2], header["subject"].partition(":")[2]
        self.exports.append((_time(header["recorded_at"]), what, export, who, str(one.index)))


def _count[Key](counter: Counter[Key], key: Key) -> None:
    if key in counter or len(counter) < _MOST_KINDS:
        counter[key] += 1


def head(told: Told) -> bytes:
    """The page begins."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>Evidence report: {escape(told.origin)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
    ).encode()


def records(told: Told, entries: Iterable[Seen]) -> Iterator[bytes]:
    """The page."""
    tables = _Tables()
    for one in entries:
        tables.take(one)
    yield "".join([*_summary(told, tables), *_happened(tables), *_said_no(tables), *_left(tables)]).encode()
    yield (_HOW.format(export=escape(told.export)) + "</main>\n</body>\n</html>\n").encode()


# ---- parts of the page ----


def _summary(told: Told, tables: _Tables) -> Iterator[str]:
    counts = told.counts.told
    yield '<header>\n<p class="kind">Evidence report</p>\n'
    yield f"<h1>{_period(tables)}</h1>\n"
    yield f"<p>What the audit log of project <code>{escape(told.project)}</code> shows of that time. "
    yield "Everything here is derived from the log's entries, which lie beside this page in the bundle.</p>\n"
    figures = [
        ("entries in the bundle", counts["entries"]),
        ("of them in this report", counts["matched"]),
        ("people who acted", len(tables.actors)),
        ("sealed fields opened", counts["opened"]),
        ("fields closed", counts["closed"]),
        ("fields erased", counts["erased"]),
    ]
    yield '<dl class="figures">\n'
    yield from (f"<div><dt>{name}</dt><dd>{number:,}</dd></div>\n" for name, number in figures)
    yield "</dl>\n</header>\n"
    wanted = told.filter
    terms = [
        ("Log", _code(told.origin)),
        ("Entries", f"{told.first:,} to {told.end - 1:,}" if told.end > told.first else "none"),
        ("Proved against", f"checkpoint of {told.size:,} entries, root {_code(told.root)}"),
        ("Asked for", f"export {_code(told.export)}, {_time(told.asked_at)}"),
        ("Times", f"{_time(wanted.since) if wanted.since else 'from the first entry'} to "
                  f"{_time(wanted.until) if wanted.until else 'the last'}"),
        ("Events", ", ".join(map(_code, sorted(wanted.events))) or "all"),
    ]  # fmt: skip
    yield '<dl class="terms">\n'
    yield from (f"<dt>{name}</dt><dd>{text}</dd>\n" for name, text in terms)
    yield "</dl>\n"


def _happened(tables: _Tables) -> Iterator[str]:
    yield '<h2>By day</h2>\n<p class="dim">Entries recorded on each day, in UTC.</p>\n'
    yield from _table(("Day", "Entries"), [((day,), number) for day, number in sorted(tables.days.items())])
    yield '<h2>By event</h2>\n<p class="dim">What happened, most often first.</p>\n'
    events = [((event,), number) for event, number in tables.events.most_common()]
    yield from _table(("Event", "Entries"), events, marked=lambda cells: cells[0].endswith(_NO))


def _said_no(tables: _Tables) -> Iterator[str]:
    yield '<h2>Decisions of policy</h2>\n<p class="dim">Each question to policy and its answer is an entry.</p>\n'
    decisions = sorted(tables.decisions.items())
    yield from _table(("Point", "Outcome", "Decisions"), decisions, marked=lambda cells: cells[1] != "allow")
    if tables.reasons:
        reasons = [((reason,), number) for reason, number in tables.reasons.most_common()]
        yield from _table(("Reason against", "Decisions"), reasons)
    yield '<h2>Refusals</h2>\n<p class="dim">What somebody asked for and the platform did not do.</p>\n'
    yield from _table(("Action", "Why", "Refusals"), tables.refusals.most_common())


def _left(tables: _Tables) -> Iterator[str]:
    yield '<h2>Exports</h2>\n<p class="dim">Evidence that was asked for, made, and taken away.</p>\n'
    if not tables.exports:
        yield "<p>None in this time.</p>\n"
        return
    names = ("Time", "What", "Export", "By", "Entry")
    yield '<div class="scroll"><table class="list">\n<thead><tr>'
    yield "".join(f'<th scope="col">{name}</th>' for name in names)
    yield "</tr></thead>\n<tbody>\n"
    for row in tables.exports:
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n"
    yield "</tbody></table></div>\n"
    if tables.exports_more:
        yield f'<p class="dim">And {tables.exports_more:,} more.</p>\n'


_HOW = """<h2>How to verify</h2>
<p>This page is signed with the bundle, but nothing proves that it tells all. The entries are proved: take the bundle
to a machine that you trust, with the verifier (one file, Python and <code>cryptography</code>) and the log’s public
keys as the operator published them. It names the first entry that is not as it was signed.</p>
<pre>python verifier.py bailiwick-{export}.zip --key keys</pre>
<p>Then compare: the verifier’s report has the same root and the same counts as this page. An entry that somebody held
back would be missing from the range, and the verifier would say so.</p>
<footer class="dim"><p>Not proved: that what a sandbox reported is true; who is behind a pseudonym; that nothing
happened which nobody recorded. Times are those of the machines that wrote the entries.</p></footer>
"""


def _table(
    names: Sequence[str],
    rows: Sequence[tuple[Sequence[str], int]],
    marked: Callable[[Sequence[str]], bool] = lambda cells: False,
) -> Iterator[str]:
    """Names and a number a row, with a bar for the number."""
    if not rows:
        yield "<p>None in this time.</p>\n"
        return
    *texts, number = names
    yield '<div class="scroll"><table>\n<thead><tr>' + "".join(f'<th scope="col">{name}</th>' for name in texts)
    yield f'<th scope="col" class="number">{number}</th><th class="bar" aria-hidden="true"></th></tr></thead>\n'
    yield "<tbody>\n"
    most = max(count for _, count in rows)
    for cells, count in rows[:_MOST_ROWS]:
        mark = ' class="no"' if marked(cells) else ""
        width = max(1, round(_BAR * count / most))
        yield f"<tr{mark}>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        yield f'<td class="number">{count:,}</td><td class="bar" aria-hidden="true"><svg viewBox="0 0 {_BAR} 10" '
        yield f'preserveAspectRatio="none"><rect width="{width}" height="10" rx="2"/></svg></td></tr>\n'
    yield "</tbody></table></div>\n"
    if len(rows) > _MOST_ROWS:
        left = rows[_MOST_ROWS:]
        yield f'<p class="dim">And {len(left):,} more rows, of {sum(count for _, count in left):,}.</p>\n'


def _period(tables: _Tables) -> str:
    first, last = tables.earliest[:10], tables.latest[:10]
    if not first:
        return "No entries"
    return escape(first if first == last else f"{first} to {last}")


def _time(text: str) -> str:
    return escape(f"{text[:10]} {text[11:19]} UTC")


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"
