"""A start that cannot be made ends with one sentence: what is wrong and what to do."""

import os
import subprocess
from pathlib import Path

import pytest

from tools.launch import opa, postgres, sandboxd
from tools.launch.state import PYTHON, ROOT, CannotStart, State


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State.prepare(tmp_path / "var")
    state.choose_ports({})
    return state


def test_an_image_that_was_not_built_is_named(state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxd, "IMAGES", tmp_path)
    with pytest.raises(CannotStart, match=r"The environment image is not built; run `make setup`\."):
        sandboxd.command(state)


def test_policies_that_do_not_build_are_named(state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "build.sh").write_text("#!/bin/sh\necho 'run.rego:3: rego_parse_error' >&2\nexit 1\n")
    (tmp_path / "build.sh").chmod(0o755)
    monkeypatch.setattr(opa, "POLICIES", tmp_path)
    with pytest.raises(CannotStart, match="rego_parse_error\nThe policies do not build; correct them until"):
        opa.build(state)


def test_a_database_that_cannot_be_made_is_named(state: State) -> None:
    (state.var / "postgres").write_text("in the way")
    with pytest.raises(OSError, match="Not a directory"):
        postgres.initialise(state)
    # The launcher turns that into its sentence, as it does with every file in the way.
    done = _launch("keep", "postgres", var=state.var)
    assert done.returncode == 1
    assert done.stderr.startswith(f"bailiwick: {state.var}/postgres")
    assert "Traceback" not in done.stderr


def test_a_cluster_left_half_made_is_made_anew(state: State) -> None:
    data = state.var / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("18\n")
    postgres.initialise(state)
    assert (data / "bailiwick-initialised").exists()
    assert (data / "global/pg_control").exists()


def test_a_state_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("in the way")
    done = _launch("up", var=tmp_path / "var")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"bailiwick: {tmp_path}/var: File exists; free or correct it and start again.\n"


def _launch(*words: str, var: Path) -> "subprocess.CompletedProcess[str]":
    env = {**os.environ, "BAILIWICK_VAR": str(var), "BAILIWICK_LAUNCHER": str(os.getpid())}
    command = [str(PYTHON), "-m", "tools.launch", *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
