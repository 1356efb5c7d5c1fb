"""Endings go through while the log takes nothing; their entries are appended later, in order, once, marked late."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.db import connection, transaction

import audit
from audit import Event
from audit.log import NotRecorded
from audit.models import Entry
from identity.models import Project
from tests.integration.audit.roles import as_role

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

COLUMNS = "(id, tenant, event, subject, header)"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "AUDIT_JOURNAL", tmp_path / "journal")
    return tmp_path / "journal"


# What makes a log take nothing, and what ends it.
NO_RIGHT = (
    f"REVOKE INSERT {COLUMNS} ON audit_entry FROM bailiwick_app",
    f"GRANT INSERT {COLUMNS} ON audit_entry TO bailiwick_app",
)
# As PostgreSQL says it when the disk is full.
NO_ROOM = (
    "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " RAISE disk_full USING MESSAGE = 'could not extend file: No space left on device'; END $$;"
    "CREATE TRIGGER full_disk BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION full_disk()",
    "DROP TRIGGER full_disk ON audit_entry; DROP FUNCTION full_disk",
)
LOCKED = ("BEGIN; LOCK TABLE audit_entry IN ACCESS EXCLUSIVE MODE", "ROLLBACK")


@contextmanager
def log_that_takes_nothing(how: tuple[str, str] = NO_RIGHT) -> Iterator[None]:
    begin, end = how
    with as_role("owner") as owner:
        owner.execute(begin.encode())
        try:
            yield
        finally:
            owner.execute(end.encode())


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


@pytest.mark.parametrize("how", [NO_RIGHT, NO_ROOM], ids=["no right", "no room"])
def test_an_ending_goes_through_and_is_appended_later_in_order_and_once(how: tuple[str, str], folder: Path) -> None:
    with log_that_takes_nothing(how):
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


def test_an_ending_does_not_wait_for_who_holds_the_log(folder: Path) -> None:
    """Taken out: the short patience; the ending then waited ten seconds, as for any lock."""
    with log_that_takes_nothing(LOCKED):
        begun = time.monotonic()
        end(1)
        assert time.monotonic() - begun < 5
        assert Project.objects.filter(slug="ended-1").exists()
        assert len(list(folder.glob("*.json"))) == 1
    end(2)
    assert audit.append_journalled() == 1
    assert [entry["subject"] for entry in entries()] == ["run:2", "run:1"]
    # The rest of an ending's transaction is as patient as others.
    with transaction.atomic(), connection.cursor() as cursor:
        audit.append_or_journal(Event.RUNS_RUN_CLOSED, tenant=None, actor=None, subject="run:3")
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("10s",)


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
