"""Reads, already filtered for the viewer."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Max, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils import timezone

import identity.queries
from config.errors import NotFound
from identity.callers import Caller
from identity.states import MODEL_ROLES, TokenKind
from runs.models import Artifact, Blob, Execution, File, Run, Upload, UploadPart
from runs.rules import MAY_SEE
from runs.states import LIVE, SILENCE, WITH_SANDBOX, ExecutionState, RunState

# What no answer about an execution says of its run.
_RUN_HEAVY = tuple(
    f"run__{name}"
    for name in (
        *("packages", "closure_id", "closure_pins", "connectors", "limits", "sandbox", "handle", "environment"),
        *("decision_id", "decision_outcome", "decision_reasons", "decision_revision", "decided_at", "image_digest"),
        *("state_since", "deadline_at", "hinted_at", "created_at", "started_at", "expires_at", "epoch", "purpose"),
        *("ended_code", "ended_message", "ended_remedy", "caller_kind", "caller_model", "one_shot"),
    )
)


def _visible_projects(caller: Caller) -> list[UUID]:
    return [project_id for project_id, roles in caller.roles.items() if roles & MAY_SEE]


def runs_visible_to(caller: Caller) -> QuerySet[Run]:
    """Runs of the caller's projects; a model sees those of its person alone."""
    found = Run.objects.filter(project_id__in=_visible_projects(caller))
    return found.filter(owner_id=caller.user_id) if caller.kind is TokenKind.MODEL else found


def run(caller: Caller, run_id: UUID) -> Run:
    """Raises NotFound."""
    try:
        return runs_visible_to(caller).select_related("project").get(pk=run_id)
    except Run.DoesNotExist:
        raise NotFound("run") from None


def fetch_parts(runs: Sequence[Run]) -> None:
    """Fetch the files, and the executions' states and usage, of all these runs at once where they are not there yet."""
    used = ("wall_seconds", "cpu_seconds", "peak_memory_bytes")
    cells = Execution.objects.only("run_id", "number", "language", "state", *used).order_by("number")
    prefetch_related_objects(runs, "files__blob", Prefetch("executions", cells))


def execution(caller: Caller, run_id: UUID, number: int) -> Execution:
    """Raises NotFound."""
    try:
        return (
            _executions_visible_to(caller)
            .select_related("run__project", "code", "prompt", "outputs")
            .prefetch_related("artifacts__blob")
            .defer(*_RUN_HEAVY)
            .get(run_id=run_id, number=number)
        )
    except Execution.DoesNotExist:
        raise NotFound("execution") from None


def _executions_visible_to(caller: Caller) -> QuerySet[Execution]:
    found = Execution.objects.filter(run__project_id__in=_visible_projects(caller))
    return found.filter(run__owner_id=caller.user_id) if caller.kind is TokenKind.MODEL else found


def execution_open(caller: Caller, run_id: UUID, number: int) -> bool:
    """Whether the caller sees such an execution and it is not done yet."""
    return _executions_visible_to(caller).filter(run_id=run_id, number=number, ended_at__isnull=True).exists()


def executions_of(run: Run) -> QuerySet[Execution]:
    """All executions of a run, in order."""
    return (
        run.executions.select_related("code", "prompt", "outputs")
        .prefetch_related("artifacts__blob")
        .order_by("number")
    )


def artifact(caller: Caller, run_id: UUID, name: str) -> Artifact:
    """The newest artifact of that name. Raises NotFound."""
    if "\x00" in name:
        # No name has one, and PostgreSQL takes none.
        raise NotFound("artifact")
    found = (
        Artifact.objects.filter(
            run__in=runs_visible_to(caller), run_id=run_id, name=name, blob__wrapped_key__isnull=False
        )
        .select_related("run__project", "blob", "execution")
        .order_by("-execution__number")
        .first()
    )
    if found is None:
        raise NotFound("artifact")
    return found


