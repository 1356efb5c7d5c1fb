"""Rows as CSV (RFC 4180, UTF-8, CRLF) that a spreadsheet takes for text, whatever is in them. Pure.

A cell that a spreadsheet would take for a formula has an apostrophe before it: `=`, `+`, `-`, `@`, TAB and CR begin
one, in their full-width forms too, and behind spaces.
"""

from collections.abc import Iterable

_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
_QUOTED = frozenset(',"\r\n')


def line(cells: Iterable[str]) -> bytes:
    """A line of cells, each safe in a spreadsheet."""
    return (",".join(_written(cell) for cell in cells) + "\r\n").encode("utf-8", "replace")


def _written(cell: str) -> str:
    if _FORMULA.intersection(cell[: len(cell) - len(cell.lstrip()) + 1]):
        cell = f"'{cell}"
    if _QUOTED.intersection(cell):
        return '"' + cell.replace('"', '""') + '"'
    return cell
