"""Deaths: of a worker, of the daemon, of a sandbox. After each nothing is left, and nobody hears that all was well."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox_operator.client import LocalBackend
from sandbox_operator.protocol import BackendUnavailable, ExecuteRequest, Fate, PoolFull, RequestRefused, SandboxLost
from sandbox_operator.spec import Handle
from tests.integration.sandbox_operator.conftest import Opened, make_spec
from tests.integration.sandbox_operator.daemons import NOTHING, ROOT, Daemon, wait_until
from tests.processes import MORTAL

WORKER = """
import sys, time
from sandbox_operator.client import LocalBackend
from sandbox_operator.protocol import ExecuteRequest
from sandbox_operator.spec import Handle
session = LocalBackend(sys.argv[1]).open(Handle.parse(sys.argv[2]), epoch=1)
for event in session.execute(ExecuteRequest(1, "python", sys.argv[3], 60, 10000, 10000)):
    print(event, flush=True)
time.sleep(60)
"""


def start_worker(daemon: Daemon, handle: Handle, code: str) -> subprocess.Popen[str]:
    command = [*MORTAL, sys.executable, "-c", WORKER, str(daemon.socket), str(handle), code]
    worker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None and "started" in worker.stdout.readline()
    return worker


def finish(worker: subprocess.Popen[str]) -> None:
    worker.kill()
    worker.communicate()


def test_a_worker_that_dies_within_an_execution_takes_the_sandbox_along(own_daemon: Daemon) -> None:
    """Taken out: Connection._abandoned's end of a busy sandbox. It then runs on, alone."""
    own_daemon.warm = 0
    backend = own_daemon.start().backend
    claim = backend.claim(make_spec(), timeout=30)
    worker = start_worker(own_daemon, claim.handle, "print('started', flush=True)\nwhile True: pass")
    finish(worker)
    wait_until(lambda: backend.fate(claim.handle) is Fate.LOST, "it is lost", seconds=5)
    wait_until(lambda: own_daemon.traces() == NOTHING, "nothing is left", seconds=5)
    with pytest.raises(SandboxLost):
        backend.open(claim.handle, epoch=2)


def test_a_worker_that_dies_between_executions_takes_nothing_along(own_daemon: Daemon) -> None:
    own_daemon.warm = 0
    backend = own_daemon.start().backend
    claim = backend.claim(make_spec(), timeout=30)
    worker = start_worker(own_daemon, claim.handle, "kept = 7\nprint('started')")
    assert worker.stdout is not None and "Done" in worker.stdout.readline()
    finish(worker)
    with backend.open(claim.handle, epoch=2) as session:
        assert Opened(backend, claim, session).text("print(kept)") == "7\n"


def test_a_caller_that_leaves_an_execution_half_way_loses_the_sandbox(own_daemon: Daemon) -> None:
    own_daemon.warm = 0
    backend = own_daemon.start().backend
    claim = backend.claim(make_spec(), timeout=30)
    with backend.open(claim.handle, epoch=1) as session:
        events = session.execute(
            ExecuteRequest(1, "python", "print(1, flush=True)\nimport time; time.sleep(9)", 30, 100, 100)
        )
        next(events)
        events.close()  # type: ignore[attr-defined]
    assert backend.fate(claim.handle) is Fate.LOST


def test_a_killed_daemon_leaves_no_process_and_its_successor_no_trace(own_daemon: Daemon) -> None:
    """Taken out: PDEATHSIG, then the sweep: processes outlive the daemon, and its successor leaves their traces."""
    own_daemon.warm = 1
    backend = own_daemon.start().backend
    claim = backend.claim(make_spec(), timeout=30)
    session = backend.open(claim.handle, epoch=1)
    events = session.execute(
        ExecuteRequest(1, "python", "print(1, flush=True)\nimport time; time.sleep(30)", 60, 100, 100)
    )
    next(events)
    own_daemon.kill()
    wait_until(lambda: not own_daemon.processes(), "its processes are gone", seconds=5)
    with pytest.raises(SandboxLost) as lost:
        list(events)
    session.close()
    assert lost.value.fate is Fate.LOST
    assert not backend.health().ok
    with pytest.raises(BackendUnavailable):
        backend.claim(make_spec(), timeout=1)
    assert own_daemon.traces() != NOTHING
    own_daemon.warm = 0
    backend = own_daemon.start().backend
    assert own_daemon.traces() == NOTHING
    assert backend.fate(claim.handle) is Fate.UNKNOWN
    assert "removed what an earlier daemon left" in own_daemon.log


