"""Endings go through while the log takes nothing; their entries are appended later, in order, once, marked late."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from django.conf import settings
from django.db import connections, transaction

import audit
from audit import Event
from audit.log import NotRecorded
from audit.models import Entry
from identity.models import Project

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

COLUMNS = "(id, tenant, event, subject, header)"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "AUDIT_JOURNAL", tmp_path / "journal")
    return tmp_path / "journal"


@contextmanager
def log_that_takes_nothing() -> Iterator[None]:
    chosen = connections["owner"].settings_dict
    place = {"host": chosen["HOST"], "port": chosen["PORT"], "dbname": chosen["NAME"]}
    with psycopg.connect(**place, user=chosen["USER"], password=chosen["PASSWORD"], autocommit=True) as owner:
        owner.execute(f"REVOKE INSERT {COLUMNS} ON audit_entry FROM bailiwick_app".encode())
        try:
            yield
        finally:
            owner.execute(f"GRANT INSERT {COLUMNS} ON audit_entry TO bailiwick_app".encode())


def entries() -> list[dict[str, Any]]:
    return [orjson.loads(bytes(entry.header)) for entry in Entry.objects.using("reader").order_by("n")]


def end(number: int, facts: Any = None) -> None:
    """An ending: it changes something and leaves an entry."""
    with transaction.atomic():
        Project.objects.create(slug=f"ended-{number}", name="Ended")
        facts = {"n": number} if facts is None else facts
        audit.append_or_journal(Event.RUNS_RUN_CLOSED, tenant=None, actor=None, subject=f"run:{number}", facts=facts)


def test_while_the_log_takes_entries_nothing_is_journalled(folder: Path) -> None:
    end(1)
    assert [entry["subject"] for entry in entries()] == ["run:1"]
    assert "late" not in entries()[0]["facts"]
    assert list(folder.glob("*.json")) == []


def test_an_ending_goes_through_and_is_appended_later_in_order_and_once(folder: Path) -> None:
    with log_that_takes_nothing():
        for number in range(5):
            end(number)
        assert Project.objects.filter(slug__startswith="ended-").count() == 5
        assert entries() == []
        assert len(list(folder.glob("*.json"))) == 5
        assert audit.append_journalled() == 0
    assert audit.append_journalled() == 5
    assert audit.append_journalled() == 0
    assert [entry["subject"] for entry in entries()] == [f"run:{number}" for number in range(5)]
    assert all(entry["facts"]["late"] is True and entry["facts"]["journalled_at"] > 0 for entry in entries())


def test_an_entry_whose_file_outlived_a_crash_is_not_appended_twice(folder: Path) -> None:
    with log_that_takes_nothing():
        end(1)
    (kept,) = folder.glob("*.json")
    content = kept.read_bytes()
    assert audit.append_journalled() == 1
    kept.write_bytes(content)
    assert audit.append_journalled() == 1
    assert list(folder.glob("*.json")) == []
    assert len(entries()) == 1


def test_half_a_file_is_no_entry(folder: Path) -> None:
    end(1)
    folder.mkdir(exist_ok=True)
    (folder / ".0001-half").write_bytes(b'{"event": "runs:ru')
    assert audit.append_journalled() == 0


def test_without_log_and_without_journal_the_ending_says_so(folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    with log_that_takes_nothing(), pytest.raises((NotRecorded, OSError)):
        end(1)
    assert not Project.objects.filter(slug="ended-1").exists()


@pytest.mark.parametrize("facts", [{"n": 1.5}, {"n": "x" * 70_000}], ids=["no canonical form", "too large"])
def test_facts_that_the_log_can_never_take_neither_stop_the_ending_nor_block_the_journal(
    facts: Any, folder: Path
) -> None:
    # Defence taken out by hand: kept in the journal as they were, they stopped every entry after them.
    end(1, facts)
    with log_that_takes_nothing():
        end(2, facts)
        end(3)
    assert audit.append_journalled() == 2
    assert [(entry["subject"], entry["facts"].get("unfit")) for entry in entries()] == [
        ("run:1", True),
        ("run:2", True),
        ("run:3", None),
    ]
