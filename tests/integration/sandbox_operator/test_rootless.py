"""The daemon as an ordinary user: everything but the control groups' limits, and it says so."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox_operator.protocol import Fate, SandboxLost
from tests.integration.sandbox_operator.conftest import Opened, make_spec
from tests.integration.sandbox_operator.daemons import ROOT, Daemon, rootfs, runsc, wait_until

USER = "51234"


def needed() -> list[Path]:
    """What that user must be able to read: the interpreter, our code, runsc and the image."""
    return [Path(sys.base_prefix).resolve(), ROOT, runsc().resolve(), rootfs()]


def as_user(home: Path) -> tuple[str, ...]:
    """In a mount namespace of its own, /root is replaced by a readable one that holds only what is needed."""
    inside = [path for path in needed() if path.is_relative_to("/root")]
    keep = "".join(_bind(path, f"$keep/{n}") for n, path in enumerate(inside))
    back = "".join(_bind(Path(f"$keep/{n}"), str(path), is_file=path.is_file()) for n, path in enumerate(inside))
    script = f"keep={home}/keep; {keep} mount -t tmpfs -o mode=755 none /root; {back}"
    script += f' exec setpriv --reuid {USER} --regid {USER} --clear-groups -- "$@"'
    return ("unshare", "--mount", "--", "/bin/sh", "-ec", script, "sh")


def _bind(source: Path, target: str, is_file: bool | None = None) -> str:
    is_file = source.is_file() if is_file is None else is_file
    make = f"mkdir -p $(dirname {target}); touch {target}" if is_file else f"mkdir -p {target}"
    return f"{make}; mount --bind {source} {target}; "


@pytest.fixture(scope="module")
def rootless() -> Iterator[Opened]:
    home = Path(tempfile.mkdtemp(prefix="bailiwick-rootless-"))
    if os.geteuid() == 0:
        os.chown(home, int(USER), int(USER))
    daemon = Daemon(home, warm=1, arguments=("--rootless",), wrapper=as_user(home) if os.geteuid() == 0 else ())
    try:
        backend = daemon.start().backend
        claim = backend.claim(make_spec(), timeout=30)
        with backend.open(claim.handle, epoch=1) as session:
            yield Opened(backend, claim, session)
    finally:
        daemon.stop()
        shutil.rmtree(home)


def test_it_says_what_it_does_not_enforce(rootless: Opened) -> None:
    assert rootless.backend.health().not_enforced == rootless.claim.not_enforced == ("cpu_cores", "memory_bytes")
    assert {"processes", "disk_bytes", "wall_seconds"} <= set(rootless.claim.enforced)


def test_it_runs_contained_and_as_an_ordinary_user(rootless: Opened) -> None:
    assert rootless.claim.warm and rootless.claim.probe.contained
    assert rootless.text("import os; print(os.getuid(), 6 * 7)") == "1000 42\n"
    rootless.session.put_file("in.txt", [b"hello"], 5)
    assert rootless.text("print(open('in.txt').read())") == "hello\n"


def test_usage_is_measured_from_its_processes(rootless: Opened) -> None:
    _, done = rootless.run("sum(range(10**8))")  # a clock in gVisor runs on while it waits for a processor
    assert 0.3 < done.usage.cpu_seconds < 10
    assert done.usage.peak_memory_bytes > 20 << 20


def test_its_disk_and_deadlines_hold(rootless: Opened) -> None:
    code = "try:\n    with open('big', 'wb') as file:\n        while True: file.write(bytes(1 << 20))\n"
    assert rootless.text(code + "except OSError as error: print(error.errno)") == "28\n"
    with pytest.raises(SandboxLost) as lost:
        rootless.run("import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass", wall_seconds=1)
    assert lost.value.fate is Fate.TIMED_OUT
    wait_until(lambda: rootless.backend.health().claimed == 0, "it is gone", seconds=5)
