"""Waiting again: a run that was being started goes back to its old place in the queue."""

import audit
from runs import hints
from runs.models import Run
from runs.states import QUEUE_PATIENCE, RunState


def wait_again(locked: Run, why: str, *, undecided: bool = False) -> None:
    """Put a locked run that was starting back into the queue. Whoever still starts it holds an old fencing token.

    `undecided`: before its next turn it is decided anew, however fresh its decision is.
    """
    locked.epoch += 1
    if undecided:
        locked.decided_at = None
    locked.move_to(RunState.QUEUED, deadline=locked.created_at + QUEUE_PATIENCE)
    locked.save()
    hints.announce(locked)
    # Nothing of it ran: what undoes a start waits for the log no more than what ends a run.
    audit.append_or_journal(
        audit.Event.RUNS_RUN_REQUEUED,
        tenant=locked.project_id,
        actor=None,
        subject=f"run:{locked.id}",
        outcome=why,
    )
