"""The worker dies, or two of them compete: what ran ran once, and nobody waits for ever."""

import os
import signal
import time
from dataclasses import replace

import pytest

from tests.integration.faults.aftermath import orphaned_blobs, rows, serving, traces
from tests.integration.faults.parts import hint, queue_of, redis_of, refusing, winners
from tests.integration.faults.watching import BEGUN, Watching
from tests.stack import Stack, eventually
from tests.work import entries, text

pytestmark = pytest.mark.faults


def test_a_worker_killed_in_mid_execution_loses_that_run_and_nothing_else(work: Watching, faulty: Stack):
    """Taken out: the daemon's end of a sandbox whose session broke off half-way; it then ran on for nobody."""
    idle = work.ready()["id"]
    work.done(idle, "kept = 7")
    busy, number = work.busy()
    sandbox = serving(faulty, busy)
    faulty.kill("worker")
    # Nobody has to find out first: the daemon sees the worker die.
    eventually(lambda: sandbox not in traces(faulty.state))
    faulty.start("worker")
    cell = work.result(busy, number, within=45)
    assert (cell["state"], cell["ending"]["code"]) == ("lost", "sandbox_lost")
    assert work.end(busy)["state"] == "lost"
    assert work.printed(busy) == "begun\n"
    # Between its executions a run needs no worker: another one goes on with its state.
    assert text(work.done(idle, "print(kept)")) == "7\n"


def test_a_worker_asked_to_stop_ends_its_cell_first(work: Watching, faulty: Stack):
    """Taken out: Celery's warm shutdown (SIGQUIT instead); the cell was then lost."""
    run = work.ready()["id"]
    number = work.cell(run, "import time\nprint('begun', flush=True)\ntime.sleep(3)\nprint('ended')")
    work.printed(run, lambda said: BEGUN in said)
    faulty.kill("worker", signal.SIGTERM)
    # Gone, and everything that it did is on record: no other worker is there yet.
    cell = work.result(run, number, within=5)
    assert (cell["state"], text(cell)) == ("succeeded", "begun\nended\n")
    faulty.start("worker")
    assert text(work.done(run, "print('again')")) == "again\n"


def test_a_worker_killed_between_executions_takes_no_sandbox_along(work: Watching, faulty: Stack):
    run = work.ready()
    work.done(run["id"], "kept = 7")
    faulty.kill("worker")
    number = work.cell(run["id"], "print(kept)")
    faulty.start("worker")
    assert text(work.result(run["id"], number)) == "7\n"


def test_a_worker_killed_while_it_starts_a_run_lets_another_start_it(work: Watching, faulty: Stack):
    """Taken out: the way back from starting to queued; the run was then lost, though nothing of it had run."""
    faulty.kill("sandboxd", signal.SIGSTOP)
    run = work.run(code="print('ran')", language="python")["id"]
    work.until(run, "starting")
    faulty.kill("worker")
    faulty.kill("sandboxd", signal.SIGCONT)
    faulty.start("worker")
    cell = work.result(run, within=90)
    assert (cell["state"], text(cell)) == ("succeeded", "ran\n")
    events = [entry["event"] for entry in entries(faulty, f"run:{run}") if entry["event"].startswith("runs:run")]
    assert "runs:run:requeued" in events


def test_of_many_that_want_a_run_or_a_cell_one_gets_it(work: Watching, faulty: Stack):
    """Taken out: the lock, the filter on the state and the table of turns, in begin_start and in begin_execution.

    Then all eight won. Each of the three alone still lets one win.
    """
    run = work.ready()["id"]
    faulty.kill("worker", signal.SIGSTOP)
    try:
        work.cell(run, "print('ran')")
        assert winners(faulty, "begin_execution", run) == 1
        queued = work.run()["id"]
        assert winners(faulty, "begin_start", queued) == 1
        work.cancel(run)
        work.cancel(queued)
    finally:
        faulty.kill("worker", signal.SIGCONT)


def test_two_workers_and_a_flood_of_hints_run_each_cell_once(work: Watching, faulty: Stack):
    first = faulty.programs["worker"]
    faulty.programs["second"] = replace(first, name="second", argv=(*first.argv, "--hostname", "second@%h"))
    faulty.start("second")
    with redis_of(faulty) as client:
        sign = f"bailiwick:alive:worker:*:{faulty.pid('second')}"
        eventually(lambda: list(client.scan_iter(sign)), within=60)
    runs = [work.ready()["id"] for _ in range(2)]
    code = "seen = [*globals().get('seen', []), {}]\nprint('ran')"
    with queue_of(faulty) as app:
        for number in range(5):
            for run in runs:
                work.cell(run, code.format(number))
                for _ in range(5):
                    hint(app, "execute_next", run)
                    hint(app, "start_next")
    for run in runs:
        assert work.result(run, 5)["state"] == "succeeded"
        assert text(work.done(run, "print(seen)")) == "[0, 1, 2, 3, 4]\n"
        work.cancel(run)
        assert work.printed(run).count("ran") == 5
    faulty.stop("second")
    del faulty.programs["second"]


def test_what_a_dead_worker_sealed_and_nobody_recorded_is_removed_after_a_day(work: Watching, faulty: Stack):
    """Taken out: the filter by what rows name, then the one by age; contents in use and on their way went too.

    Taken out: the short deadline of a run that executes; nobody then found out for minutes that its worker was dead.
    """
    run = work.ready()["id"]
    done = work.done(run, "print(1)")
    number = work.cell(
        run, "import time\nprint('begun', flush=True)\ntime.sleep(2)\nopen('outputs/one', 'w').write('x')"
    )
    work.printed(run, lambda said: BEGUN in said)
    with refusing(faulty):
        seen = eventually(lambda: orphaned_blobs(faulty.state), within=45)
        faulty.kill("worker")
    faulty.start("worker")
    lost = work.result(run, number)
    assert lost["state"] == "lost"
    folder = faulty.state.var / "blobs"
    orphans = sorted(orphaned_blobs(faulty.state))
    assert seen <= set(orphans), lost["ending"]
    yesterday = time.time() - 25 * 3600
    for path in folder.glob("*/*"):
        if path != folder / orphans[0]:
            os.utime(path, (yesterday, yesterday))
    with queue_of(faulty) as app:
        hint(app, "discard_unnamed_blobs")
        eventually(lambda: orphaned_blobs(faulty.state) == {orphans[0]}, within=45)
        os.utime(folder / orphans[0], (yesterday, yesterday))
        hint(app, "discard_unnamed_blobs")
        eventually(lambda: not orphaned_blobs(faulty.state), within=45)
    assert work.result(run, done["number"])["outputs"] == done["outputs"]


def test_without_beat_work_goes_on_and_what_is_overdue_ends_when_it_is_back(work: Watching, faulty: Stack):
    faulty.kill("beat")
    run = work.ready(limits={"idle_seconds": 2})["id"]
    assert work.done(run, "1")["state"] == "succeeded"
    eventually(lambda: late(faulty, run))
    faulty.start("beat")
    assert work.end(run)["state"] == "expired"


def late(stack: Stack, run: str) -> bool:
    """Whether the run's deadline has passed."""
    return bool(rows(stack.state, "SELECT deadline_at < now() AS late FROM runs_run WHERE id = %s", run)[0]["late"])
