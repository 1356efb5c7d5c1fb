"""Personal fields: sealed beside their entry under their person's key, with the entry or not at all."""

import hashlib
import uuid
from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest
from django.db import connections, transaction

import audit
from audit import Event, datakeys, sealing
from audit.events import version_of
from audit.log import NotRecorded
from tests.integration.audit.roles import as_role, refused

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

ADA, BOB = "a" * 64, "b" * 64


def append(about: str | None = ADA, personal: dict[str, str] | None = None, **more: Any) -> UUID:
    fields = {"purpose": "find Ada's fraud"} if personal is None else personal
    with transaction.atomic():
        return audit.append(
            Event.RUNS_RUN_REQUESTED, tenant=None, actor=None, subject="run:1", personal=fields, about=about, **more
        )


def read(entry: UUID, field: str = "purpose") -> tuple[dict[str, Any], bytes, UUID]:
    """The header's word on the field, the sealed bytes, and the id of their key."""
    with connections["reader"].cursor() as cursor:
        cursor.execute("SELECT header FROM audit_entry WHERE id = %s", [entry])
        (header,) = cursor.fetchone() or (b"{}",)
        cursor.execute("SELECT sealed, key FROM audit_payload WHERE entry = %s AND field = %s", [entry, field])
        sealed, key = cursor.fetchone() or (b"", uuid.UUID(int=0))
    return orjson.loads(bytes(header))["sealed"][field], bytes(sealed), key


def test_a_personal_field_is_sealed_and_the_entry_commits_to_it() -> None:
    entry = append()
    told, sealed, key_id = read(entry)
    assert told["digest"] == hashlib.sha256(sealed).hexdigest()
    assert told["key"] == str(key_id)
    data_key = datakeys.keys_by_id([key_id])[key_id]
    opened = sealing.open_sealed(sealed, entry=entry, field="purpose", data_key=data_key)
    assert opened.content == b"find Ada's fraud"
    assert told["commitment"] == audit.commit_to(hashlib.sha256(opened.content).digest(), opened.salt)


def test_nothing_of_it_lies_anywhere_in_plain() -> None:
    append()
    with as_role("owner") as owner:
        for table in ("audit_entry", "audit_payload", "audit_data_key"):
            rows = owner.execute(f"SELECT t.*::text FROM {table} t".encode()).fetchall()
            assert rows
            assert "fraud" not in str(rows)
            assert b"fraud".hex() not in str(rows)


def test_each_person_has_one_key_and_no_two_the_same() -> None:
    keys = [read(append(about))[2] for about in (ADA, BOB, ADA)]
    assert keys[0] == keys[2] != keys[1]
    data = datakeys.keys_by_id(keys)
    assert len(set(data.values())) == 2


def test_an_action_that_rolls_back_takes_payload_and_new_key_along() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.append(Event.USER_CREATED, tenant=None, actor=None, subject="x:1", personal={"a": "b"}, about=ADA)
        raise ZeroDivisionError
    with as_role("owner") as owner:
        for table in ("audit_entry", "audit_payload", "audit_data_key"):
            assert owner.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,)


def test_a_payload_that_cannot_be_kept_means_no_entry() -> None:
    with as_role("owner") as owner:
        owner.execute("REVOKE INSERT ON audit_payload FROM bailiwick_app")
    with pytest.raises(NotRecorded):
        append()
    with as_role("owner") as owner:
        assert owner.execute("SELECT count(*) FROM audit_entry").fetchone() == (0,)


def test_a_key_of_another_platform_seals_nothing(settings: Any) -> None:
    append()
    settings.AUDIT_KEY = bytes(32)
    with pytest.raises(NotRecorded):
        append()


@pytest.mark.parametrize(
    ("about", "personal", "why"),
    [
        (None, {"purpose": "x"}, "whom"),
        (ADA, {"purpose": "x" * 65_500}, "keep a blob"),
        (ADA, {"purpose": "\ud800"}, "not text"),
    ],
)
def test_what_cannot_be_sealed_is_a_mistake(about: str | None, personal: dict[str, str], why: str) -> None:
    with pytest.raises(NotRecorded, match=why):
        append(about, personal)


def test_a_destroyed_key_is_gone_and_the_next_entry_gets_another() -> None:
    entry = append()
    key_id = read(entry)[2]
    with as_role("owner") as owner, as_role("app") as app:
        # Of a month that is past its period.
        owner.execute("UPDATE audit_data_key SET period = period - interval '8 months'")
        app.execute("UPDATE audit_data_key SET wrapped = NULL, destroyed_at = now() WHERE person = %s", [ADA])
    assert datakeys.keys_by_id([key_id]) == {}
    assert read(append())[2] != key_id


def test_each_month_has_a_key_of_its_own() -> None:
    first = read(append())[2]
    with as_role("owner") as owner:
        owner.execute("UPDATE audit_data_key SET period = period - interval '1 month'")
    second = read(append())[2]
    assert first != second == read(append())[2]
    assert set(datakeys.keys_by_id([first, second])) == {first, second}


def test_the_version_of_an_event_says_that_it_seals() -> None:
    assert version_of(Event.RUNS_RUN_REQUESTED) == 2
    assert version_of(Event.RUNS_RUN_CLOSED) == 1


FORBIDDEN_TO_APP = [
    "SELECT * FROM audit_payload",
    "UPDATE audit_payload SET sealed = sealed",
    "DELETE FROM audit_payload",
    "TRUNCATE audit_payload",
    "DELETE FROM audit_data_key",
    "UPDATE audit_data_key SET person = person",
    "UPDATE audit_data_key SET id = id",
    "TRUNCATE audit_data_key",
]
FORBIDDEN_TO_READER = [
    "SELECT * FROM audit_data_key",
    "INSERT INTO audit_payload SELECT * FROM audit_payload",
]


@pytest.mark.parametrize(("role", "statements"), [("app", FORBIDDEN_TO_APP), ("reader", FORBIDDEN_TO_READER)])
def test_no_role_changes_a_payload_and_who_reads_it_has_no_key(role: str, statements: list[str]) -> None:
    append()
    assert [statement for statement in statements if not refused(role, statement)] == []


def test_a_key_is_there_or_destroyed_and_nothing_between() -> None:
    append()
    with as_role("owner") as owner, pytest.raises(psycopg.errors.CheckViolation):
        owner.execute("ALTER TABLE audit_data_key DISABLE TRIGGER USER")
        owner.execute("UPDATE audit_data_key SET wrapped = NULL")
