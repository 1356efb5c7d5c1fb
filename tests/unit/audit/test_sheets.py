"""A table opens in a spreadsheet and runs nothing there."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import sheets


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("before", ["", " ", "\u00a0", "  "])
def test_no_cell_is_a_formula(first: str, before: str) -> None:
    """Taken out, one at a time: the apostrophe, the look behind spaces; the cell then began a formula."""
    (cells,) = read(sheets.line(["plain", f"{before}{first}cmd|' /C calc'!A0", f'{before}{first}HYPERLINK("x")']))
    assert [cell.startswith("'") for cell in cells] == [False, True, True]
    assert all(cell.lstrip()[:1] not in "=+-@\t\r" for cell in cells)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_every_text_comes_back(texts: list[str]) -> None:
    (cells,) = read(sheets.line(["x", *texts]))
    assert [cell.removeprefix("'") for cell in cells[1:]] == [text.removeprefix("'") for text in texts]
