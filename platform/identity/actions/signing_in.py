"""What happens on the way in: refused, throttled, done once; and what a person changes about their way in."""

import hashlib
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

import audit
from audit import Event
from identity.actions.sessions import end_session
from identity.callers import pseudonym_of
from identity.models import Session, UsedOnce, User
from identity.states import SessionEnd


def _person(user_id: UUID | None) -> str:
    return f"person:{pseudonym_of(user_id)}" if user_id is not None else "person:unknown"


@transaction.atomic
def record_refused_sign_in(user_id: UUID | None, reason: str, address: str) -> None:
    """Record a sign-in that failed. Neither the name that was tried nor the address is told; `address` is its mark."""
    audit.append(
        Event.SIGN_IN_REFUSED,
        tenant=None,
        actor=None,
        subject=_person(user_id),
        outcome="refused",
        facts={"reason": reason, "address": address},
    )


@transaction.atomic
def record_throttled_sign_in(user_id: UUID | None, counted: str, address: str) -> None:
    """Record that tries are used up, and which count said so."""
    audit.append(
        Event.SIGN_IN_THROTTLED,
        tenant=None,
        actor=None,
        subject=_person(user_id),
        outcome="refused",
        facts={"counted": counted, "address": address},
    )


def use_once(name: str, life: timedelta) -> bool:
    """True for the first who uses the name; its digest alone is kept, for `life`."""
    now = timezone.now()
    try:
        with transaction.atomic():
            UsedOnce(digest=hashlib.sha256(name.encode()).digest(), until=now + life).save(force_insert=True)
    except IntegrityError:
        return False
    return True


def forget_used() -> None:
    """Remove what may be used again because it has expired by itself."""
    UsedOnce.objects.filter(until__lte=timezone.now()).delete()


@transaction.atomic
def set_password(user: User, password: str, *, kept: UUID | None) -> None:
    """Give the person another password, and end every session of theirs but `kept`, in which they did it."""
    user.set_password(password)
    user.save(update_fields=["password"])
    others = Session.objects.filter(user_id=user.pk, ended_at=None).values_list("pk", flat=True)
    for session_id in others:
        if session_id != kept:
            end_session(session_id, SessionEnd.PASSWORD_CHANGED)
    person = pseudonym_of(user.pk)
    audit.append(Event.PASSWORD_CHANGED, tenant=None, actor=person, subject=f"person:{person}")


@transaction.atomic
def record_factor(event: Event, user_id: UUID, kind: str) -> None:
    """Record a second factor or passkey that came or went, in the transaction that brings or removes it."""
    person = pseudonym_of(user_id)
    audit.append(event, tenant=None, actor=person, subject=f"person:{person}", facts={"kind": kind})
