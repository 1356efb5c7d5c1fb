"""Legal holds: placed and lifted by a project's auditors."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

import audit
import identity.queries
from audit import Event
from config.errors import Conflict, NotFound, concerning
from config.verdicts import require
from identity.callers import Caller, pseudonym_of
from retention import queries, rules
from retention.actions.erasing import require_nameless
from retention.models import Erasure, Hold


@audit.refusals
@transaction.atomic
def place_hold(project_id: UUID, subject: str | None, reason: str, *, hold_id: UUID, by: Caller) -> Hold:
    """Keep all of a project, or what it has of one person, from erasure and disposal.

    Raises NotFound, Refused, Invalid for a reason that names the person, or Conflict for one who was erased.
    """
    project = identity.queries.project(by, project_id)
    with concerning(project.pk):
        require(rules.may_hold(project.pk, by))
        # Whoever erases or disposes here waits, or is waited for.
        identity.queries.lock_projects([project.pk])
        user_id = _person_in(project.pk, subject, reason) if subject is not None else None
    hold = Hold.objects.create(
        id=hold_id,
        project_id=project.pk,
        user_id=user_id,
        person=pseudonym_of(user_id) if user_id else "",
        reason=reason,
        placed_by_id=by.user_id,
    )
    _append(Event.RETENTION_HOLD_PLACED, hold, reason, by)
    return hold


def _person_in(project_id: UUID, subject: str, reason: str) -> UUID:
    found = identity.queries.person_called(subject)
    if found is None or project_id not in queries.touched_by(found.pk, pseudonym_of(found.pk)):
        raise NotFound("person")
    if Erasure.objects.filter(user_id=found.pk).exists():
        raise Conflict("already_erased", "The person was erased: there is nothing left to hold.")
    require_nameless(reason, (found.username, found.display_name))
    return found.pk


@audit.refusals
@transaction.atomic
def lift_hold(hold_id: UUID, reason: str, *, by: Caller) -> Hold:
    """Let go what a hold keeps. Raises NotFound, Refused, or Conflict for one that was lifted before."""
    seen = queries.hold(by, hold_id)
    hold = Hold.objects.select_for_update(of=("self",)).select_related("user").get(pk=seen.pk)
    with concerning(hold.project_id, f"hold:{hold.pk}"):
        require(rules.may_lift(hold.project_id, hold.user_id, hold.lifted_at is not None, by))
        if hold.user is not None:
            require_nameless(reason, (hold.user.username, hold.user.display_name))
    hold.lifted_at, hold.lifted_by_id, hold.lift_reason = timezone.now(), by.user_id, reason
    hold.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    _append(Event.RETENTION_HOLD_LIFTED, hold, reason, by)
    return hold


def _append(event: Event, hold: Hold, reason: str, by: Caller) -> None:
    audit.append(
        event,
        tenant=hold.project_id,
        actor=by.pseudonym,
        subject=f"hold:{hold.pk}",
        facts={"person": hold.person or None},
        personal={"reason": reason},
        about=by.pseudonym,
    )