KEEP_ON_DEATH = """
from sandbox_operator.local import bundle
bundle.LAUNCHER = bundle.LAUNCHER.replace(" --pdeathsig KILL", "")
"""


def test_the_sweep_ends_processes_that_outlived_their_daemon(own_daemon: Daemon) -> None:
    """A worker still holds the channel, so the agent does not end by itself either."""
    own_daemon.warm, own_daemon.patch = 0, KEEP_ON_DEATH
    backend = own_daemon.start().backend
    session = backend.open(backend.claim(make_spec(), timeout=30).handle, epoch=1)
    own_daemon.kill()
    time.sleep(0.3)
    assert own_daemon.processes()
    own_daemon.patch = ""
    own_daemon.start()
    assert own_daemon.traces() == NOTHING
    session.close()


def test_a_daemon_that_is_stopped_leaves_nothing(own_daemon: Daemon) -> None:
    own_daemon.start()
    claim = own_daemon.backend.claim(make_spec(), timeout=30)
    assert own_daemon.backend.fate(claim.handle) is Fate.ALIVE
    own_daemon.stop()
    assert own_daemon.traces() == NOTHING
    assert not own_daemon.socket.exists()


def test_a_sandbox_killed_from_outside_is_noticed(own_daemon: Daemon) -> None:
    own_daemon.warm = 0
    backend = own_daemon.start().backend
    claim = backend.claim(make_spec(), timeout=30)
    session = backend.open(claim.handle, epoch=1)
    for pid in own_daemon.processes():
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(SandboxLost) as lost, session:
        list(session.execute(ExecuteRequest(1, "python", "1", 30, 100, 100)))
    assert lost.value.fate in (Fate.KILLED, Fate.LOST)
    wait_until(lambda: own_daemon.traces() == NOTHING, "nothing is left", seconds=5)


def test_two_daemons_do_not_share_a_state_directory(own_daemon: Daemon) -> None:
    own_daemon.warm = 0
    own_daemon.start()
    second = Daemon(own_daemon.home, warm=0)
    command = [sys.executable, "-m", "sandbox_operator.daemon", "--socket", str(own_daemon.home / "other.sock")]
    command += ["--state-dir", str(own_daemon.state), "--runsc", "/bin/true", "--image", "python=/:sha256:x"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert (done.returncode, second.processes()) == (2, [])
    assert "another daemon uses" in done.stderr and "Traceback" not in done.stderr


def test_a_full_pool_says_so_and_a_warm_one_makes_room(own_daemon: Daemon) -> None:
    own_daemon.warm, own_daemon.max = 1, 1
    backend = own_daemon.start().backend
    claim = backend.claim(make_spec(disk_bytes=64 << 20), timeout=30)  # of another shape: the warm one is given up
    assert not claim.warm
    with pytest.raises(PoolFull) as full:
        backend.claim(make_spec(), timeout=5)
    assert full.value.retry_after > 0
    backend.destroy(claim.handle)
    own_daemon.wait_warm(1)
    assert backend.claim(make_spec(), timeout=30).warm


def test_packages_are_there_after_the_claim(daemon: Daemon) -> None:
    closure = daemon.home / "packages" / "abc"
    (closure / "governed").mkdir(parents=True)
    (closure / "governed/__init__.py").write_text("answer = 42\n")
    backend, spec = daemon.backend, make_spec()
    daemon.wait_warm(1)
    claim = backend.claim(replace(spec, packages=closure), timeout=30)
    assert claim.warm
    with backend.open(claim.handle, epoch=1) as session:
        one = Opened(backend, claim, session)
        assert (
            one.text("import governed; print(governed.answer, governed.__file__)")
            == "42 /packages/governed/__init__.py\n"
        )
        outputs, _ = one.run("open('/packages/governed/__init__.py', 'w')")
        assert outputs[-1]["ename"] in ("OSError", "PermissionError")
    backend.destroy(claim.handle)
    assert (closure / "governed/__init__.py").read_text() == "answer = 42\n"


@pytest.mark.parametrize("where", ["/etc", "../packages/../..", ""])
def test_packages_come_from_the_daemons_own_directory_alone(daemon: Daemon, where: str) -> None:
    source = daemon.home / "packages" / where
    with pytest.raises(RequestRefused) as refused:
        daemon.backend.claim(replace(make_spec(), packages=source), timeout=30)
    assert refused.value.code == "packages_refused"


def test_no_daemon_is_an_answer(tmp_path: Path) -> None:
    backend = LocalBackend(tmp_path / "nowhere.sock")
    assert not backend.health().ok
    with pytest.raises(BackendUnavailable):
        backend.fate(Handle("local", "a", "b"))
