"""Append one entry, in the transaction of the action that it records."""

import hashlib
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from django.db import DatabaseError, transaction

from audit.canonical import JSON, NotCanonical, canonical
from audit.datakeys import key_of
from audit.events import Event, version_of
from audit.sealing import MAX_SEALED, NotOpened, seal
from audit.signals import appended

# An entry bundle of tlog-tiles gives a length 16 bits.
MAX_HEADER = 65_535

# No RETURNING: that would need the right to read. The database adds the transaction's id and the serial number.
_INSERT = "INSERT INTO audit_entry (id, tenant, event, subject, header) VALUES (%s, %s, %s, %s, %s)"
_INSERT_SEALED = "INSERT INTO audit_payload (entry, field, key, sealed) VALUES (%s, %s, %s, %s)"


class NotRecorded(Exception):
    """The entry cannot be written, so the action must not happen. Never caught inside an action."""


class Unfit(NotRecorded):
    """The log can never take this entry: a mistake in the program."""


def append(
    event: Event,
    *,
    tenant: UUID | None,
    actor: str | None,
    subject: str,
    outcome: str = "ok",
    facts: Mapping[str, JSON] | None = None,
    commitments: Mapping[str, str] | None = None,
    personal: Mapping[str, str] | None = None,
    about: str | None = None,
    entry_id: UUID | None = None,
) -> UUID:
    """Write one entry and return its id, which is a new one unless the caller must be able to write it again.

    `actor` is a pseudonym, `subject` is `noun:id`, `facts` are non-personal; what is personal enters as a
    commitment, or as `personal` texts that are sealed under the key of the person (a pseudonym) whom they are `about`.
    Raises NotRecorded outside a transaction, for a value that has no canonical form, and when the database refuses.
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise NotRecorded("audit.append was called outside the action's transaction")
    entry_id = entry_id or uuid.uuid4()
    begun = time.perf_counter()
    told: dict[str, JSON] = {"actor": actor, "outcome": outcome, "subject": subject}
    told |= {"commitments": dict(commitments or {}), "facts": dict(facts or {})}
    try:
        payloads, told["sealed"] = _seal(event, entry_id, personal or {}, about)
        header = _encode(event, tenant, entry_id, told)
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, [entry_id, tenant, event.value, subject, header])
            for field, key, sealed in payloads:
                cursor.execute(_INSERT_SEALED, [entry_id, field, key, sealed])
    except (DatabaseError, NotOpened, Unfit) as error:
        # Even an action that swallows this cannot commit.
        transaction.set_rollback(True)
        if isinstance(error, Unfit):
            raise
        raise NotRecorded(f"the log did not take the entry of {event}") from error
    appended.send(sender=event, seconds=time.perf_counter() - begun)
    return entry_id


type _Payload = tuple[str, UUID, bytes]


def _seal(
    event: Event, entry_id: UUID, personal: Mapping[str, str], about: str | None
) -> tuple[list[_Payload], dict[str, JSON]]:
    """What is kept beside the entry, and what the header says of it."""
    if not personal:
        return [], {}
    if about is None:
        raise Unfit(f"the entry of {event} does not say whom its personal fields are about")
    key_id, key = key_of(about)
    payloads: list[_Payload] = []
    told: dict[str, JSON] = {}
    for field, text in personal.items():
        try:
            sealed, commitment = seal(text.encode(), entry=entry_id, field=field, data_key=key)
        except UnicodeEncodeError:
            raise Unfit(f"{field} of {event} is not text") from None
        if len(sealed) > MAX_SEALED:
            raise Unfit(f"{field} of {event} is longer than {MAX_SEALED} bytes: keep a blob and log its commitment")
        payloads.append((field, key_id, sealed))
        told[field] = {"commitment": commitment, "digest": hashlib.sha256(sealed).hexdigest(), "key": str(key_id)}
    return payloads, told


def _encode(event: Event, tenant: UUID | None, entry_id: UUID, told: Mapping[str, JSON]) -> bytes:
    header = {
        **told,
        "event": event.value,
        "id": str(entry_id),
        "recorded_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "tenant": str(tenant) if tenant is not None else None,
        "version": version_of(event),
    }
    try:
        encoded = canonical(header)
    except NotCanonical as error:
        raise Unfit(f"the entry of {event} is not fit for the log: {error}") from error
    if len(encoded) > MAX_HEADER:
        raise Unfit(
            f"the entry of {event} has {len(encoded)} bytes, more than {MAX_HEADER}: log a digest of what is large"
        )
    return encoded
