"""More runs than sandboxes: they wait in order and know their place; past the queue's length they are turned away."""

import signal
from collections.abc import Callable

import pytest

from tests.integration.faults.conftest import MOST, QUEUE
from tests.integration.faults.watching import Watching
from tests.stack import Stack, eventually
from tests.work import entries, problem, text
from tools.launch import postgres
from tools.launch.state import DATABASE

pytestmark = pytest.mark.faults


def test_runs_wait_in_order_and_a_full_queue_turns_away(work: Watching, faulty: Stack):
    """Taken out: the order of waiting runs (newest first); the last to come was then served first."""
    held = [work.ready()["id"] for _ in range(MOST)]
    waiting = [work.run()["id"] for _ in range(QUEUE)]
    # The start task holds the first one for a moment while it finds no sandbox; stopped, it holds none.
    eventually(lambda: stopped_with(faulty, lambda: places(work, waiting) == list(range(1, QUEUE + 1))))
    answer = work.api.post("runs", json=work.wish())
    faulty.kill("worker", signal.SIGCONT)
    refused = problem(answer, 429, "queue_full")
    assert int(answer.headers["retry-after"]) >= 1
    assert str(QUEUE) in refused["detail"]
    for position, free in enumerate(held[:QUEUE]):
        work.cancel(free)
        work.until(waiting[position], "ready")
        others = [work.get(run)["state"] for run in waiting[position + 1 :]]
        assert "ready" not in others


def stopped_with(stack: Stack, check: Callable[[], bool]) -> bool:
    """Stop the worker where the check holds; elsewhere let it go on."""
    stack.kill("worker", signal.SIGSTOP)
    if check():
        return True
    stack.kill("worker", signal.SIGCONT)
    return False


def places(work: Watching, runs: list[str]) -> list[int | None]:
    """Each run's place in the queue."""
    return [work.get(run)["queue_position"] for run in runs]


def test_a_run_whose_image_is_gone_is_decided_anew_for_the_present_one(work: Watching, faulty: Stack):
    """As after an upgrade, when runs wait that were decided for the image before.

    Taken out: the case for ImageUnknown in driver.start; the run then failed. Taken out: the present image in
    proposals.reconsider_run; it then waited on.
    """
    faulty.kill("worker", signal.SIGSTOP)
    run = work.run(code="print('ran')", language="python")
    present = run["environment"]["digest"]
    with postgres.connect(faulty.state, DATABASE) as connection:
        former = "sha256:" + "0" * 64
        connection.execute("UPDATE runs_run SET image_digest = %s WHERE id = %s", (former, run["id"]))
    faulty.kill("worker", signal.SIGCONT)
    cell = work.result(run["id"])
    assert (cell["state"], text(cell)) == ("succeeded", "ran\n")
    ran = work.get(run["id"])
    assert ran["environment"]["digest"] == present
    assert ran["decision"]["id"] != run["decision"]["id"]
    events = [entry["event"] for entry in entries(faulty, f"run:{run['id']}")]
    assert "runs:run:requeued" in events
