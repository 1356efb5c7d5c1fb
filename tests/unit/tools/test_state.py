"""The state directory keeps its secrets to its owner and hands each part no more than it needs."""

import socket
import stat
from pathlib import Path

import pytest

from tools.launch import programs
from tools.launch.state import SECRETS, CannotStart, State


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State.prepare(tmp_path / "var")
    state.choose_ports({})
    return state


def test_only_the_owner_reads_keys(state: State) -> None:
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in state.keys.iterdir()}
    assert files == dict.fromkeys(SECRETS, 0o600)
    assert stat.S_IMODE(state.var.stat().st_mode) == stat.S_IMODE(state.keys.stat().st_mode) == 0o700


def test_a_second_start_finds_the_same_secrets_and_ports(state: State) -> None:
    before = {name: state.secret(name) for name in SECRETS}
    again = State.prepare(state.var)
    assert {name: again.secret(name) for name in SECRETS} == before
    assert len(set(before.values())) == len(before)
    assert again.choose_ports({}) == state.ports


def test_a_taken_port_is_named_with_the_way_out(state: State) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = str(other.getsockname()[1])
        with pytest.raises(
            CannotStart, match=f"Port {taken} is taken by another program; stop it, or set BAILIWICK_PORT"
        ):
            state.choose_ports({"BAILIWICK_PORT": taken})


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_what_is_no_port_is_named(state: State, port: str) -> None:
    with pytest.raises(CannotStart, match=r"is not a port; set it to a number from 1 to 65535"):
        state.choose_ports({"BAILIWICK_PORT": port})


def test_a_long_path_puts_the_sockets_where_their_names_fit(tmp_path: Path) -> None:
    state = State.prepare(tmp_path / ("long" * 25))
    assert len(str(state.sandbox_socket)) < 108
    assert stat.S_IMODE(state.sockets.stat().st_mode) == 0o700
    state.sockets.rmdir()


def test_only_what_migrates_gets_the_owners_password(state: State) -> None:
    holders = {
        name
        for name, program in programs.programs(state).items()
        if state.secret("database_owner") in program.env.values()
    }
    assert holders == {"prepare"}


def test_parts_that_are_not_django_get_no_secret(state: State) -> None:
    secrets = {state.secret(name) for name in SECRETS}
    every = programs.programs(state)
    for name in ("postgres", "redis", "opa", "sandboxd"):
        assert not secrets & set(every[name].env.values())
    for program in every.values():
        assert not any(secret in word for word in program.argv for secret in secrets)


def test_the_sequencer_alone_may_write_the_tree_and_opens_nothing(state: State) -> None:
    every = programs.programs(state)
    holders = {name for name, program in every.items() if state.secret("database_sequencer") in program.env.values()}
    assert holders == {"sequencer"}
    others = {state.secret(name) for name in SECRETS} - {state.secret("database_sequencer"), state.secret("log_origin")}
    assert not others & set(every["sequencer"].env.values())
    assert not any(state.secret("log_key") in program.env.values() for program in every.values())


def test_what_others_need_stops_after_them(state: State) -> None:
    every = programs.programs(state)
    assert programs.dependents("postgres", every) == {"prepare", "sequencer", "seed", "web", "worker", "beat"}
    assert programs.dependents("sandboxd", every) == {"worker"}
    assert programs.dependents("web", every) == set()
