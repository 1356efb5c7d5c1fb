"""Rows as CSV that a spreadsheet takes for text, whatever is in them. Pure."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

# What a spreadsheet takes for the beginning of a formula, or skips before it.
_BEGINS = ("=", "+", "-", "@", "\t", "\r")


def safe(cell: str) -> str:
    """The cell as text that is no formula: one that would begin one begins with an apostrophe instead."""
    return f"'{cell}" if cell.startswith(_BEGINS) else cell


def lines(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Each row as a line of RFC 4180, in UTF-8."""
    for row in rows:
        written = io.StringIO()
        csv.writer(written, lineterminator="\r\n").writerow([safe(cell) for cell in row])
        yield written.getvalue().encode()