def files_visible_to(caller: Caller) -> QuerySet[File]:
    """Files of the caller's projects that may become inputs; a model's are those of its person."""
    return files_ever_visible_to(caller).filter(blob__wrapped_key__isnull=False)


def files_ever_visible_to(caller: Caller) -> QuerySet[File]:
    """Those, and those whose content was erased."""
    found = File.objects.filter(project_id__in=_visible_projects(caller))
    return found.filter(owner_id=caller.user_id) if caller.kind is TokenKind.MODEL else found


def files(caller: Caller, project_id: UUID, ids: list[UUID]) -> list[File]:
    """The named files of one project, in the order named. Raises NotFound for the first that is not there to see."""
    found = {
        file.id: file
        for file in files_visible_to(caller).filter(project_id=project_id, pk__in=ids).select_related("blob")
    }
    if len(found) < len(set(ids)):
        raise NotFound("file")
    return [found[identity] for identity in dict.fromkeys(ids)]


def uploads_of(caller: Caller) -> QuerySet[Upload]:
    """The person's own uploads whose time is not over."""
    mine = Upload.objects.filter(owner_id=caller.user_id, expires_at__gt=timezone.now())
    return mine.filter(project_id__in=_visible_projects(caller))


def upload(caller: Caller, upload_id: UUID, *, lock: bool = False) -> Upload:
    """Raises NotFound. With `lock`, the row is held until the transaction ends."""
    mine = uploads_of(caller)
    found = (mine.select_for_update() if lock else mine).filter(pk=upload_id).first()
    if found is None:
        raise NotFound("upload")
    return found


def parts(upload: Upload) -> list[UploadPart]:
    """The pieces of an upload with where they lie, in order."""
    return list(upload.parts.select_related("blob").order_by("start"))


def unfinished_uploads(caller: Caller) -> int:
    """How many uploads of the person are not finished."""
    mine = Upload.objects.filter(owner_id=caller.user_id, expires_at__gt=timezone.now())
    return mine.filter(received__lt=F("size")).count()


def expired_uploads(now: datetime, most: int) -> list[UUID]:
    """Uploads whose time is over, the longest first."""
    late = Upload.objects.filter(expires_at__lte=now).order_by("expires_at")
    return list(late.values_list("id", flat=True)[:most])


def files_of_uploads(uploads: Iterable[Upload]) -> dict[UUID, File]:
    """The files that came of uploads, by the id that both bear."""
    return File.objects.select_related("blob").in_bulk([upload.id for upload in uploads if upload.finished])


def queue_position(run: Run) -> int | None:
    """How many queued runs come first, plus one; None for a run that does not wait."""
    if run.state != RunState.QUEUED:
        return None
    earlier = Q(created_at__lt=run.created_at) | Q(created_at=run.created_at, id__lt=run.id)
    return Run.objects.filter(earlier, state=RunState.QUEUED).count() + 1


def queue_length() -> int:
    """How many runs wait for a sandbox."""
    return Run.objects.filter(state=RunState.QUEUED).count()


def waiting_runs(most: int) -> list[Run]:
    """Queued runs in the order in which they are served."""
    return list(Run.objects.filter(state=RunState.QUEUED).order_by("created_at", "id")[:most])


def awaits_image(run: Run) -> bool:
    """Whether it waits again because no sandbox is of its image."""
    return Run.objects.filter(pk=run.pk, state=RunState.QUEUED, decided_at=None).exists()


def waiting_execution(run_id: UUID) -> Execution | None:
    """The next cell of a ready run, or None."""
    found = Execution.objects.filter(run_id=run_id, run__state=RunState.READY, state=ExecutionState.QUEUED)
    return next(iter(found.select_related("run", "code").order_by("number")[:1]), None)


def first_waiting(run: Run) -> Execution | None:
    """The cell that runs as soon as the run is ready, or None."""
    found = Execution.objects.filter(run_id=run.id, state=ExecutionState.QUEUED)
    return next(iter(found.select_related("code").order_by("number")[:1]), None)


