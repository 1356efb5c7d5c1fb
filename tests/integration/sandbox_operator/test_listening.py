"""An agent that listens, in a real sandbox: reached through the relay that a pod's channel runs, by whoever runs it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sandbox_operator.agent.frames import ChannelError, Kind, pack_json
from sandbox_operator.errors import Fenced, SessionBusy
from sandbox_operator.kubernetes.filling import fill
from sandbox_operator.kubernetes.names import RELAY
from sandbox_operator.local.bundle import Layout, Shape, make_config
from sandbox_operator.outer_channel import OuterChannel
from tests.integration.sandbox_operator.daemons import rootfs, runsc, wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="runsc exec needs the sandbox of its own user: root here")
CELL = {"language": "python", "output_bytes": 10_000, "text_bytes": 0}


def make_bundle(home: Path) -> Layout:
    """As a node would start it: no channel to inherit, a place for the socket, writable volumes."""
    layout = Layout(home)
    for path in (layout.bundle, layout.runsc, layout.workspace, layout.packages):
        path.mkdir(parents=True)
        path.chmod(0o777)
    config = make_config(rootfs(), layout, Shape("python", "", 4096, 0), cpus=1)
    process = config["process"]
    process["env"] = [one for one in process["env"] if not one.startswith("BAILIWICK")] + ["BAILIWICK_PROCESSES=90"]
    process["rlimits"] = []
    for mount in config["mounts"]:
        mount["options"] = ["rw" if one == "ro" else one for one in mount.get("options", [])]
    options = ["nosuid", "nodev", "mode=0777", "size=1048576"]
    config["mounts"].append({"destination": "/run/agent", "type": "tmpfs", "source": "tmpfs", "options": options})
    (layout.bundle / "config.json").write_text(json.dumps(config))
    return layout


@dataclass
class Listening:
    layout: Layout
    process: subprocess.Popen[bytes]
    opened: list[tuple[OuterChannel, subprocess.Popen[bytes]]] = field(default_factory=list)

    def runsc(self, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        command = [str(runsc()), f"--root={self.layout.runsc}", *words]
        return subprocess.Popen(command, stderr=subprocess.DEVNULL, **options)

    def channel(self) -> OuterChannel:
        ours, theirs = socket.socketpair()
        with theirs:
            relay = self.runsc("exec", "--user=1000:1000", "listening", *RELAY, stdin=theirs, stdout=theirs)
        self.opened.append((OuterChannel(ours), relay))
        return self.opened[-1][0]

    def session(self, **told: Any) -> OuterChannel:
        channel = self.channel()
        channel.greet(told)
        return channel

    def ended(self) -> bool:
        return self.process.poll() is not None


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[Listening]:
    layout = make_bundle(tmp_path)
    words = ["--platform=systrap", "--network=none", "--overlay2=none", "--ignore-cgroups", "run"]
    command = [str(runsc()), f"--root={layout.runsc}", *words, f"--bundle={layout.bundle}", "listening"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    one = Listening(layout, process)
    ready = ["exec", "--user=1000:1000", "listening", "/usr/bin/test", "-S", RELAY[-1].partition(":")[2]]
    try:
        wait_until(lambda: one.runsc(*ready).wait() == 0, "it listens", seconds=30)
        yield one
    finally:
        for channel, relay in one.opened:
            channel.close()
            relay.wait(10)
        one.runsc("kill", "--all", "listening", "KILL").wait()
        process.wait(10)
        one.runsc("delete", "--force", "listening").wait()


def run(channel: OuterChannel, code: str) -> str:
    channel.send(Kind.EXECUTE, pack_json({**CELL, "code": code}))
    return text_of(channel)


def text_of(channel: OuterChannel) -> str:
    text = ""
    while (frame := channel.receive(20)).kind is not Kind.DONE:
        text += frame.json().get("text", str(frame.json()))
    return text


def test_a_session_that_leaves_in_peace_is_followed_by_the_next(listening: Listening) -> None:
    first = listening.session(epoch=1)
    assert run(first, "kept = 6 * 7; print('said')") == "said\n"
    first.close()
    listening.opened[0][1].wait(10)
    assert run(listening.session(epoch=2), "print(kept)") == "42\n"


def test_an_idle_session_gives_way_and_hears_of_it(listening: Listening) -> None:
    """What a platform that lost its connection without a word needs: the old one may never be seen to end."""
    first = listening.session(epoch=1)
    second = listening.session(epoch=2)
    with pytest.raises(ChannelError):
        run(first, "print('too late')")
    assert run(second, "print('mine')") == "mine\n"


def test_an_older_epoch_is_refused_and_the_session_goes_on(listening: Listening) -> None:
    """Taken out: the comparison of epochs in Agent.objection. The older one is then welcome."""
    first = listening.session(epoch=5)
    with pytest.raises(Fenced):
        listening.session(epoch=4)
    assert run(first, "print('mine')") == "mine\n"
    with first._sock.dup() as same, pytest.raises(Fenced):
        OuterChannel(same).greet({"epoch": 3})


def test_a_session_in_the_middle_of_something_keeps_its_sandbox(listening: Listening) -> None:
    """Taken out: the question whether the agent is busy. The cell's end is then never heard."""
    first = listening.session(epoch=1)
    first.send(Kind.EXECUTE, pack_json({**CELL, "code": "import time; time.sleep(2); print('whole')"}))
    with pytest.raises(SessionBusy):
        listening.session(epoch=2)
    assert text_of(first) == "whole\n"


