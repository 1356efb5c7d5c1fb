"""Erasing a person: keys, names and texts go in one transaction; what nobody can open is removed after it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

import audit
import doors.idempotency
import evidence.actions
import identity.actions
import identity.queries
import policy.actions
import runs.actions
from audit import Event, datakeys
from config.errors import Conflict, Invalid, NotFound, Reason, concerning
from config.verdicts import Denied, require
from identity.callers import Caller, pseudonym_of
from identity.states import Role
from retention import hints, queries, register, rules
from retention.models import Erasure, Hold
from retention.register import Registered
from retention.states import ErasureState


@dataclass(frozen=True)
class Wanted:
    """Whom to erase (a username, or the pseudonym that the log knows), and why."""

    subject: str
    reason: str


@dataclass(frozen=True)
class _Person:
    id: UUID
    pseudonym: str
    names: tuple[str, ...]


@audit.refusals
@transaction.atomic
def request_erasure(wanted: Wanted, *, erasure_id: UUID, by: Caller | None) -> Erasure:
    """Erase a person for good; the erasure that there is, for one who was erased before. `by` is None for the operator.

    Raises Refused, NotFound, Invalid for a reason that names the person, or Conflict `held` with every hold.
    """
    if by is not None:
        require(rules.may_ask_for_erasures(by))
    person = _person(wanted.subject)
    touched = queries.touched_by(person.id, person.pseudonym)
    if by is not None:
        _require_known(touched, by)
    # Whoever places a hold in one of them waits, or is waited for.
    identity.queries.lock_projects(touched)
    if (before := Erasure.objects.filter(person=person.pseudonym).first()) is not None:
        return before
    if by is not None:
        lifters = queries.lifters_of(touched, person.pseudonym)
        require(rules.may_erase(person.id, touched, lifters, by))
    _require_no_hold(queries.holds_on(touched, person.pseudonym))
    require_nameless(wanted.reason, person.names)
    return _begin(erasure_id, person, wanted.reason, touched, by)


def _person(subject: str) -> _Person:
    found = identity.queries.person_called(subject)
    if found is None:
        raise NotFound("person")
    return _Person(found.pk, pseudonym_of(found.pk), (found.username, found.display_name))


def _require_known(touched: Iterable[UUID], by: Caller) -> None:
    """Somebody of whom the caller's projects have nothing looks like nobody."""
    if not by.projects_as(Role.PLATFORM_ADMIN) & set(touched):
        raise NotFound("person")


def require_nameless(reason: str, names: Iterable[str]) -> None:
    """Raise Invalid for a reason that says who the person is."""
    verdict = rules.names_nobody(reason, [name for name in names if name])
    if isinstance(verdict, Denied):
        raise Invalid(verdict.code, verdict.message, remedy=verdict.remedy)


def _require_no_hold(holds: list[Hold]) -> None:
    if not holds:
        return
    with concerning(holds[0].project_id, f"hold:{holds[0].pk}"):
        raise Conflict(
            "held",
            f"{len(holds)} legal hold{'s keep' if len(holds) > 1 else ' keeps'} what this would destroy.",
            remedy="Ask an auditor of the project to lift it.",
            reasons=tuple(
                Reason(
                    "held",
                    f"Hold {hold.pk} of {hold.placed_at:%Y-%m-%d} in project {hold.project.slug}"
                    f" on {'this person' if hold.person else 'the whole project'}: {hold.reason}",
                    "Ask an auditor of that project to lift it.",
                )
                for hold in holds
            ),
        )