def asker(run: Run) -> Caller:
    """Who asked for a run, with the roles of this moment, for work that goes on after their request."""
    person = identity.queries.caller_for(run.owner)
    if run.caller_kind != TokenKind.MODEL:
        return person
    roles = {project_id: roles & MODEL_ROLES for project_id, roles in person.roles.items()}
    return replace(person, kind=TokenKind.MODEL, model_name=run.caller_model or None, roles=roles)


def runs_by_state() -> dict[str, int]:
    """How many live runs are in each state."""
    counted = Run.objects.filter(state__in=LIVE).values_list("state").annotate(n=Count("id"))
    return {str(state): 0 for state in sorted(LIVE)} | dict(counted)


def load(run: Run) -> tuple[int, int]:
    """How many executions of the run wait or run, and the highest number among all that it had (0: none)."""
    unfinished = Count("id", filter=Q(ended_at__isnull=True))
    counted = run.executions.aggregate(unfinished=unfinished, highest=Max("number", default=0))
    return counted["unfinished"], counted["highest"]


def overdue(now: datetime, most: int) -> list[UUID]:
    """Live runs whose owner did not move them on in time, the longest first.

    None for a while after the database's start: while it was away nobody could give a sign of life.
    """
    if now < _database_started() + SILENCE:
        return []
    late = Run.objects.filter(deadline_at__lt=now, state__in=LIVE).order_by("deadline_at")
    return list(late.values_list("id", flat=True)[:most])


def _database_started() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_postmaster_start_time()")
        started: datetime = cursor.fetchone()[0]
        return started


def unhinted(before: datetime, most: int) -> list[tuple[UUID, str]]:
    """Runs whose next step was due and last hinted at before then: queued ones, and ready ones with code that waits."""
    code = Q(executions__state=ExecutionState.QUEUED, executions__created_at__lt=before)
    waiting = Q(state=RunState.QUEUED) | (Q(state=RunState.READY) & code)
    hinted = Q(hinted_at__lt=before) | Q(hinted_at__isnull=True)
    stale = Run.objects.filter(waiting, hinted, state_since__lt=before)
    return list(stale.order_by("created_at").values_list("id", "state").distinct()[:most])


def any_run(run_id: UUID) -> Run | None:
    """A run, for the platform's own work: no viewer, no filter."""
    return Run.objects.filter(pk=run_id).first()


def in_sandboxes() -> dict[str, UUID]:
    """Handle to run of every live run that has a sandbox."""
    held = Run.objects.filter(state__in=WITH_SANDBOX, handle__isnull=False).values_list("handle", "id")
    return {handle: run_id for handle, run_id in held if handle}


def projects_with_work_of(user_id: UUID) -> frozenset[UUID]:
    """The projects that have runs, files or uploads of a person."""
    rooms = (Run, File, Upload)
    found = (room.objects.filter(owner_id=user_id).values_list("project_id", flat=True) for room in rooms)
    return frozenset(project_id for each in found for project_id in each.distinct())


def runs_of(user_id: UUID) -> list[UUID]:
    """The ids of a person's runs, for the platform's own work."""
    return list(Run.objects.filter(owner_id=user_id).values_list("pk", flat=True))


def unopenable_contents_of(user_id: UUID) -> list[str]:
    """The names under which the contents of a person lay whose keys are destroyed."""
    cells = Execution.objects.filter(run__owner_id=user_id)
    named = Q(pk__in=File.objects.filter(owner_id=user_id).values("blob_id"))
    named |= Q(pk__in=Artifact.objects.filter(run__owner_id=user_id).values("blob_id"))
    for part in ("code_id", "prompt_id", "outputs_id"):
        named |= Q(pk__in=cells.filter(**{f"{part}__isnull": False}).values(part))
    return list(Blob.objects.filter(named, wrapped_key__isnull=True).values_list("name", flat=True))
