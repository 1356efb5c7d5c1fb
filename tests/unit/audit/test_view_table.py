"""The table opens in a spreadsheet and runs nothing there."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.views import table
from tests.unit.audit.viewed import entry, told


def rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))


def test_an_entry_is_a_line() -> None:
    one = entry(
        index=3, facts={"b": 1, "a": "x"}, fields={"purpose": 'say "hi", twice', "name": None}, opened={"code": "ff"}
    )
    data = table.head(told(one)) + b"".join(table.records(told(one), [one]))
    names, cells = rows(data)
    assert names == list(table.COLUMNS)
    assert dict(zip(names, cells, strict=True)) == {
        "index": "3", "id": one.header["id"], "recorded_at": one.header["recorded_at"], "event": "runs:run:requested",
        "version": "1", "outcome": "ok", "actor": "a" * 64, "subject": "run:1", "facts": '{"a": "x", "b": 1}',
        "opened": '{"purpose": "say \\"hi\\", twice"}', "not_opened": "name", "contents": '{"code": "ff"}',
        "leaf_hash": "ab" * 32,
    }  # fmt: skip
    assert data.count(b"\r\n") == 2


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("before", ["", " ", "\u00a0", "  "])
def test_no_cell_is_a_formula(first: str, before: str) -> None:
    """Taken out: the apostrophe; then the look behind spaces."""
    one = entry(subject=f"{before}{first}cmd|' /C calc'!A0", outcome=f'{before}{first}HYPERLINK("x")')
    ((cells),) = rows(b"".join(table.records(told(one), [one])))
    assert sum(cell.startswith("'") for cell in cells) == 2
    assert all(cell.lstrip()[:1] not in "=+-@\t\r" for cell in cells if cell)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_every_text_comes_back(texts: list[str]) -> None:
    (cells,) = rows(table.line(["x", *texts]))
    assert [cell.removeprefix("'") for cell in cells[1:]] == [text.removeprefix("'") for text in texts]
