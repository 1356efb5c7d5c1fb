"""The platform's own look at whole logs: what an owner of the database changed is found, and is on record."""

from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from audit import checking, tree
from audit.models import Entry
from audit.tasks import check_logs
from tests.integration.audit.roles import as_role, refused
from tests.integration.audit.sequencing import append, run_once

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
PROJECT = UUID(int=1)


def head() -> tree.Head:
    found = tree.head_of(PROJECT)
    assert found is not None
    return found


def change(statement: str) -> None:
    with as_role("owner") as owner:
        owner.execute(statement.encode())


@pytest.fixture
def grown(tmp_path: Path) -> Path:
    append(300, PROJECT)
    run_once(tmp_path)
    append(3, PROJECT)
    run_once(tmp_path)
    return tmp_path


def test_a_log_that_nobody_touched_is_verified(grown: Path) -> None:
    found = checking.check(head())
    assert (found.result, found.index, found.head.size) == ("verified", None, 303)
    meta = tree.head_of_meta()
    assert meta is not None
    assert checking.check(meta).result == "verified"


CHANGED = "set_byte(header, 20, get_byte(header, 20) # 1)"
DAMAGE = {
    "a changed entry": (
        "ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_columns_match;"
        f"UPDATE audit_entry SET header = {CHANGED} WHERE id = (SELECT entry FROM audit_leaf WHERE index = 270)",
        ("tampered", 270),
    ),
    "an entry and its hash": (
        "ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_columns_match;"
        f"UPDATE audit_entry SET header = {CHANGED} WHERE id = (SELECT entry FROM audit_leaf WHERE index = 299);"
        "UPDATE audit_tile t SET hashes = overlay(t.hashes PLACING (SELECT sha256('\\x00'::bytea || e.header)"
        " FROM audit_entry e JOIN audit_leaf l ON l.entry = e.id WHERE l.index = 299) FROM 43 * 32 + 1)"
        " WHERE level = 0 AND number = 1",
        ("tampered", None),
    ),
    "a leaf that is gone": ("DELETE FROM audit_leaf WHERE index = 302", ("tampered", 302)),
    "a key that never signed": (
        "DELETE FROM audit_signing_key; INSERT INTO audit_signing_key (public) VALUES (sha256('x'))",
        ("untrusted", None),
    ),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_what_was_changed_is_found(grown: Path, how: str) -> None:
    statement, expected = DAMAGE[how]
    change(statement)
    found = checking.check(head())
    assert (found.result, found.index) == expected


def reports() -> list[dict[str, Any]]:
    found = Entry.objects.using("reader").filter(event="audit:logs:checked").order_by("n")
    return [orjson.loads(bytes(entry.header)) for entry in found]


def test_each_log_is_checked_once_a_day_and_what_was_found_is_on_record(grown: Path) -> None:
    check_logs()
    check_logs()
    (report,) = reports()
    assert report["outcome"] == "verified"
    assert report["facts"] == {"logs": 2, "entries": 305, "bad": []}
    assert tree.heads_to_check(0) == []
    change("UPDATE audit_check SET at = now() - interval '2 hours'")
    assert tree.heads_to_check(3 * 3600) == []
    # A process that started since looks again.
    assert len(tree.heads_to_check(60)) == 2
    change("UPDATE audit_check SET at = now() - interval '25 hours'")
    change(DAMAGE["a leaf that is gone"][0])
    checking.check_due(10**6)
    report = reports()[-1]
    assert (report["outcome"], report["facts"]["bad"]) == (
        "failed",
        [{"origin": head().origin, "size": 303, "result": "tampered", "index": 302}],
    )


def test_of_two_processes_one_looks(grown: Path) -> None:
    with as_role("app") as other:
        other.execute("SELECT pg_advisory_lock(%s)", [checking._ALONE])
        assert checking.check_due(0) == 0
        other.execute("SELECT pg_advisory_unlock(%s)", [checking._ALONE])
    assert checking.check_due(0) == 2


def test_what_a_look_found_is_not_taken_back() -> None:
    for statement in ("DELETE FROM audit_check", "UPDATE audit_check SET result = 'verified'", "TRUNCATE audit_check"):
        assert refused("app", statement)
