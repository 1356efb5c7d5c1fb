"""The log: an entry and its action happen together or not at all, and no role of the platform changes history."""

import contextlib
import hashlib
import uuid
from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
import psycopg
import pytest
from django.conf import settings
from django.db import connections, transaction

import audit
from audit import Event
from audit.log import MAX_HEADER, NotRecorded
from audit.models import Entry
from config.errors import Refused
from identity import actions
from identity.models import Project
from tests.integration.audit.roles import as_role, refused

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def entries() -> list[dict[str, Any]]:
    return [orjson.loads(bytes(entry.header)) for entry in Entry.objects.using("reader").order_by("n")]


def append_one(subject: str = "thing:1", **more: Any) -> UUID:
    with transaction.atomic():
        return audit.append(Event.PROJECT_CREATED, tenant=None, actor=None, subject=subject, **more)


def test_an_entry_is_the_canonical_bytes_of_its_header() -> None:
    tenant = uuid.uuid4()
    with transaction.atomic():
        entry_id = audit.append(
            Event.MEMBER_ADDED,
            tenant=tenant,
            actor="a" * 64,
            subject="person:1",
            facts={"role": "analyst", "count": 3, "list": ["ä", None, True]},
            commitments={"code": "c" * 64},
        )
    entry = Entry.objects.using("reader").get(pk=entry_id)
    header = orjson.loads(bytes(entry.header))
    recorded_at = header.pop("recorded_at")
    assert header == {
        "id": str(entry_id),
        "event": "identity:member:added",
        "tenant": str(tenant),
        "actor": "a" * 64,
        "subject": "person:1",
        "outcome": "ok",
        "facts": {"role": "analyst", "count": 3, "list": ["ä", None, True]},
        "commitments": {"code": "c" * 64},
        "sealed": {},
        "version": 2,
    }
    whole = {**header, "recorded_at": recorded_at}
    assert bytes(entry.header) == orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)
    assert (entry.tenant, entry.event, entry.subject) == (tenant, "identity:member:added", "person:1")


def test_outside_a_transaction_nothing_is_appended() -> None:
    with pytest.raises(NotRecorded, match="outside"):
        audit.append(Event.USER_CREATED, tenant=None, actor=None, subject="x:1")
    assert entries() == []


def test_an_action_that_rolls_back_takes_its_entry_along() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.append(Event.USER_CREATED, tenant=None, actor=None, subject="x:1")
        raise ZeroDivisionError
    assert entries() == []


def test_the_entry_has_its_actions_transaction_id() -> None:
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        (mine,) = cursor.fetchone() or ("",)
        first = audit.append(Event.USER_CREATED, tenant=None, actor=None, subject="x:1")
        second = audit.append(Event.USER_CREATED, tenant=None, actor=None, subject="x:2")
    with as_role("reader") as reader:
        rows = reader.execute("SELECT id, xid::text FROM audit_entry ORDER BY n").fetchall()
    assert rows == [(first, mine), (second, mine)]


@pytest.mark.parametrize("refusal", ["the right is gone", "the table is locked"])
def test_the_database_refusing_the_entry_means_that_the_action_did_not_happen(refusal: str) -> None:
    with as_role("owner") as owner:
        if refusal == "the right is gone":
            owner.execute("REVOKE INSERT (id, tenant, event, subject, header) ON audit_entry FROM bailiwick_app")
            with pytest.raises(NotRecorded):
                actions.create_project("never", "Never", by=None)
        else:
            with owner.transaction(), connections["default"].cursor() as cursor:
                owner.execute("BEGIN; LOCK TABLE audit_entry IN ACCESS EXCLUSIVE MODE")
                cursor.execute("SET lock_timeout = '100ms'")
                with pytest.raises(NotRecorded):
                    actions.create_project("never", "Never", by=None)
    assert not Project.objects.filter(slug="never").exists()
    assert entries() == []


@pytest.mark.parametrize("fact", [1.5, "x" * MAX_HEADER], ids=["no canonical form", "too large"])
def test_an_action_that_swallows_the_logs_refusal_still_does_not_happen(fact: Any) -> None:
    # Defence taken out by hand: without set_rollback in audit.log.append the project was there.
    with transaction.atomic():
        Project.objects.create(slug="never", name="Never")
        with contextlib.suppress(NotRecorded):
            audit.append(Event.USER_CREATED, tenant=None, actor=None, subject="x:1", facts={"fact": fact})
    assert not Project.objects.filter(slug="never").exists()


