"""The table says what an entry says, a line each."""

import csv
import io

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
