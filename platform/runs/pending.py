"""What waits for a person: runs that others look at, that have nothing to do, or that ended as nobody wished."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from identity.callers import Caller
from runs import lists
from runs.models import Run
from runs.states import RunState

# A run that ended longer ago waits for nobody.
RECENT = timedelta(days=1)
MOST = 50


class Kind(StrEnum):
    """Why something waits."""

    AWAITING_APPROVAL = "awaiting_approval"
    READY_RUN = "ready_run"
    FAILED_RUN = "failed_run"


@dataclass(frozen=True)
class Pending:
    """One thing that waits, since then; `until` is when it stops by itself."""

    kind: Kind
    run: Run
    since: datetime
    until: datetime | None
    message: str
    remedy: str = ""


def of(by: Caller, now: datetime) -> tuple[int, list[Pending]]:
    """How many things wait for the caller, and the newest of them first."""
    alive = lists.alive(by).filter(state__in=[RunState.AWAITING_APPROVAL, RunState.READY])
    failed = lists.ended_badly(by, by.projects, after=now - RECENT).filter(owner_id=by.user_id)
    newest = alive.order_by("-state_since").prefetch_related("project")
    found = [_waits(run) for run in newest[:MOST]] + [_failed(run) for run in failed[:MOST]]
    found.sort(key=lambda each: each.since, reverse=True)
    return alive.count() + failed.count(), found[:MOST]


def _waits(run: Run) -> Pending:
    if run.state == RunState.READY:
        message, remedy = "Its sandbox waits for code.", "Add code, or close it."
        return Pending(Kind.READY_RUN, run, run.state_since, run.deadline_at, message, remedy)
    why = [str(reason["message"]) for reason in run.decision_reasons]
    message = " ".join(["It waits until people have looked at it.", *why[:1]])
    return Pending(Kind.AWAITING_APPROVAL, run, run.state_since, run.deadline_at, message, "Wait, or cancel it.")


def _failed(run: Run) -> Pending:
    return Pending(
        Kind.FAILED_RUN, run, run.ended_at or run.state_since, None, run.ended_message or "It ended.", run.ended_remedy
    )
