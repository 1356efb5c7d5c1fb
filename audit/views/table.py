"""`entries.csv`: one line an entry, for spreadsheets and databases."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from audit import sheets
from audit.reading import Seen
from audit.viewing import Told

NAME, FILE, VERSION = "csv", "entries.csv", "1"
COLUMNS = (
    *("index", "id", "recorded_at", "event", "version", "outcome", "actor", "subject", "facts"),
    *("opened", "not_opened", "contents", "leaf_hash"),
)


def head(told: Told) -> bytes:
    """The names of the columns."""
    return sheets.line(COLUMNS)


def records(told: Told, entries: Iterable[Seen]) -> Iterator[bytes]:
    """The lines of the entries."""
    for one in entries:
        yield sheets.line(_cells(one))


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
