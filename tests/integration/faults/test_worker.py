"""The worker dies, or two of them compete: what ran ran once, and nobody waits for ever."""

import pytest

from tests.integration.faults.watching import Watching
from tests.stack import Stack
from tests.work import text

pytestmark = pytest.mark.faults


def test_a_worker_killed_in_mid_execution_loses_that_run_and_nothing_else(work: Watching, faulty: Stack):
    idle = work.ready()["id"]
    work.done(idle, "kept = 7")
    busy, number = work.busy()
    faulty.kill("worker")
    faulty.start("worker")
    cell = work.result(busy, number, within=20)
    assert (cell["state"], cell["ending"]["code"]) == ("lost", "sandbox_lost")
    assert work.end(busy)["state"] == "lost"
    assert work.printed(busy) == "begun\n"
    # Between its executions a run needs no worker: another one goes on with its state.
    assert text(work.done(idle, "print(kept)")) == "7\n"


def test_a_worker_killed_between_executions_takes_no_sandbox_along(work: Watching, faulty: Stack):
    run = work.ready()
    work.done(run["id"], "kept = 7")
    faulty.kill("worker")
    number = work.cell(run["id"], "print(kept)")
    faulty.start("worker")
    assert text(work.result(run["id"], number)) == "7\n"
