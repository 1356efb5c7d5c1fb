"""The worker's door: each task takes one step, and says nothing that the database does not."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

import audit
import policy.queries
from config.celery import app
from config.errors import Refused
from gateways import sandboxes
from runs import actions, driver, hints, limits, proposals, queries, signs
from runs.actions import Outcome
from runs.errors import Overtaken
from runs.models import Execution, Run
from runs.states import FINISHED, ExecutionState, RunState
from sandbox_operator.errors import BackendUnavailable
from sandbox_operator.protocol import SandboxStatus

DECISION_LASTS = timedelta(seconds=60)
HINT_AGAIN = timedelta(seconds=4)
# What a worker may take, packages included, and what it may need beyond an execution's wall time, its outcome recorded.
# One that takes longer hangs.
STARTING_SECONDS = 300.0
COLLECTING_SECONDS = 120.0
RECORDING_SECONDS = 60.0
# Much longer than an upload or a recording takes.
UNNAMED_FOR = timedelta(days=1)
_MOST = 200
_log = structlog.get_logger(__name__)


def _fresh(decided_at: datetime | None, revision: str) -> bool:
    """Whether a decision may still be acted on: made within the minute, by the revision that is active now.

    One made just now says itself which revision is active, as well as the answer that `revision` keeps for as long.
    """
    if decided_at is None:
        return False
    age = timezone.now() - decided_at
    if age < timedelta(seconds=policy.queries.CACHED_SECONDS):
        return bool(revision)
    try:
        return age < DECISION_LASTS and policy.queries.revision() == revision
    except Refused:
        return False


@app.task(name="runs.tasks.start_next")
def start_next() -> None:
    """Start the run that has waited longest, and go on with its code."""
    found = queries.waiting_runs(10)
    for waiting in found:
        if not _may_start(waiting):
            continue
        run = actions.begin_start(waiting.id)
        if run is None:
            continue
        started = _started(run)
        if started is None:
            # A full pool is full for whoever comes next. One that has not got a run's image may well have another's.
            if queries.awaits_image(run):
                continue
            return
        # Who came later has sent a hint of their own.
        if len(found) > 1:
            hints.start_next()
        if started.cell is not None:
            _work_on(started.cell)
        else:
            execute_next(str(run.id))
        return


def _started(run: Run) -> driver.Started | None:
    try:
        with signs.alive(run, longest=STARTING_SECONDS):
            return driver.start(run, _first_allowed)
    except (OperationalError, InterfaceError, audit.NotRecorded):
        # Nothing can be recorded now. The start has fallen silent, so the run will wait again.
        raise
    except Exception as fault:
        _log.exception("start_fault", run_id=str(run.id), fault=type(fault).__name__)
        actions.fail_start(run, limits.NOT_READY)
        return None


def _first_allowed(run: Run) -> Execution | None:
    """The code that a run came with, unless its decision has to be made again."""
    cell = queries.first_waiting(run) if run.one_shot else None
    return cell if cell is not None and _fresh(cell.decided_at, cell.decision_revision) else None


def _may_start(run: Run) -> bool:
    if _fresh(run.decided_at, run.decision_revision):
        return True
    return actions.ask_run_again(run, proposals.reconsider_run(run, queries.asker(run)))


@app.task(name="runs.tasks.execute_next")
def execute_next(run_id: str) -> None:
    """Run the next waiting cell of a run, if it is this worker that gets it."""
    waiting = queries.waiting_execution(UUID(run_id))
    if waiting is None:
        return
    if not _fresh(waiting.decided_at, waiting.decision_revision):
        asked = proposals.reconsider_execution(waiting, queries.asker(waiting.run))
        if not actions.ask_again(waiting, asked):
            hints.execute_next(UUID(run_id))
            return
    cell = actions.begin_execution(waiting)
    if cell is not None:
        _work_on(cell)


def _work_on(cell: Execution) -> None:
    with signs.alive(cell.run, longest=cell.run.limits["wall_seconds"] + COLLECTING_SECONDS):
        _record(cell, _executed(cell))


def _executed(cell: Execution) -> Outcome:
    try:
        return driver.execute(cell)
    except Exception as fault:
        # Whatever went wrong in here, the run must not wait for its deadline.
        _log.exception("execution_fault", run_id=str(cell.run_id), fault=type(fault).__name__)
        return Outcome(ExecutionState.LOST, limits.LOST, run_ends=(RunState.LOST, limits.LOST))


def _record(cell: Execution, outcome: Outcome) -> None:
    try:
        run = _persistently(lambda: actions.finish_execution(cell, outcome))
    except Overtaken:
        actions.discard(outcome.contents())
        return
    except BaseException:
        actions.discard(outcome.contents())
        raise
    if run.state in FINISHED and run.handle:
        driver.stop(run.handle)
        if queries.queue_length():
            hints.start_next()


def _persistently[R](write: Callable[[], R]) -> R:
    """Write what was measured even when the database restarts meanwhile."""
    until = time.monotonic() + RECORDING_SECONDS
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError, audit.NotRecorded):
            if time.monotonic() > until:
                raise
            close_old_connections()
            time.sleep(0.5)


@app.task(name="runs.tasks.stop_sandbox")
def stop_sandbox(handle: str) -> None:
    """End a sandbox whose run has ended."""
    driver.stop(handle)
    if queries.queue_length():
        hints.start_next()


@app.task(name="runs.tasks.sweep")
def sweep() -> None:
    """Move on what its owner did not: overdue runs, lost hints, sandboxes without a run and runs without a sandbox."""
    now = timezone.now()
    for run_id in queries.overdue(now, _MOST):
        _apart(actions.move_overdue, run_id, now=now)
    for step in (_hint_again, _reconcile, audit.append_journalled):
        _apart(step)


def _apart[**P](step: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Take one step of the sweep; what goes wrong in it keeps no other one from being taken."""
    try:
        step(*args, **kwargs)
    except Exception as fault:
        _log.exception("sweep_fault", step=step.__name__, fault=type(fault).__name__)
        close_old_connections()


