"""The demo's witness: its key and its memory are made together, and found again."""

import shutil
import stat
from pathlib import Path

import pytest

from audit.verifier import Policy, read_keys
from audit.witness import State as Kept
from tools.launch import witness
from tools.launch.state import State


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State.prepare(tmp_path / "var")
    state.choose_ports({})
    return state


def vkey(state: State) -> str:
    (key,) = Policy.parse((state.witness / "policy").read_text()).witnesses.values()
    return f"{key.name} {key.public.hex()}"


def test_a_second_start_finds_the_same_witness(state: State) -> None:
    witness.found(state)
    first = vkey(state)
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in state.witness.iterdir()}
    assert files == {"key": 0o600, "logs": 0o600, "policy": 0o600, "state": 0o700}
    witness.found(state)
    assert vkey(state) == first
    (log,) = read_keys(state.witness / "logs")
    assert log.name == f"{state.secret('log_origin')}/meta"


def test_one_that_lost_its_memory_is_another(state: State) -> None:
    witness.found(state)
    first = vkey(state)
    shutil.rmtree(state.witness / "state")
    witness.found(state)
    # Its own start refuses: the memory is not made again under a key that has signed.
    with pytest.raises(OSError, match="witness"):
        Kept(state.witness / "state", "x", init=False)
    shutil.rmtree(state.witness)
    witness.found(state)
    assert vkey(state) != first


def test_the_sequencer_asks_it(state: State) -> None:
    witness.found(state)
    assert state.sequencer_environment()["BAILIWICK_LOG_WITNESSES"] == str(state.witness / "policy")
    assert f"http://127.0.0.1:{state.ports.witness}\n" in (state.witness / "policy").read_text()