@pytest.mark.parametrize("kind", [Kind.EXECUTE, Kind.PUT], ids=["a cell", "a file"])
def test_who_leaves_in_the_middle_takes_the_sandbox_along(listening: Listening, kind: Kind) -> None:
    """Taken out: the end of the agent when it is busy. The sandbox then lives on, with a cell that nobody hears."""
    channel = listening.session(epoch=1)
    if kind is Kind.PUT:
        channel.ask(Kind.PUT, {"name": "x", "size": 10}, Kind.OK, 10)
    else:
        channel.send(Kind.EXECUTE, pack_json({**CELL, "code": "print(1, flush=True); import time; time.sleep(60)"}))
        channel.receive(10)
    channel.close()
    wait_until(listening.ended, "it has ended", seconds=10)


def test_nonsense_at_the_door_is_cut_off_alone(listening: Listening) -> None:
    first = listening.session(epoch=1)
    for words in (b"x" * 40, b"BW" + bytes(18), b""):
        channel = listening.channel()
        if words:
            channel._sock.sendall(words)
        else:
            channel.send(Kind.LIST, b"{}")
        with pytest.raises(ChannelError):
            channel.receive(10)
    assert run(first, "print('still here')") == "still here\n"


def test_code_that_takes_the_place_of_the_platform_gains_nothing(listening: Listening) -> None:
    """It is what it could say of itself anyway; the next session ends it or is refused, and nobody believes it."""
    code = """
import socket, sys
sys.path.insert(0, '/opt/bailiwick')
from agent.frames import Counter, Kind, pack_json
door = socket.socket(socket.AF_UNIX)
door.connect('/run/agent/agent.sock')
hello = pack_json({'version': 1, 'epoch': 10**6})
door.sendall(Counter(b'intruder').seal(Kind.HELLO, hello) + hello)
print(b'busy' in door.recv(200))
"""
    channel = listening.session(epoch=1)
    assert run(channel, code) == "True\n"
    assert run(channel, "print('mine')") == "mine\n"


def test_it_limits_its_own_processes_and_a_session_lowers_them(listening: Listening) -> None:
    """Taken out: limit() in the agent's main. The limit is then that of the node, which is none."""
    limits = (
        "import resource; print(resource.getrlimit(resource.RLIMIT_NPROC), resource.getrlimit(resource.RLIMIT_CORE))"
    )
    assert run(listening.session(processes=4000), limits) == "(90, 90) (0, 0)\n"
    channel = listening.session(processes=40)
    assert run(channel, limits) == "(40, 40) (0, 0)\n"
    forks = "import subprocess\ntry:\n    for n in range(60): subprocess.Popen(['sleep', '5'])\n"
    forks += "except BlockingIOError: print(n < 40)"
    assert run(channel, forks) == "True\n"


def test_packages_come_over_the_channel(listening: Listening, tmp_path: Path) -> None:
    closure = tmp_path / "closure"
    (closure / "governed/deep").mkdir(parents=True)
    (closure / "governed/__init__.py").write_text("answer = 42\n")
    (closure / "governed/deep/large.bin").write_bytes(os.urandom(3_000_000))
    (closure / "governed/link").symlink_to("deep/large.bin")
    channel = listening.session()
    fill(channel, closure)
    code = "import governed, os; print(governed.answer, os.path.getsize('/packages/governed/link'))"
    assert run(channel, code) == "42 3000000\n"


def test_an_archive_that_is_none_is_refused_and_the_channel_stays_in_step(listening: Listening) -> None:
    channel = listening.session()
    channel.ask(Kind.FILL, {}, Kind.OK, 10)
    for _ in range(20):
        channel.send(Kind.DATA, b"no archive" * 20_000)
    channel.send(Kind.END, b"{}")
    assert channel.receive(10).kind is Kind.REFUSED
    assert run(channel, "print('in step')") == "in step\n"


def test_it_ends_at_once_when_it_is_told_to(listening: Listening) -> None:
    """A node sends this signal first, and waits for the whole of its grace period when nothing comes of it."""
    started = time.monotonic()
    listening.runsc("kill", "listening", "TERM").wait()
    wait_until(listening.ended, "it has ended", seconds=5)
    assert time.monotonic() - started < 3
