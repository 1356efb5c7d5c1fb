"""Holes on purpose: each opens one, and the probe must find it. With no hole the same daemon warms (test_contract)."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox_operator.protocol import ContainmentFailed, Hole
from tests.integration.sandbox_operator.conftest import make_spec
from tests.integration.sandbox_operator.daemons import NOTHING, Daemon, wait_until

CHANGE_FLAGS = """
from dataclasses import replace
from pathlib import Path
from sandbox_operator import daemon
make = daemon.make_machine
daemon.make_machine = lambda *given: replace(made := make(*given), flags=replace(made.flags, {changes}))
"""
CHANGE_PACKAGES = """
from pathlib import Path
from sandbox_operator.local import bundle
bind = bundle.make_bind
bundle.make_bind = lambda source, to, mode: bind(Path({source!r}) if to == "/packages" else source, to, mode)
"""
# Two defences go: runsc's own `--network=none`, and the network namespace that it would be given otherwise.
SHARE_NETWORK = """
from sandbox_operator.local import bundle
make_config = bundle.make_config
def make_holed(*given):
    config = make_config(*given)
    config["linux"]["namespaces"].remove({"type": "network"})
    return config
bundle.make_config = make_holed
"""
SHOW_PATH_AT_CLAIM = """
from sandbox_operator import containment
make = containment.make_plan
containment.make_plan = lambda kind, *, paths, **others: make(
    kind, paths=[*paths, *(["/etc/passwd"] if kind == "brief" else [])], **others)
"""
# In a network namespace of its own, where no packet can leave: loopback up, one listener, and what `extra` adds.
NAMESPACE = """
import fcntl, os, socket, struct, subprocess, sys
extra, port, *command = sys.argv[1:]
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
    fcntl.ioctl(sock, 0x8914, struct.pack('16sh', b'lo', 1))
if extra:
    subprocess.run(extra, shell=True, check=True)
if int(port):
    listener = socket.create_server(('127.0.0.1', int(port)))
    listener.set_inheritable(True)
os.execv(command[0], command)
"""


def namespace(extra: str = "", port: int = 0) -> tuple[str, ...]:
    return ("unshare", "--net", "--", sys.executable, "-c", NAMESPACE, extra, str(port))


@pytest.fixture
def holed(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path, warm=0)
    yield daemon
    daemon.stop()


def holes_of(daemon: Daemon) -> dict[str, Hole]:
    """What the probe of a claim found. The sandbox must be gone, with every trace."""
    daemon.start()
    with pytest.raises(ContainmentFailed) as failed:
        daemon.backend.claim(make_spec(), timeout=30)
    assert daemon.traces() == NOTHING
    report = failed.value.report
    assert not report.contained and report.complete
    return {hole.check: hole for hole in report.holes}


def test_without_a_hole_the_claim_succeeds(holed: Daemon) -> None:
    holed.start()
    claim = holed.backend.claim(make_spec(), timeout=30)
    assert claim.probe.contained and claim.probe.kind == "full"


def test_a_host_directory_is_found(holed: Daemon, tmp_path: Path) -> None:
    host = tmp_path / "host"
    host.mkdir()
    (host / "file").write_text("of the machine")
    holed.patch = CHANGE_FLAGS.format(changes=f"mount=Path({str(host)!r})")
    holes = holes_of(holed)
    assert holes.keys() == {"mounts"} and "/mnt" in holes["mounts"].detail


def test_a_host_socket_is_found(holed: Daemon, tmp_path: Path) -> None:
    host = tmp_path / "packages"
    host.mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(host / "host.sock"))
        server.listen()
        holed.patch = CHANGE_FLAGS.format(changes="host_uds='open'") + CHANGE_PACKAGES.format(source=str(host))
        holes = holes_of(holed)
    assert holes.keys() == {"unix_sockets"} and "/packages/host.sock" in holes["unix_sockets"].detail


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes network namespaces")
def test_a_control_plane_port_is_found(holed: Daemon) -> None:
    holed.patch = CHANGE_FLAGS.format(changes="network='host'") + SHARE_NETWORK
    holed.wrapper, holed.arguments = namespace(port=45454), ("--probe-port", "45454")
    holes = holes_of(holed)
    assert holes.keys() == {"loopback"} and holes["loopback"].target == "127.0.0.1:45454"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes network namespaces")
def test_an_interface_and_a_route_are_found(holed: Daemon) -> None:
    """A pair of interfaces that lead to one another: the probe's connections stay within the namespace."""
    holed.patch = CHANGE_FLAGS.format(changes="network='host'") + SHARE_NETWORK
    holed.wrapper = namespace(
        "ip link add d0 type veth peer name d1 && ip addr add 10.99.0.1/32 dev d0 && ip link set d0 up"
    )
    holes = holes_of(holed)
    assert holes.keys() == {"interfaces", "route", "connect"}
    assert holes["interfaces"].detail.startswith("d0") and holes["route"].target == "10.99.0.1"


def test_a_hole_that_opens_after_warming_is_found_at_the_claim(holed: Daemon) -> None:
    holed.warm, holed.patch = 1, SHOW_PATH_AT_CLAIM
    holed.start()
    name = holed.backend.sandboxes()[0].handle.sandbox
    with pytest.raises(ContainmentFailed) as failed:
        holed.backend.claim(make_spec(), timeout=30)
    assert [(hole.check, hole.target) for hole in failed.value.report.holes] == [("host_path", "/etc/passwd")]
    assert failed.value.report.kind == "brief"
    assert not (holed.state / "sandboxes" / name).exists()


def test_health_says_that_warming_fails(holed: Daemon, tmp_path: Path) -> None:
    (host := tmp_path / "host").mkdir()
    holed.warm, holed.patch = 1, CHANGE_FLAGS.format(changes=f"mount=Path({str(host)!r})")
    holed.start(wait_warm=False)
    wait_until(lambda: not holed.backend.health().ok, "health says so")
    assert holed.backend.health().detail.startswith("containment_failed: mounts")
    assert holed.backend.health().warm == 0
