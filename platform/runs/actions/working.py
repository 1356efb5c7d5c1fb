"""Working: a worker takes a run on and gives back what it measured, by compare-and-set with a fencing token."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

import audit
from config import metrics, rows
from gateways.blobs import Sealed
from runs import hints
from runs.actions.ending import end_run
from runs.actions.keeping import commitment, kept
from runs.actions.waiting import wait_again
from runs.errors import Overtaken
from runs.limits import CLOSED, Ending
from runs.models import Artifact, Execution, Run
from runs.states import SILENCE, ExecutionState, RunState


@dataclass(frozen=True)
class Found:
    """One artifact, sealed."""

    name: str
    media_type: str
    content: Sealed


@dataclass(frozen=True)
class Outcome:
    """What became of an execution, measured outside the sandbox. `run_ends`: the sandbox is gone, and why."""

    state: ExecutionState
    ending: Ending
    outputs: Sealed | None = None
    media_types: list[str] = field(default_factory=list)
    artifacts: list[Found] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    truncated: bool = False
    wall_seconds: float | None = None
    cpu_seconds: float | None = None
    peak_memory_bytes: int | None = None
    run_ends: tuple[RunState, Ending] | None = None

    def contents(self) -> Iterable[Sealed]:
        """Everything that was sealed for it."""
        yield from (artifact.content for artifact in self.artifacts)
        if self.outputs is not None:
            yield self.outputs


@transaction.atomic
def begin_start(run_id: UUID) -> Run | None:
    """Take on the start of a queued run: recorded before anything is claimed. None where somebody else did."""
    queued = Run.objects.select_for_update(skip_locked=True).filter(pk=run_id, state=RunState.QUEUED)
    if (run := next(iter(queued), None)) is None:
        return None
    now = timezone.now()
    run.move_to(RunState.STARTING)
    run.epoch += 1
    run.expires_at = now + timedelta(seconds=run.limits["life_seconds"])
    rows.update(Run, {"id": run.id}, {**run.turn(), "epoch": run.epoch, "expires_at": run.expires_at})
    audit.append(
        audit.Event.RUNS_RUN_STARTING,
        tenant=run.project_id,
        actor=None,
        subject=f"run:{run.id}",
        facts={"image": run.image_digest, "decision": str(run.decision_id), "revision": run.decision_revision},
    )
    hints.announce(run)
    return run


def prolong(run: Run) -> bool:
    """Note that the worker that starts or executes the run still does; whether the run is still its to move on."""
    held = Run.objects.filter(pk=run.pk, state__in=[RunState.STARTING, RunState.EXECUTING], epoch=run.epoch)
    return held.update(deadline_at=timezone.now() + SILENCE) == 1


@transaction.atomic
def requeue(run: Run, why: str, *, undecided: bool = False) -> None:
    """Let a run that found no sandbox wait again, in its old place. Raises Overtaken where it moved on meanwhile."""
    wait_again(_held(run, RunState.STARTING), why, undecided=undecided)


@transaction.atomic
def mark_ready(
    run: Run, *, handle: str, sandbox: dict[str, Any], first: Execution | None = None
) -> tuple[Run, Execution | None]:
    """Record the sandbox that serves the run and, in the same transaction, the beginning of its first cell where that
    is given. Raises Overtaken where the run moved on meanwhile (it was cancelled)."""
    ready = _ready(run, handle, sandbox)
    if first is None:
        return ready, None
    first.run = ready
    if not _begin(first):
        raise Overtaken(f"run {run.pk}")
    return ready, first


def _ready(run: Run, handle: str, sandbox: dict[str, Any]) -> Run:
    locked = _held(run, RunState.STARTING)
    locked.handle = handle
    locked.sandbox = sandbox
    locked.started_at = timezone.now()
    locked.move_to(RunState.READY, deadline=_idle_deadline(locked))
    found = {"handle": handle, "sandbox": sandbox, "started_at": locked.started_at}
    rows.update(Run, {"id": run.id}, {**locked.turn(), **found})
    audit.append(
        audit.Event.RUNS_RUN_STARTED,
        tenant=run.project_id,
        actor=None,
        subject=f"run:{run.id}",
        facts={
            "image": sandbox["image_digest"],
            "gvisor": sandbox["gvisor_version"],
            "sandbox": handle,
            "warm": sandbox["warm"],
            "checks": sandbox["probe"]["checks"],
        },
    )
    hints.announce(locked)
    return locked


def _idle_deadline(run: Run) -> datetime:
    idle = timezone.now() + timedelta(seconds=run.limits["idle_seconds"])
    return min(idle, run.expires_at) if run.expires_at else idle


def _held(run: Run, *states: RunState) -> Run:
    locked = Run.objects.select_for_update().get(pk=run.pk)
    if locked.state not in states or locked.epoch != run.epoch:
        raise Overtaken(f"run {run.pk}")
    return locked


@transaction.atomic
def begin_execution(execution: Execution) -> Execution | None:
    """Take on the next cell of a ready run, under a new fencing token. None where somebody else did, or it may not run.

    Committed before the first frame is sent: whoever holds the newest token is the only one that runs it.
    """
    if not _begin(execution):
        transaction.set_rollback(True)
        return None
    return execution


def _begin(execution: Execution) -> bool:
    """Whether run and cell were as they were read; where they were not, what was written must not be committed."""
    run = execution.run
    held = {"id": run.id, "state": RunState.READY, "epoch": run.epoch}
    run.epoch += 1
    run.move_to(RunState.EXECUTING)
    if not rows.update(Run, held, {"epoch": run.epoch, **run.turn()}):
        return False
    execution.epoch = run.epoch
    execution.move_to(ExecutionState.RUNNING)
    begun = {"epoch": run.epoch, "state": execution.state, "started_at": execution.started_at}
    if not rows.update(Execution, {"id": execution.id, "state": ExecutionState.QUEUED}, begun):
        return False
    audit.append(
        audit.Event.RUNS_EXECUTION_STARTED,
        tenant=run.project_id,
        actor=None,
        subject=f"run:{run.id}/execution:{execution.number}",
        facts={
            "decision": str(execution.decision_id),
            "revision": execution.decision_revision,
            "epoch": run.epoch,
        },
        commitments={"code": commitment(execution.code)},
    )
    hints.announce(run, execution)
    metrics.observe_governance("queue", (timezone.now() - execution.created_at).total_seconds())
    return True


@transaction.atomic
def finish_execution(execution: Execution, outcome: Outcome) -> Run:
    """Record what came of a cell, and where the run stands now. Raises Overtaken: then nothing of it counts."""
    # A copy: where the database goes away meanwhile, the same is written again.
    cell = copy(execution)
    ends = _ends(cell.run, outcome)
    run = _held(cell.run, RunState.EXECUTING) if ends else _ready_again(cell.run)
    _fill(cell, outcome)
    commitments = {f"artifact:{n}": _keep_artifact(cell, found) for n, found in enumerate(outcome.artifacts)}
    if cell.outputs is not None:
        commitments["outputs"] = commitment(cell.outputs)
    audit.append(
        audit.Event.RUNS_EXECUTION_FINISHED,
        tenant=run.project_id,
        actor=None,
        subject=f"run:{run.id}/execution:{cell.number}",
        outcome=cell.state,
        facts={
            "image": run.image_digest,
            "wall_milliseconds": round((cell.wall_seconds or 0) * 1000),
            "cpu_milliseconds": round((cell.cpu_seconds or 0) * 1000),
            "peak_memory_bytes": cell.peak_memory_bytes,
            "truncated": cell.truncated,
            "ended": cell.ended_code,
        },
        commitments=commitments,
    )
    # Before the run ends: nobody listens to a run that has ended.
    hints.announce(run, cell)
    if ends:
        end_run(run, *ends, by=None)
    elif run.executions.filter(state=ExecutionState.QUEUED).exists():
        transaction.on_commit(lambda: hints.execute_next(run.id))
    return run


def _ends(run: Run, outcome: Outcome) -> tuple[RunState, Ending] | None:
    return outcome.run_ends or ((RunState.CLOSED, CLOSED) if run.one_shot else None)


def _ready_again(run: Run) -> Run:
    moved = copy(run)
    moved.move_to(RunState.READY, deadline=_idle_deadline(moved))
    if not rows.update(Run, {"id": run.id, "state": RunState.EXECUTING, "epoch": run.epoch}, moved.turn()):
        raise Overtaken(f"run {run.pk}")
    return moved


def _fill(cell: Execution, outcome: Outcome) -> None:
    running = {"id": cell.id, "state": ExecutionState.RUNNING, "epoch": cell.epoch}
    cell.move_to(outcome.state)
    outputs = kept(outcome.outputs) if outcome.outputs else None
    filled = {
        "outputs_id": outputs.id if outputs else None,
        "output_media_types": outcome.media_types,
        "truncated": outcome.truncated,
        "skipped_artifacts": outcome.skipped,
        "wall_seconds": outcome.wall_seconds,
        "cpu_seconds": outcome.cpu_seconds,
        "peak_memory_bytes": outcome.peak_memory_bytes,
        "ended_code": outcome.ending.code,
        "ended_message": outcome.ending.message,
        "ended_remedy": outcome.ending.remedy,
    }
    if not rows.update(Execution, running, {"state": cell.state, "ended_at": cell.ended_at, **filled}):
        raise Overtaken(f"execution {cell.number} of run {cell.run_id}")
    for name, value in filled.items():
        setattr(cell, name, value)
    cell.outputs = outputs


def _keep_artifact(cell: Execution, found: Found) -> str:
    artifact = Artifact.objects.create(
        run_id=cell.run_id, execution=cell, name=found.name, media_type=found.media_type, blob=kept(found.content)
    )
    return commitment(artifact.blob)


def hinted(run_ids: list[UUID]) -> None:
    """Note that the next step of these runs was hinted at again."""
    Run.objects.filter(Q(pk__in=run_ids)).update(hinted_at=timezone.now())
