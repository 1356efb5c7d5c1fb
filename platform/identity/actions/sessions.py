"""Browser sessions: kept between requests, begun by a sign-in, ended for a reason. Ending never waits for the log."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

import audit
from audit import Event
from config.environment import settings
from config.errors import NotFound
from config.verdicts import require
from identity import rules, sealing
from identity.actions.actors import actor
from identity.callers import Caller, pseudonym_of
from identity.models import Session, User
from identity.queries import SEALED_FOR, digest_of
from identity.states import ANONYMOUS_LIFE, SessionEnd

# As long as an idempotency key may ask again for what became of a session.
KEPT_AFTER_END = timedelta(hours=24)
_AT_ONCE = 500


@dataclass(frozen=True)
class Visitor:
    """Where a browser's request came from, as its person sees it in the list of their sessions."""

    address: str | None = None
    user_agent: str = ""


def keep_session(kept: UUID | None, key: str, data: Mapping[str, Any], visitor: Visitor) -> UUID:
    """Write what a browser's visit remembers, under a key of which the database keeps the digest alone.

    `kept` is the session that it was so far. Raises UpdateError when that one has ended meanwhile.
    """
    now = timezone.now()
    session_id = kept or uuid.uuid4()
    person = data.get(SESSION_KEY)
    fields = {
        "digest": digest_of(key),
        "user_id": UUID(person) if person else None,
        "password_mark": data.get(HASH_SESSION_KEY, ""),
        "data": sealing.seal(orjson.dumps(data), purpose=SEALED_FOR, place=session_id.bytes),
        "last_seen_at": now,
    }
    if kept is None:
        Session(pk=session_id, address=visitor.address, user_agent=visitor.user_agent, created_at=now, **fields).save(
            force_insert=True
        )
        return session_id
    if person:
        # The limits count from the sign-in, not from the first look at the page.
        Session.objects.filter(pk=kept, user=None).update(
            created_at=now, address=visitor.address, user_agent=visitor.user_agent
        )
    if not Session.objects.filter(pk=kept, ended_at=None).update(**fields):
        raise UpdateError
    return kept


@transaction.atomic
def start_session(session_id: UUID, user: User, ways: Iterable[str], address: str = "") -> None:
    """Record that a person signed in, by which ways, and the mark of the address. Call it in the transaction that keeps
    the session: no record, no session."""
    person = pseudonym_of(user.pk)
    audit.append(
        Event.SESSION_STARTED,
        tenant=None,
        actor=person,
        subject=f"session:{session_id}",
        facts={"person": person, "ways": list(ways), "address": address},
    )


@audit.refusals
@transaction.atomic
def end_session(session_id: UUID, how: SessionEnd, *, by: Caller | None = None) -> bool:
    """End a session now and forget what it held; False when it had ended before."""
    session = Session.objects.select_for_update().filter(pk=session_id, ended_at=None).first()
    if session is None:
        return False
    _end(session, how, actor(by))
    return True


@audit.refusals
@transaction.atomic
def end_session_of(session_id: UUID, *, by: Caller) -> Session:
    """End one of the caller's sessions; ending it twice changes nothing. Raises NotFound for those of others."""
    require(rules.may_manage_sign_in(by))
    session = Session.objects.select_for_update().filter(pk=session_id, user_id=by.user_id).first()
    if session is None:
        raise NotFound("session")
    if session.ended_at is None:
        _end(session, SessionEnd.ENDED_BY_OWNER, actor(by))
    return session


def end_overdue() -> int:
    """End the sessions whose time is up; how many. One that nobody signed in to leaves no record."""
    now = timezone.now()
    idle = now - timedelta(minutes=settings().session_idle_minutes)
    oldest = now - timedelta(hours=settings().session_max_hours)
    overdue = Q(last_seen_at__lte=idle) | Q(created_at__lte=oldest)
    Session.objects.filter(user=None, last_seen_at__lte=now - ANONYMOUS_LIFE).delete()
    found = Session.objects.filter(overdue, ended_at=None).exclude(user=None).values_list("pk", flat=True)
    return sum(end_session(session_id, SessionEnd.EXPIRED) for session_id in found[:_AT_ONCE])


def forget_ended() -> None:
    """Remove the sessions of which nobody asks any more."""
    Session.objects.filter(ended_at__lte=timezone.now() - KEPT_AFTER_END).delete()


def _end(session: Session, how: SessionEnd, by: str | None) -> None:
    session.digest, session.data, session.password_mark = None, b"", ""
    session.ended_at = timezone.now()
    session.save(update_fields=["digest", "data", "password_mark", "ended_at"])
    if session.user_id is None:
        return
    person = pseudonym_of(session.user_id)
    audit.append_or_journal(
        Event.SESSION_ENDED,
        tenant=None,
        # To sign out and to change the password are the person's own deeds.
        actor=by or (None if how is SessionEnd.EXPIRED else person),
        subject=f"session:{session.pk}",
        facts={"person": person, "how": how.value},
    )
