"""Reads of this room, already cut down to what the caller may see; and what stands in the way of an end."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

import identity.queries
import runs.queries
from audit import datakeys
from config.errors import NotFound
from identity.callers import Caller
from retention.models import Erasure, Hold, Pass
from retention.rules import READERS
from retention.states import ErasureState


def erasures_visible_to(by: Caller) -> QuerySet[Erasure]:
    """The erasures of people of whom the caller's projects had something, for those who read their logs."""
    found = Erasure.objects.filter(projects__in=list(by.projects_as(*READERS))).distinct()
    return found.select_related("requested_by").order_by("-created_at", "-id")


def erasure(by: Caller, erasure_id: UUID) -> Erasure:
    """One of them. Raises NotFound."""
    found = erasures_visible_to(by).filter(pk=erasure_id).first()
    if found is None:
        raise NotFound("erasure")
    return found


def unfinished() -> list[UUID]:
    """The erasures of which something is left to do, the oldest first."""
    return list(Erasure.objects.filter(state=ErasureState.ERASING).order_by("created_at").values_list("pk", flat=True))


def holds_visible_to(by: Caller) -> QuerySet[Hold]:
    """The holds of the projects whose log the caller reads, lifted ones too."""
    found = Hold.objects.filter(project_id__in=list(by.projects_as(*READERS)))
    return found.select_related("user", "placed_by", "lifted_by", "project").order_by("-placed_at", "-id")


def hold(by: Caller, hold_id: UUID) -> Hold:
    """One of them. Raises NotFound."""
    found = holds_visible_to(by).filter(pk=hold_id).first()
    if found is None:
        raise NotFound("hold")
    return found


def touched_by(user_id: UUID, person: str) -> frozenset[UUID]:
    """The projects that have anything of a person: a role, work, or a sealed field in their log."""
    sealed = datakeys.tenants_of(datakeys.ids_of([person]))
    return (
        identity.queries.projects_of(user_id)
        | runs.queries.projects_with_work_of(user_id)
        | frozenset(tenant for tenant in sealed if tenant is not None)
    )


def _concerning(projects: Collection[UUID], person: str) -> QuerySet[Hold]:
    return Hold.objects.filter(Q(person="") | Q(person=person), project_id__in=list(projects))


def holds_on(projects: Collection[UUID], person: str) -> list[Hold]:
    """The holds that keep what these projects have of a person, the oldest first."""
    return list(_concerning(projects, person).filter(lifted_at=None).select_related("project").order_by("placed_at"))


def lifters_of(projects: Collection[UUID], person: str) -> frozenset[UUID]:
    """Who lifted such holds."""
    holds = _concerning(projects, person).exclude(lifted_by=None)
    return frozenset(hold.lifted_by_id for hold in holds if hold.lifted_by_id is not None)


@dataclass(frozen=True)
class Held:
    """What is held in a project: all of it, or what these people have there."""

    everything: bool
    users: frozenset[UUID]
    people: frozenset[str]

    @property
    def anything(self) -> bool:
        """Whether any hold stands."""
        return self.everything or bool(self.users)


def held_in(project_id: UUID) -> Held:
    """What is held in a project now."""
    holds = list(Hold.objects.filter(project_id=project_id, lifted_at=None))
    users = frozenset(hold.user_id for hold in holds if hold.user_id is not None)
    people = frozenset(hold.person for hold in holds if hold.person)
    return Held(any(hold.user_id is None for hold in holds), users, people)


def held_keys() -> set[UUID]:
    """The data keys that a hold keeps: all that sealed something in a held project's log, and all of held people."""
    holds = list(Hold.objects.filter(lifted_at=None).values_list("project_id", "person"))
    kept = set(datakeys.ids_of({person for _, person in holds if person}))
    for project_id in {project_id for project_id, person in holds if not person}:
        kept.update(datakeys.keys_in(project_id))
    return kept


def last_pass() -> Pass | None:
    """When the disposal last went over all projects."""
    return Pass.objects.order_by("-started_at").first()
