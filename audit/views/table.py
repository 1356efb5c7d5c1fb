"""`entries.csv`: one line an entry, for spreadsheets and databases (RFC 4180, UTF-8, CRLF).

A cell that a spreadsheet would take for a formula has an apostrophe before it: `=`, `+`, `-`, `@`, TAB and CR begin
one, in their full-width forms too, and behind spaces.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from audit.reading import Seen
from audit.viewing import Told

NAME, FILE, VERSION = "csv", "entries.csv", "1"
COLUMNS = (
    *("index", "id", "recorded_at", "event", "version", "outcome", "actor", "subject", "facts"),
    *("opened", "not_opened", "contents", "leaf_hash"),
)
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
_QUOTED = frozenset(',"\r\n')


def head(told: Told) -> bytes:
    """The names of the columns."""
    return line(COLUMNS)


def records(told: Told, entries: Iterable[Seen]) -> Iterator[bytes]:
    """The lines of the entries."""
    for one in entries:
        yield line(_cells(one))


def _cells(one: Seen) -> Iterator[str]:
    header = one.header
    yield str(one.index)
    for name in ("id", "recorded_at", "event", "version", "outcome", "actor", "subject"):
        value = header[name]
        yield "" if value is None else str(value)
    yield _object(header["facts"])
    yield _object({name: text for name, text in one.fields.items() if text is not None})
    yield " ".join(name for name, text in one.fields.items() if text is None)
    yield _object(one.opened)
    yield one.leaf_hash


def _object(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""


def line(cells: Iterable[str]) -> bytes:
    """A line of cells, each safe in a spreadsheet."""
    return (",".join(_written(cell) for cell in cells) + "\r\n").encode("utf-8", "replace")


def _written(cell: str) -> str:
    if _FORMULA.intersection(cell[: len(cell) - len(cell.lstrip()) + 1]):
        cell = f"'{cell}"
    if _QUOTED.intersection(cell):
        return '"' + cell.replace('"', '""') + '"'
    return cell