def _begin(
    erasure_id: UUID, person: _Person, reason: str, touched: Iterable[UUID], by: Caller | None, origin: str = "request"
) -> Erasure:
    erasure = Erasure.objects.create(
        id=erasure_id,
        person=person.pseudonym,
        user_id=person.id,
        reason=reason,
        requested_by_id=by.user_id if by else None,
        state=ErasureState.ERASING,
    )
    # By their ids, which the stubs do not know of.
    erasure.projects.set(touched)  # type: ignore[arg-type]
    for tenant in (None, *sorted(touched)):
        audit.append(
            Event.RETENTION_ERASURE_REQUESTED,
            tenant=tenant,
            actor=by.pseudonym if by else None,
            subject=f"person:{person.pseudonym}",
            facts={"erasure": str(erasure.pk), "origin": origin},
            personal={"reason": reason} if by else None,
            about=by.pseudonym if by else None,
        )
    _erase(erasure, by)
    # Should it fail, the worker does it before it says that the erasure is done.
    transaction.on_commit(lambda: _write_down(erasure), robust=True)
    transaction.on_commit(lambda: hints.finish(erasure_id))
    return erasure


def _write_down(erasure: Erasure) -> None:
    register.keep(Registered(erasure.pk, erasure.person, erasure.reason, erasure.keys))


def _erase(erasure: Erasure, by: Caller | None) -> None:
    """Destroy and remove whatever there is of the person; in each log that had sealed fields, say which keys are gone.

    The keys first: whoever seals for the person at this moment is waited for, and what they wrote is found.
    """
    keys = datakeys.destroy_all_of(erasure.person)
    identity.actions.erase_person(erasure.user_id, by=by)
    doors.idempotency.forget_person(erasure.user_id)
    destroyed = runs.actions.erase_work_of(erasure.user_id, by=by)
    logs = datakeys.tenants_of(keys)
    told = {log["project"] for log in erasure.logs}
    fresh = {tenant: its for tenant, its in logs.items() if (str(tenant) if tenant else None) not in told}
    # What was opened for a bundle lies in it.
    destroyed += evidence.actions.destroy_bundles([tenant for tenant in fresh if tenant is not None])
    for tenant, its in fresh.items():
        entry = audit.append(
            Event.SUBJECT_ERASED,
            tenant=tenant,
            actor=by.pseudonym if by else None,
            subject=f"person:{erasure.person}",
            facts={"keys": [str(key) for key in its], "erasure": str(erasure.pk)},
        )
        erasure.logs = [*erasure.logs, {"project": str(tenant) if tenant else None, "entry": str(entry)}]
    erasure.keys = [str(key) for key in keys]
    erasure.contents += destroyed.contents
    erasure.save(update_fields=["keys", "logs", "contents"])


@transaction.atomic
def work_left(erasure_id: UUID) -> Erasure | None:
    """Erase what somebody added while the person was erased, and what policy was asked; None if all is done."""
    erasure = Erasure.objects.select_for_update().filter(pk=erasure_id, state=ErasureState.ERASING).first()
    if erasure is None:
        return None
    _erase(erasure, None)
    policy.actions.erase_inputs(erasure.person)
    return erasure


@transaction.atomic
def finish(erasure_id: UUID) -> None:
    """Record that nothing is left, once the files are gone and the erasure is written down beside the database."""
    erasure = Erasure.objects.select_for_update().filter(pk=erasure_id, state=ErasureState.ERASING).first()
    if erasure is None:
        return
    erasure.state, erasure.finished_at = ErasureState.DONE, timezone.now()
    erasure.save(update_fields=["state", "finished_at"])
    for tenant in (None, *sorted(erasure.projects.values_list("pk", flat=True))):
        audit.append(
            Event.RETENTION_ERASURE_FINISHED,
            tenant=tenant,
            actor=None,
            subject=f"person:{erasure.person}",
            facts={"erasure": str(erasure.pk), "contents": erasure.contents, "keys": len(erasure.keys)},
        )


@transaction.atomic
def reapply(one: Registered) -> bool:
    """Erase again whom a restored backup has again; whether there was anything to do.

    Holds were weighed the first time.
    """
    if Erasure.objects.filter(person=one.person).exists():
        return False
    found = identity.queries.person_called(one.person)
    if found is None:
        return False
    person = _Person(found.pk, one.person, ())
    touched = queries.touched_by(person.id, person.pseudonym)
    identity.queries.lock_projects(touched)
    _begin(one.id, person, one.reason, touched, None, origin="restored_backup")
    return True
