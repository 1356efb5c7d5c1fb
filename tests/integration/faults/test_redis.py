"""Redis goes away, comes back, hangs or forgets everything: it holds hints and live events, never the record."""

import signal
import time

import pytest

from tests.integration.faults.parts import flush
from tests.integration.faults.watching import Watching
from tests.stack import Stack
from tests.work import ok, text

pytestmark = pytest.mark.faults
# Long enough for a restart of Redis to fall into it; its outputs arrive before, meanwhile and after.
TICKING = "import time\nprint('begun', flush=True)\nfor n in range(30):\n    time.sleep(0.1)\n    print(n, flush=True)"
TICKED = "begun\n" + "".join(f"{n}\n" for n in range(30))


def test_redis_restarts_under_running_work(work: Watching, faulty: Stack):
    """Taken out: the sweep's second hint; the cell that was added meanwhile then waited for ever."""
    idle = work.ready()["id"]
    run, number = work.busy(TICKING)
    faulty.kill("redis")
    added = work.cell(idle, "print('after')")
    faulty.start("redis")
    cell = work.result(run, number)
    assert (cell["state"], text(cell)) == ("succeeded", TICKED)
    # Its hint was lost with Redis; the sweep sends it again.
    assert text(work.result(idle, added)) == "after\n"
    work.hears_again()


def test_redis_forgets_everything(work: Watching, faulty: Stack):
    run, number = work.busy(TICKING)
    flush(faulty)
    cell = work.result(run, number)
    assert (cell["state"], text(cell)) == ("succeeded", TICKED)
    flush(faulty)
    assert text(work.done(run, "print('after')")) == "after\n"
    work.hears_again()


def test_a_redis_that_hangs_slows_no_execution_down(work: Watching, faulty: Stack):
    """Taken out: the short patience of who publishes (30 s instead); the execution then timed out, though it had ended.

    Taken out: the queue's socket timeout; the request for another cell was then not answered within a minute.
    """
    idle = work.ready()["id"]
    run, number = work.busy(TICKING, limits={"wall_seconds": 10})
    faulty.kill("redis", signal.SIGSTOP)
    try:
        begun = time.monotonic()
        added = work.cell(idle, "print('after')")
        cell = work.result(run, number)
        taken = time.monotonic() - begun
    finally:
        faulty.kill("redis", signal.SIGCONT)
    assert (cell["state"], text(cell)) == ("succeeded", TICKED)
    assert taken < 20
    assert text(work.result(idle, added)) == "after\n"
    work.hears_again()


def test_an_interrupt_arrives_without_redis(work: Watching, faulty: Stack):
    """Taken out: the listener's look at the record while Redis is away; the cell then ran on."""
    run, number = work.busy()
    faulty.kill("redis")
    assert ok(work.api.post(f"runs/{run}/interrupt"))["state"] == "executing"
    assert work.result(run, number, within=30)["state"] == "interrupted"
    faulty.start("redis")
    assert text(work.done(run, "print('on')")) == "on\n"
    work.hears_again()
