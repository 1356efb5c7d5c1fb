"""The data keys of each person: one a calendar month, made at first need, kept wrapped, gone for good once destroyed.

A month's key can be destroyed when the month is past its period, whatever was sealed since. The database holds that a
key does not come back, that none goes early unless its person is erased, and that who is erased gets no other.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import connection, connections

from audit import sealing
from audit.queries import READER

# Shared with whoever seals, and not with whoever destroys: no payload slips in under a key that is on its way out.
_PRESENT = (
    "SELECT id, wrapped FROM audit_data_key WHERE person = %s AND wrapped IS NOT NULL"
    " AND period = date_trunc('month', now() AT TIME ZONE 'UTC')::date FOR SHARE"
)
_ADD = (
    "INSERT INTO audit_data_key (id, person, wrapped) VALUES (%s, %s, %s)"
    " ON CONFLICT (person, period) WHERE wrapped IS NOT NULL DO NOTHING"
)
_DESTROY = "UPDATE audit_data_key SET wrapped = NULL, destroyed_at = now() WHERE wrapped IS NOT NULL AND "


def key_of(person: str) -> tuple[UUID, bytes]:
    """The id and the data key of a person for this month, in the caller's own transaction. `person` is a pseudonym.

    Never remembered between calls: a key that was destroyed must seal nothing more. The database refuses for a person
    who was erased.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT, [person])
        found = cursor.fetchone()
        if found is None:
            key_id = uuid.uuid4()
            cursor.execute(_ADD, [key_id, person, sealing.wrap(sealing.new_key(), key_id, settings.AUDIT_KEY)])
            # Somebody else's may have been first.
            cursor.execute(_PRESENT, [person])
            found = cursor.fetchone()
    return found[0], sealing.unwrap(bytes(found[1]), found[0], settings.AUDIT_KEY)


def keys_by_id(ids: Iterable[UUID]) -> Mapping[UUID, bytes]:
    """Those of the data keys that were not destroyed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, wrapped FROM audit_data_key WHERE id = ANY(%s) AND wrapped IS NOT NULL", [list(ids)])
        return {key_id: sealing.unwrap(bytes(wrapped), key_id, settings.AUDIT_KEY) for key_id, wrapped in cursor}


def ids_of(people: Iterable[str]) -> list[UUID]:
    """The ids of all keys that these people have and had."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM audit_data_key WHERE person = ANY(%s) ORDER BY period, id", [list(people)])
        return [key_id for (key_id,) in cursor]


def destroy_all_of(person: str) -> list[UUID]:
    """Destroy every key of a person, for ever, in the caller's own transaction; the ids of all that they ever had.

    Whoever seals for them at this moment is waited for; whoever comes later is refused. Twice changes nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM audit_erased_person WHERE person = %s", [person])
        if cursor.fetchone() is None:
            # A first key that somebody is about to commit is waited for here, by the index that lets one be.
            key_of(person)
            cursor.execute("INSERT INTO audit_erased_person (person) VALUES (%s) ON CONFLICT DO NOTHING", [person])
        cursor.execute(f"{_DESTROY} person = %s", [person])
    return ids_of([person])


def past(before: date, most: int, kept: Collection[UUID]) -> list[UUID]:
    """Keys of months that begin before that day and are not destroyed yet, the oldest first, without those to keep."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM audit_data_key WHERE wrapped IS NOT NULL AND period < %s AND id <> ALL(%s)"
            " ORDER BY period, id LIMIT %s",
            [before, list(kept), most],
        )
        return [key_id for (key_id,) in cursor]


def destroy(ids: Sequence[UUID]) -> None:
    """Destroy keys, in the caller's own transaction. The database refuses for months that are not past their period."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_DESTROY} id = ANY(%s)", [list(ids)])


def tenants_of(ids: Iterable[UUID]) -> dict[UUID | None, list[UUID]]:
    """Which of these keys sealed something in which log: the projects' by their id, the platform's under None."""
    found: dict[UUID | None, list[UUID]] = {}
    with connections[READER].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT e.tenant, p.key FROM audit_payload p JOIN audit_entry e ON e.id = p.entry"
            " WHERE p.key = ANY(%s) ORDER BY 1 NULLS FIRST, 2",
            [list(ids)],
        )
        for tenant, key_id in cursor:
            found.setdefault(tenant, []).append(key_id)
    return found


def keys_in(tenant: UUID) -> list[UUID]:
    """The keys that sealed something in a project's log."""
    with connections[READER].cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT p.key FROM audit_payload p JOIN audit_entry e ON e.id = p.entry WHERE e.tenant = %s",
            [tenant],
        )
        return [key_id for (key_id,) in cursor]
