"""The states of a run and of an execution: what may follow what, who must move each on, and how long it may take."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class RunState(StrEnum):
    """Where a run stands on the path."""

    REQUESTED = "requested"
    DENIED = "denied"
    AWAITING_APPROVAL = "awaiting_approval"
    QUEUED = "queued"
    STARTING = "starting"
    READY = "ready"
    EXECUTING = "executing"
    CLOSED = "closed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    LOST = "lost"


class ExecutionState(StrEnum):
    """What became of one cell of code."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    INTERRUPTED = "interrupted"
    LOST = "lost"


class Owner(StrEnum):
    """Who must move a state on before its deadline."""

    REQUEST = "the request that made the run"
    REVIEWERS = "the project's reviewers"
    START_TASK = "the start task"
    PERSON = "the person who asked, or the idle limit"
    EXECUTION_TASK = "the execution's task"
    NOBODY = "nobody: it is final"


@dataclass(frozen=True)
class Station:
    """One state of a machine: its owner, its deadline (None: set from the run's limits, or final), what may follow."""

    owner: Owner
    deadline: timedelta | None
    after: frozenset[str]
    overdue: str | None


QUEUE_PATIENCE = timedelta(minutes=15)
# The worker that starts or executes prolongs this while it lives, so that its death shows in seconds.
SILENCE = timedelta(seconds=20)
R, E = RunState, ExecutionState
ENDINGS = frozenset({R.FAILED, R.CANCELLED, R.EXPIRED, R.LOST})

RUN_STATIONS: dict[RunState, Station] = {
    R.REQUESTED: Station(
        Owner.REQUEST, timedelta(minutes=1), frozenset({R.DENIED, R.AWAITING_APPROVAL, R.QUEUED, R.EXPIRED}), R.EXPIRED
    ),
    R.AWAITING_APPROVAL: Station(
        Owner.REVIEWERS, timedelta(days=7), frozenset({R.QUEUED, R.DENIED, R.CANCELLED, R.EXPIRED}), R.EXPIRED
    ),
    R.QUEUED: Station(
        Owner.START_TASK,
        QUEUE_PATIENCE,
        frozenset({R.STARTING, R.DENIED, R.AWAITING_APPROVAL}) | ENDINGS,
        R.EXPIRED,
    ),
    R.STARTING: Station(Owner.START_TASK, SILENCE, frozenset({R.READY, R.QUEUED}) | ENDINGS, R.QUEUED),
    R.READY: Station(Owner.PERSON, None, frozenset({R.EXECUTING, R.CLOSED}) | ENDINGS, R.EXPIRED),
    R.EXECUTING: Station(Owner.EXECUTION_TASK, SILENCE, frozenset({R.READY, R.CLOSED}) | ENDINGS, R.LOST),
    **{
        state: Station(Owner.NOBODY, None, frozenset(), None)
        for state in (R.DENIED, R.CLOSED, R.FAILED, R.CANCELLED, R.EXPIRED, R.LOST)
    },
}

EXECUTION_STATIONS: dict[ExecutionState, Station] = {
    E.QUEUED: Station(Owner.EXECUTION_TASK, None, frozenset({E.RUNNING, E.INTERRUPTED, E.LOST}), E.INTERRUPTED),
    E.RUNNING: Station(
        Owner.EXECUTION_TASK,
        None,
        frozenset({E.SUCCEEDED, E.FAILED, E.TIMED_OUT, E.OUT_OF_MEMORY, E.INTERRUPTED, E.LOST}),
        E.LOST,
    ),
    **{
        state: Station(Owner.NOBODY, None, frozenset(), None)
        for state in (E.SUCCEEDED, E.FAILED, E.TIMED_OUT, E.OUT_OF_MEMORY, E.INTERRUPTED, E.LOST)
    },
}

FINISHED = frozenset(state for state, station in RUN_STATIONS.items() if station.owner is Owner.NOBODY)
LIVE = frozenset(RunState) - FINISHED
# Ended otherwise than its owner, policy or a colleague wished.
ENDED_BADLY = frozenset({RunState.FAILED, RunState.EXPIRED, RunState.LOST})
WITH_SANDBOX = frozenset({RunState.STARTING, RunState.READY, RunState.EXECUTING})
ACCEPTS_CODE = frozenset(
    {RunState.AWAITING_APPROVAL, RunState.QUEUED, RunState.STARTING, RunState.READY, RunState.EXECUTING}
)
DONE = frozenset(state for state, station in EXECUTION_STATIONS.items() if station.owner is Owner.NOBODY)
