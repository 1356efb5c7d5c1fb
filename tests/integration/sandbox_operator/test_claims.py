"""Callers that go away while they wait: what was being made for them is ended."""

from __future__ import annotations

import socket

import pytest

from sandbox_operator.local import wire
from sandbox_operator.protocol import BackendUnavailable
from tests.integration.sandbox_operator.conftest import make_spec
from tests.integration.sandbox_operator.daemons import NOTHING, Daemon, wait_until


def test_a_claim_that_takes_too_long_leaves_nothing(own_daemon: Daemon) -> None:
    """Taken out: the end of a sandbox whose caller gave up. It then starts on, for nobody."""
    own_daemon.warm = 0
    own_daemon.start()
    with pytest.raises(BackendUnavailable):
        own_daemon.backend.claim(make_spec(), timeout=0.2)
    wait_until(lambda: own_daemon.traces() == NOTHING, "nothing is left", seconds=5)
    assert own_daemon.backend.sandboxes() == []


def test_a_claim_whose_caller_is_gone_leaves_nothing(own_daemon: Daemon) -> None:
    """Taken out: Connection._granted. The sandbox then stays claimed until its life is over."""
    own_daemon.warm = 0
    own_daemon.start()
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(own_daemon.socket))
        caller.sendall(wire.pack({"op": "claim", "spec": wire.pack_spec(make_spec()), "timeout": 20}))
    wait_until(lambda: bool(own_daemon.processes()), "one is started", seconds=5)
    wait_until(lambda: own_daemon.traces() == NOTHING, "nothing is left", seconds=10)
    assert own_daemon.backend.sandboxes() == []


@pytest.mark.parametrize(
    "line", [b"x", b"[]", b'{"op":"evil"}', b'{"op":"open"}', b'{"op":"__init__"}', b"{" * 300_000]
)
def test_a_caller_that_speaks_nonsense_is_cut_off_alone(daemon: Daemon, line: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(daemon.socket))
        caller.settimeout(5)
        try:
            caller.sendall(line + b"\n")
            assert caller.recv(10) == b""
        except ConnectionError:
            pass
    assert daemon.backend.health().ok
