"""Ending: never waits for the log, for policy or for a worker. What ended is journalled and appended when it can be."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

import audit
from config import rows
from config.errors import NotFound, concerning
from config.verdicts import require
from identity.callers import Caller
from runs import hints, limits, queries, rules
from runs.actions.waiting import wait_again
from runs.fates import run_end
from runs.limits import Ending
from runs.models import Execution, Run
from runs.states import LIVE, QUEUE_PATIENCE, ExecutionState, RunState
from sandbox_operator.errors import Fate
from sandbox_operator.protocol import ProbeReport

_EVENTS = {
    RunState.CLOSED: audit.Event.RUNS_RUN_CLOSED,
    RunState.CANCELLED: audit.Event.RUNS_RUN_CANCELLED,
    RunState.EXPIRED: audit.Event.RUNS_RUN_EXPIRED,
    RunState.FAILED: audit.Event.RUNS_RUN_FAILED,
    RunState.LOST: audit.Event.RUNS_RUN_LOST,
}
# How long a worker may still bring the outcome of an execution whose sandbox is gone already.
BRINGING = timedelta(seconds=5)


def end_run(run: Run, state: RunState, ending: Ending, *, by: Caller | None) -> None:
    """End a locked run: state, reason, its open executions, the log, and after the commit its sandbox."""
    _end_executions(run, state, ending, by)
    run.move_to(state)
    run.epoch += 1
    run.ended_code, run.ended_message, run.ended_remedy = ending.code, ending.message, ending.remedy
    why = {"ended_code": ending.code, "ended_message": ending.message, "ended_remedy": ending.remedy}
    rows.update(Run, {"id": run.id}, {**run.turn(), "epoch": run.epoch, **why})
    audit.append_or_journal(
        _EVENTS[state],
        tenant=run.project_id,
        actor=by.pseudonym if by else None,
        subject=f"run:{run.id}",
        outcome=ending.code,
    )
    hints.announce(run)
    handle = run.handle
    transaction.on_commit(lambda: hints.stop_sandbox(handle) if handle else hints.start_next())


def _end_executions(run: Run, state: RunState, ending: Ending, by: Caller | None) -> None:
    for cell in run.executions.select_for_update().exclude(ended_at__isnull=False):
        began = cell.state == ExecutionState.RUNNING
        lost = began and state in {RunState.LOST, RunState.FAILED}
        _end_execution(
            cell, ExecutionState.LOST if lost else ExecutionState.INTERRUPTED, ending if began else limits.NOT_STARTED
        )
        audit.append_or_journal(
            audit.Event.RUNS_EXECUTION_ENDED,
            tenant=run.project_id,
            actor=by.pseudonym if by else None,
            subject=f"run:{run.id}/execution:{cell.number}",
            outcome=cell.state,
            facts={"ended": cell.ended_code},
        )
        hints.announce(run, cell)


def _end_execution(cell: Execution, state: ExecutionState, ending: Ending) -> None:
    cell.move_to(state)
    cell.ended_code, cell.ended_message, cell.ended_remedy = ending.code, ending.message, ending.remedy
    cell.save(update_fields=["state", "ended_at", "ended_code", "ended_message", "ended_remedy"])


def _locked(run_id: UUID, by: Caller) -> Run:
    run = queries.runs_visible_to(by).select_for_update().filter(pk=run_id).first()
    if run is None:
        raise NotFound("run")
    return run


@audit.refusals
@transaction.atomic
def cancel(run_id: UUID, *, by: Caller) -> Run:
    """End a run now. Raises NotFound, or Refused with the rule's code."""
    run = _locked(run_id, by)
    with concerning(run.project_id, f"run:{run.id}"):
        require(rules.may_cancel(run, by))
    end_run(run, RunState.CANCELLED, limits.CANCELLED, by=by)
    return run