def test_what_is_too_large_is_not_recorded() -> None:
    with pytest.raises(NotRecorded, match="log a digest of what is large"):
        append_one(facts={"text": "x" * MAX_HEADER})
    append_one(facts={"text": "x" * (MAX_HEADER - 400)})


@pytest.mark.parametrize("fact", [1.5, 2**60, "nul\x00", b"bytes"], ids=repr)
def test_what_has_no_canonical_form_is_not_recorded(fact: Any) -> None:
    with pytest.raises(NotRecorded, match="not fit"):
        append_one(facts={"fact": fact})


def test_a_header_that_disagrees_with_its_columns_is_refused() -> None:
    entry_id, tenant = uuid.uuid4(), uuid.uuid4()
    good = {"id": str(entry_id), "event": "a:b:c", "tenant": str(tenant), "subject": "s:1"}
    for field, other in [("id", str(uuid.uuid4())), ("event", "a:b:d"), ("tenant", None), ("subject", "s:2")]:
        with as_role("app") as app, pytest.raises(psycopg.errors.CheckViolation):
            app.execute(
                "INSERT INTO audit_entry (id, tenant, event, subject, header) VALUES (%s, %s, 'a:b:c', 's:1', %s)",
                [entry_id, tenant, orjson.dumps({**good, field: other})],
            )
    with as_role("app") as app:
        app.execute(
            "INSERT INTO audit_entry (id, tenant, event, subject, header) VALUES (%s, %s, 'a:b:c', 's:1', %s)",
            [entry_id, tenant, orjson.dumps(good)],
        )


# Each statement alone, as the role that the application has. RETURNING reads, so it is refused as well.
FORBIDDEN_TO_APP = [
    "UPDATE audit_entry SET event = 'a:b:c'",
    "UPDATE audit_entry SET header = header",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
    "DROP TABLE audit_entry",
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_columns_match",
    "ALTER TABLE audit_entry OWNER TO bailiwick_app",
    "ALTER TABLE audit_entry RENAME TO gone",
    "CREATE RULE r AS ON INSERT TO audit_entry DO INSTEAD NOTHING",
    "CREATE TRIGGER t BEFORE INSERT ON audit_entry EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE POLICY p ON audit_entry USING (false)",
    "SELECT * FROM audit_entry",
    "SELECT count(*) FROM audit_entry",
    "COPY audit_entry TO STDOUT",
    "SELECT nextval('audit_entry_n_seq')",
    "SELECT setval('audit_entry_n_seq', 1)",
    "BEGIN; LOCK TABLE audit_entry IN ACCESS EXCLUSIVE MODE",
    "SET session_replication_role = replica",
    "SET ROLE bailiwick_owner",
    "SET SESSION AUTHORIZATION bailiwick_owner",
    "GRANT ALL ON audit_entry TO bailiwick_app",
    "INSERT INTO audit_entry (id, event, subject, header) VALUES (gen_random_uuid(), 'a:b:c', 's', '{}') RETURNING n",
    "INSERT INTO audit_entry (id, xid, event, subject, header) VALUES (gen_random_uuid(), '1', 'a:b:c', 's', '{}')",
    "INSERT INTO audit_entry (id, n, event, subject, header) OVERRIDING SYSTEM VALUE"
    " VALUES (gen_random_uuid(), 1, 'a:b:c', 's', '{}')",
    "INSERT INTO audit_entry (id, event, subject, header) VALUES (gen_random_uuid(), 'a:b:c', 's', '{}')"
    " ON CONFLICT (id) DO UPDATE SET header = excluded.header",
    "MERGE INTO audit_entry USING (SELECT 1) AS s ON true WHEN MATCHED THEN DELETE",
    "ALTER DEFAULT PRIVILEGES FOR ROLE bailiwick_owner GRANT ALL ON TABLES TO bailiwick_app",
    "CREATE TABLE public.audit_shadow (id int)",
    "ALTER SYSTEM SET session_replication_role = replica",
    "SELECT pg_read_file('/etc/passwd')",
]


def test_the_applications_role_cannot_change_or_read_the_log() -> None:
    append_one()
    before = entries()
    assert [statement for statement in FORBIDDEN_TO_APP if not refused("app", statement)] == []
    assert entries() == before


