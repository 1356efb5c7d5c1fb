"""The sandbox daemon dies, or a sandbox is killed from outside: its runs are lost, and nothing of it is left."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration.faults.aftermath import processes, serving, traces
from tests.integration.faults.watching import Watching
from tests.stack import Stack, eventually

pytestmark = pytest.mark.faults


def test_the_daemon_killed_takes_every_run_along_and_leaves_nothing(work: Watching, faulty: Stack):
    """Taken out: the sweep at the daemon's start; control groups and folders of the old sandboxes then stayed."""
    idle = work.ready()["id"]
    busy, number = work.busy()
    before = {serving(faulty, run) for run in (idle, busy)}
    faulty.kill("sandboxd")
    cell = work.result(busy, number, within=45)
    assert (cell["state"], cell["ending"]["code"]) == ("lost", "sandbox_lost")
    assert work.end(busy)["state"] == "lost"
    faulty.start("sandboxd")
    assert work.end(idle)["state"] == "lost"
    assert not before & set(traces(faulty.state))
    assert work.one_shot("print(1)")["state"] == "succeeded"


def test_a_sandbox_killed_from_outside_loses_its_run_alone(work: Watching, faulty: Stack):
    """Taken out: the daemon's watch over its processes; the run then stayed ready in a sandbox that was dead."""
    other = work.ready()["id"]
    idle = work.ready()["id"]
    busy, number = work.busy()
    for run in (idle, busy):
        kill_all(faulty, serving(faulty, run))
    cell = work.result(busy, number, within=45)
    assert (cell["state"], cell["ending"]["code"]) == ("lost", "sandbox_lost")
    assert work.end(busy)["state"] == "lost"
    assert work.end(idle)["state"] == "lost"
    assert work.done(other, "1")["state"] == "succeeded"


def test_a_sandbox_without_its_file_server_is_lost_and_nothing_of_it_stays(work: Watching, faulty: Stack):
    run = work.ready()["id"]
    work.done(run, "open('kept', 'w').write('x')")
    sandbox = serving(faulty, run)
    for pid in processes(faulty.state, sandbox):
        if b"gofer" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
            os.kill(pid, signal.SIGKILL)
            break
    else:
        raise AssertionError("no process serves the sandbox's files")
    cell = work.result(run, work.cell(run, "open('new', 'w').write('y'); print(open('kept').read())"), within=45)
    assert cell["state"] in {"lost", "failed"}, cell
    work.cancel(run)
    eventually(lambda: sandbox not in traces(faulty.state))


def kill_all(stack: Stack, sandbox: str) -> None:
    """Kill every process of a sandbox, as an impatient administrator would."""
    found = processes(stack.state, sandbox)
    assert found
    for pid in found:
        # The first to die may take others along.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    eventually(lambda: not processes(stack.state, sandbox))
