"""Lists of runs, cells and files: what the viewer may see, cut down to what is asked for."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from identity.callers import Caller
from runs import queries
from runs.models import Execution, File, Run
from runs.states import ENDED_BADLY, RunState

# The beginning of an id, as people copy it from a page or a log.
_ID_BEGINS = re.compile(r"[0-9a-f]{6,32}")


@dataclass(frozen=True)
class Wanted:
    """What a list of runs is cut down to; what is not given cuts nothing off."""

    project_id: UUID | None = None
    owner_id: UUID | None = None
    environment: str | None = None
    states: frozenset[RunState] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    words: tuple[str, ...] = ()


def runs(by: Caller, wanted: Wanted) -> QuerySet[Run]:
    """Runs with their project and their owner. Each word is in the purpose or the environment, or begins the id."""
    # Fetched apart: a page names few people and projects, and a join would be made of every run before the page is cut.
    found = queries.runs_visible_to(by).prefetch_related("project", "owner")
    plain = {
        "project_id": wanted.project_id,
        "owner_id": wanted.owner_id,
        "environment": wanted.environment,
        "state__in": wanted.states or None,
        "created_at__gte": wanted.since,
        "created_at__lt": wanted.until,
    }
    found = found.filter(**{name: value for name, value in plain.items() if value is not None})
    for word in wanted.words:
        found = found.filter(_holds(word))
    return found


def _holds(word: str) -> Q:
    holds = Q(purpose__icontains=word) | Q(environment__icontains=word)
    begins = word.lower().replace("-", "")
    if _ID_BEGINS.fullmatch(begins):
        holds |= Q(id__range=(UUID(begins.ljust(32, "0")), UUID(begins.ljust(32, "f"))))
    return holds


def queue_positions(page: Sequence[Run]) -> dict[UUID, int]:
    """The place of each run that waits, 1 being next, by one question for all of them."""
    if not any(run.state == RunState.QUEUED for run in page):
        return {}
    waiting = Run.objects.filter(state=RunState.QUEUED).order_by("created_at", "id").values_list("id", flat=True)
    places = {run_id: place for place, run_id in enumerate(waiting, start=1)}
    # Whoever was taken on between the two questions was next.
    return {run.id: places.get(run.id, 1) for run in page if run.state == RunState.QUEUED}


def executions(by: Caller, run_id: UUID) -> QuerySet[Execution]:
    """The cells of a run that the viewer sees, without what only a release may show. Raises NotFound."""
    run = queries.run(by, run_id)
    return run.executions.defer("analysis", "skipped_artifacts", "output_media_types")


def files(by: Caller, *, project_id: UUID | None = None, owner_id: UUID | None = None) -> QuerySet[File]:
    """Files that may become inputs, with what is known of their contents and their owner."""
    found = queries.files_visible_to(by).select_related("blob", "owner").defer("owner__password", "blob__salt")
    if project_id is not None:
        found = found.filter(project_id=project_id)
    return found if owner_id is None else found.filter(owner_id=owner_id)


def files_of_content(by: Caller, sha256: bytes) -> list[UUID]:
    """The ids of the files of the caller's projects that have, or had until it was erased, this content."""
    return list(queries.files_ever_visible_to(by).filter(blob__sha256=sha256).values_list("id", flat=True))


def states(by: Caller, ids: Iterable[UUID]) -> dict[UUID, str]:
    """How those of these runs stand that the viewer sees."""
    return dict(queries.runs_visible_to(by).filter(pk__in=list(ids)).values_list("id", "state"))


def alive(by: Caller) -> QuerySet[Run]:
    """The person's own runs that have not ended."""
    return queries.runs_visible_to(by).filter(owner_id=by.user_id, ended_at__isnull=True)


def ended_badly(by: Caller, projects: Iterable[UUID], *, after: datetime | None = None) -> QuerySet[Run]:
    """Runs of these projects that ended as nobody wished, the last first, with their projects."""
    found = queries.runs_visible_to(by).filter(project_id__in=list(projects), state__in=ENDED_BADLY)
    if after is not None:
        found = found.filter(ended_at__gte=after)
    return found.order_by("-ended_at").prefetch_related("project")


def longest_waiting() -> datetime | None:
    """When the run was asked for that has waited for a sandbox the longest; None where none waits."""
    waiting = Run.objects.filter(state=RunState.QUEUED).order_by("created_at")
    return waiting.values_list("created_at", flat=True).first()