FORBIDDEN_TO_READER = [
    "INSERT INTO audit_entry (id, event, subject, header) VALUES (gen_random_uuid(), 'a:b:c', 's', '{}')",
    "UPDATE audit_entry SET event = 'a:b:c'",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
    "SELECT * FROM identity_token",
    "SELECT * FROM identity_user",
]


def test_the_readers_role_reads_the_log_and_nothing_else() -> None:
    append_one()
    with as_role("reader") as reader:
        assert reader.execute("SELECT count(*) FROM audit_entry").fetchone() == (1,)
    assert [statement for statement in FORBIDDEN_TO_READER if not refused("reader", statement)] == []


@pytest.mark.parametrize("role", ["app", "reader"])
def test_an_idle_transaction_cannot_hold_up_the_watermark(role: str) -> None:
    alias = {"app": "default"}.get(role, role)
    with connections[alias].cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("15s",)


def test_the_application_may_use_the_tables_of_every_room_and_empty_none() -> None:
    with as_role("owner") as owner:
        rows = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    tables = {name for (name,) in rows if not name.startswith("audit_")} - {"django_migrations"}
    assert {"identity_user", "doors_idempotencykey"} <= tables
    with as_role("app") as app:

        def may(table: str, right: str) -> bool:
            found = app.execute("SELECT has_table_privilege(%s, %s)", [table, right]).fetchone()
            return found == (True,)

        assert [table for table in tables if not (may(table, "SELECT") and may(table, "INSERT"))] == []
        # What is searched is made anew from the log.
        assert [table for table in tables if may(table, "TRUNCATE") and not table.startswith("lookup_")] == []
        assert may("identity_token", "UPDATE")
        assert may("identity_membership", "DELETE")


def refuse(code: str) -> Callable[..., None]:
    @audit.refusals
    @transaction.atomic
    def action(*, by: object) -> None:
        Project.objects.create(slug="never", name="Never")
        audit.append(Event.PROJECT_CREATED, tenant=None, actor=None, subject="project:never")
        raise Refused(code, "No.", tenant=uuid.UUID(int=7), subject="run:1")

    return action


class Somebody:
    pseudonym = "f" * 64
    model_name = "model-1"


def test_a_refusal_is_recorded_though_its_action_rolled_back() -> None:
    with pytest.raises(Refused, match="No"):
        refuse("not_yours")(by=Somebody())
    assert not Project.objects.exists()
    (entry,) = entries()
    assert entry["event"] == "audit:request:refused"
    assert entry["outcome"] == "refused"
    assert entry["actor"] == "f" * 64
    assert entry["tenant"] == str(uuid.UUID(int=7))
    assert entry["subject"] == "run:1"
    assert entry["facts"]["code"] == "not_yours"
    assert entry["facts"]["model"] == "model-1"
    assert entry["facts"]["action"].endswith("refuse.<locals>.action")


def test_a_refusal_through_two_actions_is_recorded_once() -> None:
    @audit.refusals
    def outer(*, by: object) -> None:
        refuse("not_yours")(by=by)

    with pytest.raises(Refused):
        outer(by=Somebody())
    assert len(entries()) == 1


def test_a_fault_is_no_refusal() -> None:
    @audit.refusals
    @transaction.atomic
    def action() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        action()
    assert entries() == []


def test_an_entry_that_the_owner_changes_is_seen() -> None:
    """The platform's roles cannot; whoever owns the database can, and the digest of the bytes shows it."""
    entry_id = append_one()
    before = hashlib.sha256(bytes(Entry.objects.using("reader").get(pk=entry_id).header)).digest()
    with as_role("owner") as owner:
        owner.execute(
            "UPDATE audit_entry SET header ="
            " convert_to(replace(convert_from(header, 'UTF8'), '\"ok\"', '\"no\"'), 'UTF8')"
        )
    assert hashlib.sha256(bytes(Entry.objects.using("reader").get(pk=entry_id).header)).digest() != before


def test_the_application_reads_the_log_through_the_reader_alone() -> None:
    assert settings.DATABASES["reader"]["USER"] == "bailiwick_reader"
    append_one()
    with pytest.raises(Exception, match="permission denied"):
        list(Entry.objects.all())
    with pytest.raises(TypeError):
        Entry(id=uuid.uuid4()).save()
    with pytest.raises(TypeError):
        Entry.objects.using("reader").get().delete()