@audit.refusals
@transaction.atomic
def close(run_id: UUID, *, by: Caller) -> Run:
    """End a run that has nothing to do. Raises NotFound, or Refused with the rule's code."""
    run = _locked(run_id, by)
    with concerning(run.project_id, f"run:{run.id}"):
        require(rules.may_close(run, by))
    end_run(run, RunState.CLOSED, limits.CLOSED, by=by)
    return run


@audit.refusals
@transaction.atomic
def interrupt(run_id: UUID, *, by: Caller) -> Run:
    """Ask whoever holds the channel to interrupt the running cell. Raises NotFound, or Refused with the rule's code."""
    run = _locked(run_id, by)
    with concerning(run.project_id, f"run:{run.id}"):
        require(rules.may_interrupt(run, by))
    run.executions.filter(state=ExecutionState.RUNNING).update(interrupt_asked=True)
    audit.append_or_journal(
        audit.Event.RUNS_EXECUTION_INTERRUPT_ASKED,
        tenant=run.project_id,
        actor=by.pseudonym,
        subject=f"run:{run.id}",
    )
    return run


@transaction.atomic
def fail_start(run: Run, ending: Ending) -> None:
    """End a run whose sandbox could not be made ready. Does nothing where it moved on meanwhile."""
    locked = Run.objects.select_for_update().get(pk=run.pk)
    if locked.state == RunState.STARTING and locked.epoch == run.epoch:
        end_run(locked, RunState.FAILED, ending, by=None)


@transaction.atomic
def fail_containment(run: Run, report: ProbeReport) -> None:
    """End a run whose sandbox the containment probe could leave, and put on record where it got through."""
    locked = Run.objects.select_for_update().get(pk=run.pk)
    if locked.state != RunState.STARTING or locked.epoch != run.epoch:
        return
    audit.append_or_journal(
        audit.Event.RUNS_CONTAINMENT_FAILED,
        tenant=run.project_id,
        actor=None,
        subject=f"run:{run.id}",
        outcome="failed",
        facts={
            "probe": report.kind,
            "complete": report.complete,
            "holes": [str(hole)[:500] for hole in report.holes[:20]],
        },
    )
    end_run(locked, RunState.FAILED, limits.CONTAINMENT_FAILED, by=None)


@transaction.atomic
def move_overdue(run_id: UUID, *, now: datetime) -> bool:
    """Move on a run that its state's owner did not in time; whether it did.

    A start that fell silent ran nothing, so the run waits again as long as it may; every other run ends.
    """
    run = Run.objects.select_for_update(skip_locked=True).filter(pk=run_id, state__in=LIVE, deadline_at__lt=now).first()
    if run is None:
        return False
    if run.state == RunState.STARTING and now < run.created_at + QUEUE_PATIENCE:
        wait_again(run, "start_went_silent")
        transaction.on_commit(hints.start_next)
        return True
    state, ending = _overdue(run, now)
    end_run(run, state, ending, by=None)
    return True


def _overdue(run: Run, now: datetime) -> tuple[RunState, Ending]:
    if run.state == RunState.READY:
        over = run.expires_at is not None and run.expires_at <= now
        return RunState.EXPIRED, limits.life_over(run.limits) if over else limits.idle_too_long(run.limits)
    if run.state in {RunState.STARTING, RunState.EXECUTING}:
        return RunState.LOST, limits.LOST
    if run.state == RunState.AWAITING_APPROVAL:
        return RunState.EXPIRED, limits.NOT_APPROVED
    return RunState.EXPIRED, limits.QUEUED_TOO_LONG


@transaction.atomic
def end_without_sandbox(run_id: UUID, fate: Fate) -> None:
    """End a run whose sandbox is gone. One that executes is given a moment first: its worker may know why."""
    run = Run.objects.select_for_update(skip_locked=True).filter(pk=run_id).first()
    if run is None or run.state not in {RunState.READY, RunState.EXECUTING}:
        return
    soon = timezone.now() + BRINGING
    if run.state == RunState.READY:
        end_run(run, *run_end(fate, run.limits), by=None)
    elif run.deadline_at is None or run.deadline_at > soon:
        run.deadline_at = soon
        run.save(update_fields=["deadline_at"])
