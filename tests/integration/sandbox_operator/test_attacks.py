"""User code that tries to get out, to take the agent's place, or to be believed."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox_operator.protocol import Backend, Fate, SandboxLost
from tests.integration.sandbox_operator.conftest import Opened
from tests.integration.sandbox_operator.daemons import Daemon

Open = Callable[..., Opened]

TRY = """
def attempt(work):
    try:
        return repr(work())
    except BaseException as error:
        return type(error).__name__
"""


def attempt(one: Opened, expression: str, imports: str = "import os, socket, ctypes, subprocess") -> str:
    return one.text(f"{imports}\n{TRY}\nprint(attempt(lambda: {expression}))").strip()


@pytest.fixture
def listener() -> Iterator[int]:
    """A port on this machine's loopback that would answer whoever got there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_no_address_of_this_machine_is_reached(shared: Opened, listener: int) -> None:
    """Taken out: `--network=none` (host network instead). The listener answers."""
    assert attempt(shared, f"socket.create_connection(('127.0.0.1', {listener}), 1)") == "ConnectionRefusedError"
    for address in ("169.254.169.254", "10.0.0.1", "192.0.2.1"):
        assert attempt(shared, f"socket.create_connection(({address!r}, 80), 1)") == "OSError"
    assert attempt(shared, "socket.getaddrinfo('example.com', 443)") == "gaierror"
    assert attempt(shared, "[name for _, name in socket.if_nameindex()]") == "['lo']"


def test_raw_sockets_and_new_interfaces_are_refused(shared: Opened) -> None:
    assert attempt(shared, "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)") == "PermissionError"
    assert attempt(shared, "socket.socket(17, socket.SOCK_RAW, 3)") in ("PermissionError", "OSError")


def test_no_file_of_this_machine_is_seen(shared: Opened, daemon: Daemon, tmp_path: Path) -> None:
    """Taken out: the sandbox's own root (the machine's mounted at /mnt, see test_holes). The file is read."""
    secret = tmp_path / "secret"
    secret.write_text("of the machine")
    secret.chmod(0o644)
    for path in (secret, daemon.socket, daemon.state, Path(__file__)):
        for start in ("", "/proc/1/root", "/proc/self/root", "/proc/self/cwd/../../.."):
            assert attempt(shared, f"os.stat({start + str(path)!r})") in ("FileNotFoundError", "PermissionError")


def test_a_unix_socket_of_this_machine_is_not_reached(shared: Opened) -> None:
    name = "\0bailiwick-test-" + os.urandom(4).hex()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        assert attempt(shared, f"socket.socket(socket.AF_UNIX).connect({name!r})") == "ConnectionRefusedError"


def test_the_image_and_the_packages_cannot_be_written(shared: Opened) -> None:
    """Taken out: the read-only root, then the read-only mount of /packages. The write succeeds."""
    for path in ("/x", "/etc/passwd", "/opt/bailiwick/agent/evil.py", "/usr/bin/x", "/packages/x", "/root/x"):
        assert attempt(shared, f"open({path!r}, 'a')") in ("OSError", "PermissionError")
    mounts = [line.split() for line in shared.text("print(open('/proc/mounts').read())").splitlines() if line]
    modes = {mount[1]: mount[3].split(",")[0] for mount in mounts}
    assert (modes["/"], modes["/packages"], modes["/workspace"]) == ("ro", "ro", "rw")


def test_no_privilege_is_held_or_gained(shared: Opened) -> None:
    """Taken out: the empty capability sets. CapEff is then not zero."""
    status = dict(
        line.split(":\t")
        for line in shared.text("print(open('/proc/self/status').read())").splitlines()
        if ":\t" in line
    )
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd")} == {"0" * 16}
    assert attempt(shared, "os.getresuid() + os.getresgid()") == str((1000,) * 6)
    assert attempt(shared, "os.setuid(0)") == "PermissionError"
    assert attempt(shared, "os.chroot('/tmp')") == "PermissionError"
    assert attempt(shared, "os.mknod('/tmp/mem', 0o20666, os.makedev(1, 1))") == "PermissionError"
    assert attempt(shared, "ctypes.CDLL(None).mount(b'none', b'/tmp', b'tmpfs', 0, None)") == "-1"
    assert attempt(shared, "ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)") == "1"


