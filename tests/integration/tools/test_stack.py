"""The stack that tests use starts what is asked for, and ends all of it whatever becomes of the tests."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import Stack, eventually
from tools.launch.keeper import running, started_at
from tools.launch.state import ROOT, State


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Stack]:
    state = State.prepare(tmp_path / "var")
    state.choose_ports({})
    stack = Stack(state)
    yield stack
    stack.close()


def test_a_killed_part_stays_dead_until_it_is_started(small: Stack) -> None:
    small.start("redis")
    first = small.pid("redis")
    assert first
    small.start("redis")
    assert small.pid("redis") == first
    small.kill("redis")
    assert small.pid("redis") is None
    small.start("redis")
    assert small.pid("redis") not in (None, first)


def test_a_stopped_part_goes_on_where_it_was(small: Stack) -> None:
    small.start("redis")
    first = small.pid("redis")
    small.kill("redis", signal.SIGSTOP)
    assert not small.programs["redis"].ready(small.state)
    small.kill("redis", signal.SIGCONT)
    eventually(lambda: small.programs["redis"].ready(small.state))
    assert small.pid("redis") == first


def test_what_was_written_outlives_a_kill(small: Stack) -> None:
    small.start("postgres")
    from tools.launch import postgres

    with postgres.connect(small.state) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    small.kill("postgres")
    small.start("postgres")
    with postgres.connect(small.state) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_nothing_outlives_a_test_run_that_is_killed(tmp_path: Path) -> None:
    script = """
import pathlib, subprocess, sys, time
from tests.processes import MORTAL
from tests.stack import Stack
from tools.launch.state import State
state = State.prepare(pathlib.Path(sys.argv[1]))
state.choose_ports({})
stack = Stack(state)
stack.start("redis"); stack.start("postgres")
print(subprocess.Popen([*MORTAL, "sleep", "600"]).pid, flush=True)
time.sleep(600)
"""
    var = tmp_path / "var"
    command = [sys.executable, "-c", script, str(var)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pids = [int(process.stdout.readline()), *(running(name, State(var)) for name in ("redis", "postgres"))]
        assert all(pids)
        os.kill(process.pid, signal.SIGKILL)
    eventually(lambda: not any(started_at(pid) for pid in pids if pid), within=30)
