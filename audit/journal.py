"""Endings do not wait for the log: what it cannot take now is journalled on the spot, and appended late.

One file an entry, named by its time, written whole, synced, then given its name: a crash leaves an entry or none.
"""

import fcntl
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import orjson
import structlog
from django.conf import settings
from django.db import connection, transaction

from audit.canonical import JSON
from audit.events import Event
from audit.log import NotRecorded, Unfit, append

# Who holds the log's table for themselves is not waited for like others.
_PATIENCE = "1s"
# Stands for facts that the log can never take: in the journal they would stop every entry after them.
_UNFIT: dict[str, JSON] = {"unfit": True}
_log = structlog.get_logger(__name__)


def _folder() -> Path:
    folder = Path(settings.AUDIT_JOURNAL)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def _impatient() -> Iterator[None]:
    """Wait for no lock longer than that; the transaction's other statements do as before."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
        yield
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def append_or_journal(
    event: Event,
    *,
    tenant: UUID | None,
    actor: str | None,
    subject: str,
    outcome: str = "ok",
    facts: Mapping[str, JSON] | None = None,
) -> None:
    """Append the entry of an ending; where the log refuses it, journal it. Raises NotRecorded where neither can be."""
    try:
        # A savepoint: the log's refusal must not undo the ending.
        with transaction.atomic(), _impatient():
            append(event, tenant=tenant, actor=actor, subject=subject, outcome=outcome, facts=facts)
    except Unfit as mistake:
        if facts == _UNFIT:
            raise
        _log.error("entry_unfit", event_name=event.value, reason=str(mistake))
        append_or_journal(event, tenant=tenant, actor=actor, subject=subject, outcome=outcome, facts=_UNFIT)
    except NotRecorded as refusal:
        _log.error("entry_journalled", event_name=event.value, reason=str(refusal))
        entry = {
            "event": event.value,
            "tenant": str(tenant) if tenant else None,
            "actor": actor,
            "subject": subject,
            "outcome": outcome,
            "facts": dict(facts or {}),
            "journalled_at": time.time_ns() // 1_000_000,
        }
        try:
            _keep(orjson.dumps(entry))
        except OSError as fault:
            raise NotRecorded("neither the log nor the journal took the entry") from fault


def _keep(entry: bytes) -> None:
    folder = _folder()
    name = f"{time.time_ns():020d}-{uuid.uuid4().hex}"
    temporary = folder / f".{name}"
    with temporary.open("xb") as file:
        file.write(entry)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(folder / f"{name}.json")
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else appends what is journalled; two at once would mix the order."""
    descriptor = os.open(_folder(), os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = True
        except BlockingIOError:
            alone = False
        yield alone
    finally:
        os.close(descriptor)


def append_journalled() -> int:
    """Append what was journalled, in order, marked late; how many. Stops at the first that the log still refuses.

    An entry's id is its file's: one appended just before a crash is refused the second time, and its file removed.
    """
    with _alone() as alone:
        return _append_all() if alone else 0


def _append_all() -> int:
    done = 0
    for path in sorted(_folder().glob("*.json")):
        entry = orjson.loads(path.read_bytes())
        identity = UUID(path.stem.rpartition("-")[2])
        late = {"late": True, "journalled_at": entry["journalled_at"]}
        try:
            with transaction.atomic():
                append(
                    Event(entry["event"]),
                    tenant=UUID(entry["tenant"]) if entry["tenant"] else None,
                    actor=entry["actor"],
                    subject=entry["subject"],
                    outcome=entry["outcome"],
                    facts={**entry["facts"], **late},
                    entry_id=identity,
                )
        except NotRecorded as refusal:
            if not _already_there(refusal):
                return done
        path.unlink(missing_ok=True)
        done += 1
    return done


def _already_there(refusal: NotRecorded) -> bool:
    return getattr(getattr(refusal.__cause__, "__cause__", None), "sqlstate", None) == "23505"