def test_limits_cannot_be_raised_from_inside(shared: Opened) -> None:
    expression = "resource.setrlimit(resource.RLIMIT_NPROC, (4096, 4096))"
    assert attempt(shared, expression, "import resource") in ("ValueError", "PermissionError")


def test_another_sandbox_is_not_seen(opened: Open) -> None:
    first, second = opened(), opened()
    first.run("import subprocess; child = subprocess.Popen(['sleep', '123'])")
    seen = second.text(
        "import os\nfor pid in os.listdir('/proc'):\n    if pid.isdigit(): print(open(f'/proc/{pid}/cmdline').read())"
    )
    assert "sleep" not in seen
    assert second.claim.handle.sandbox not in seen


def test_the_agents_channel_cannot_be_opened_from_a_cell(shared: Opened) -> None:
    for path in ("/proc/1/fd/3", "/proc/self/fd/3", "/dev/fd/3"):
        result = attempt(shared, f"os.write(os.open({path!r}, os.O_RDWR), b'BW')")
        assert result in ("OSError", "FileNotFoundError", "PermissionError"), (path, result)


def test_the_agent_cannot_be_debugged_from_a_cell(shared: Opened) -> None:
    """gVisor lets a process trace its descendants alone. Nothing outside relies on it: see unit/…/test_session."""
    assert attempt(shared, "ctypes.CDLL(None).ptrace(16, 1, 0, 0)") == "-1"
    assert attempt(shared, "open('/proc/1/mem', 'r+b').read(1)") in ("OSError", "PermissionError", "FileNotFoundError")


def test_a_stopped_or_killed_agent_ends_the_sandbox_or_nothing(opened: Open, backend: Backend) -> None:
    one = opened()
    try:
        one.run(
            "import os, signal\nfor number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP): os.kill(1, number)",
            wall_seconds=2,
        )
        assert one.text("print('alive')") == "alive\n"
    except SandboxLost:
        assert backend.fate(one.claim.handle) in (Fate.LOST, Fate.KILLED, Fate.TIMED_OUT)


def test_frames_forged_on_the_kernels_own_streams_are_text(shared: Opened) -> None:
    forged = "import os\nos.write(1, b'BW' + bytes(18)); os.write(2, b'BW\\x01\\x0c' + bytes(16))\nprint('done')"
    outputs, done = shared.run(forged)
    assert done.status == "ok" and "".join(output["text"] for output in outputs).count("BW") == 2


def test_a_flood_on_the_agents_own_error_stream_stays_inside(opened: Open, daemon: Daemon) -> None:
    """Taken out: the pipe that is left full (a file in its place). The daemon's disk then takes it all."""
    one = opened()
    flood = """
import os
sent, fd = 0, os.open('/proc/1/fd/2', os.O_WRONLY | os.O_NONBLOCK)
try:
    while sent < 50_000_000: sent += os.write(fd, b'x' * 65536)
except OSError: pass
print(sent < 2_000_000)
"""
    outputs, _ = one.run(flood, wall_seconds=5)
    assert len(daemon.log) < 100_000
    assert "True" in str(outputs) or "Error" in str(outputs)


def test_outputs_with_scripts_keep_their_type(shared: Opened) -> None:
    """They pass as what they are: who shows them decides (see the doors)."""
    code = "from IPython.display import HTML, SVG, display\ndisplay(HTML('<script>1</script>'))"
    outputs, _ = shared.run(code)
    assert outputs[0]["data"]["text/html"] == "<script>1</script>"


def test_a_mime_type_of_a_strange_shape_ends_the_sandbox(opened: Open, backend: Backend) -> None:
    """Taken out: the shape check in outputs._mime. The type then reaches the caller."""
    one = opened()
    with pytest.raises(SandboxLost) as lost:
        one.run("from IPython.display import publish_display_data as p\np({'text/html\\r\\nSet-Cookie: x': 'y'}, {})")
    assert lost.value.fate is Fate.LOST
    assert backend.fate(one.claim.handle) is Fate.LOST
