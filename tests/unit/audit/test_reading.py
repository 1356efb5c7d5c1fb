"""What is read back of a bundle is what the verifier will count."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import tiles, viewing
from audit.reading import Counts, Filter, entries, header_of, seen
from tests.unit.audit.bundles import Export, a_log, unpacked
from tests.unit.audit.verifying import told
from tests.unit.audit.viewed import entry
from tests.unit.audit.viewed import told as told_of


@given(st.lists(st.binary(max_size=300), max_size=20), st.integers(1, 97))
def test_entries_come_back_however_they_are_cut(given_entries: list[bytes], step: int) -> None:
    data = tiles.bundle(given_entries)
    pieces = [data[at : at + step] for at in range(0, len(data), step)]
    assert list(entries(pieces)) == given_entries


def test_the_counts_are_the_verifiers(tmp_path: Path) -> None:
    """Written into the manifest they verify; any one of them otherwise does not. Taken out: the comparison."""
    chosen = Filter(events=frozenset({"runs:run:requested"}))
    files = unpacked(Export(a_log(), step=8).make())
    counts = Counts()
    for first, end in ((0, 8), (8, 16), (16, 20)):
        for one in seen(first, [files[f"entries/{first}-{end}"]], [files[f"payloads/{first}-{end}"]], chosen):
            counts.take(one)
    assert counts.told["matched"] == 19 and counts.told["erased"] > 0 and counts.told["opened"] > 0

    def made(**changed: int) -> bytes:
        about = {"filter": chosen.told, "counts": counts.told | changed}
        return Export(a_log(), step=8, manifest=lambda manifest: manifest | {"about": about}).make()

    assert told(tmp_path, made())["exit"] == 0
    for name, number in counts.told.items():
        report = told(tmp_path, made(**{name: number + 1}))
        assert (report["exit"], report["file"]) == (10, "manifest.json"), name


@pytest.mark.parametrize("wrong", ["x", {"events": 1}, {"events": [1]}, {"since": 5}, ["x"]])
def test_a_filter_that_says_nothing_is_not_verified(wrong: object, tmp_path: Path) -> None:
    bundle = Export(a_log(), manifest=lambda manifest: manifest | {"about": {"filter": wrong}}).make()
    assert told(tmp_path, bundle)["exit"] == 10


@pytest.mark.parametrize(
    "entry",
    [b"", b"x", b"[]", b"{}", b'{"id":1,"event":"a:b:c","recorded_at":"","subject":"","facts":{},"commitments":{}}'],
)
def test_what_is_no_entry_is_skipped(entry: bytes) -> None:
    """Somebody changed it in the database: it leaves as it is, and the verifier names it."""
    assert header_of(entry) is None
    assert list(seen(0, [tiles.bundle([entry])], [], Filter())) == []


def test_a_filter_takes_its_time_and_its_events() -> None:
    one = entry(recorded_at="2026-01-31T09:30:00.250000Z").header
    assert Filter().takes(one)
    assert Filter(since="2026-01-31T09:30:00.250000Z").takes(one)
    assert not Filter(until="2026-01-31T09:30:00.250000Z").takes(one)
    assert not Filter(since="2026-01-31T09:30:00.250001Z").takes(one)
    assert Filter(until="2026-02-01T00:00:00.000000Z", events=frozenset({"runs:run:requested"})).takes(one)
    assert not Filter(events=frozenset({"runs:run:denied"})).takes(one)


def test_a_view_goes_on_in_another_file_before_a_file_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewing, "MOST", 600)
    view, of = viewing.known()["csv"], [entry(index=number) for number in range(6)]
    files = {name: b"".join(pieces) for name, pieces in viewing.files(view, told_of(*of), of)}
    assert list(files) == [f"views/entries{more}.csv" for more in ("", "-2", "-3", "-4", "-5", "-6")][: len(files)]
    assert len(files) > 1
    assert all(content.startswith(b"index,id,") and len(content) <= 600 for content in files.values())
    assert sum(content.count(b"\r\n") - 1 for content in files.values()) == 6
    assert next(viewing.files(view, told_of(), []))[0] == "views/entries.csv"


def test_each_view_has_a_name_a_file_and_a_version() -> None:
    assert json.dumps({name: view.FILE for name, view in viewing.known().items()}) == (
        '{"csv": "entries.csv", "html": "report.html", "ocsf": "ocsf.jsonl"}'
    )
    assert all(view.VERSION for view in viewing.known().values())
