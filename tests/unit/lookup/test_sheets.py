"""CSV that spreadsheets take for text."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookup import sheets


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_is_no_formula(begins: str) -> None:
    """Taken out: `safe`; the cell was then =HYPERLINK(…)."""
    line = b"".join(sheets.lines([[f"{begins}HYPERLINK(1)", "plain"]])).decode()
    assert next(csv.reader(io.StringIO(line, newline=""))) == [f"'{begins}HYPERLINK(1)", "plain"]


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=4))
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    written = b"".join(sheets.lines(rows)).decode()
    read = list(csv.reader(io.StringIO(written, newline="")))
    assert read == [[sheets.safe(cell) for cell in row] for row in rows]
    assert not any(cell[:1] in {"=", "+", "-", "@", "\t", "\r"} for row in read for cell in row if cell)
