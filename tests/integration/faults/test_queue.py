"""More runs than sandboxes: they wait in order and know their place; past the queue's length they are turned away."""

import pytest

from tests.integration.faults.conftest import MOST, QUEUE
from tests.integration.faults.watching import Watching
from tests.stack import Stack, eventually
from tests.work import problem

pytestmark = pytest.mark.faults


def test_runs_wait_in_order_and_a_full_queue_turns_away(work: Watching, faulty: Stack):
    """Taken out: the order of waiting runs (newest first); the last to come was then served first."""
    held = [work.ready()["id"] for _ in range(MOST)]
    waiting = [work.run()["id"] for _ in range(QUEUE)]
    # The start task may hold the first one for a moment, while it finds no sandbox.
    eventually(lambda: [work.get(run)["queue_position"] for run in waiting] == list(range(1, QUEUE + 1)))
    answer = work.api.post("runs", json=work.wish())
    refused = problem(answer, 429, "queue_full")
    assert int(answer.headers["retry-after"]) >= 1
    assert str(QUEUE) in refused["detail"]
    for position, free in enumerate(held):
        work.cancel(free)
        work.until(waiting[position], "ready")
        others = [work.get(run)["state"] for run in waiting[position + 1 :]]
        assert "ready" not in others
    assert work.run()["state"] in ("queued", "starting")