@app.task(name="runs.tasks.discard_unnamed_blobs")
def discard_unnamed_blobs() -> None:
    """Remove contents whose worker died between sealing and recording them."""
    done = actions.discard_unnamed(timezone.now() - UNNAMED_FOR, _MOST)
    if done:
        _log.warning("unnamed_blobs_removed", count=done)


def _hint_again() -> None:
    stale = queries.unhinted(timezone.now() - HINT_AGAIN, _MOST)
    if not stale:
        return
    actions.hinted([run_id for run_id, _ in stale])
    if any(state == RunState.QUEUED for _, state in stale):
        hints.start_next()
    for run_id, state in stale:
        if state == RunState.READY:
            hints.execute_next(run_id)


def _reconcile() -> None:
    # Read ours first: a run that became ready after the listing must not look as if its sandbox were gone.
    held = queries.in_sandboxes()
    try:
        listed = {
            str(sandbox.handle): sandbox for sandbox in sandboxes.backend().sandboxes() if sandbox.run_id is not None
        }
    except BackendUnavailable as fault:
        _log.warning("sandboxes_unknown", code=fault.code)
        return
    for handle, run_id in held.items():
        if handle not in listed:
            actions.end_without_sandbox(run_id, driver.fate(handle))
    for handle, sandbox in listed.items():
        if handle not in held and _orphaned(handle, sandbox):
            driver.stop(handle)


def _orphaned(handle: str, sandbox: SandboxStatus) -> bool:
    run = queries.any_run(sandbox.run_id) if sandbox.run_id else None
    if run is None or run.finished:
        return True
    return (run.handle is not None and run.handle != handle) or run.state == RunState.QUEUED
