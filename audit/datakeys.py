"""The data key of each person: made at first need, kept wrapped, and gone for good once destroyed."""

import uuid
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.conf import settings
from django.db import connection

from audit import sealing

_PRESENT = "SELECT id, wrapped FROM audit_data_key WHERE person = %s AND wrapped IS NOT NULL"
_ADD = (
    "INSERT INTO audit_data_key (id, person, wrapped) VALUES (%s, %s, %s)"
    " ON CONFLICT (person) WHERE wrapped IS NOT NULL DO NOTHING"
)


def key_of(person: str) -> tuple[UUID, bytes]:
    """The id and the data key of a person, in the caller's own transaction. `person` is a pseudonym.

    Never remembered between calls: a key that was destroyed must seal nothing more.
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
