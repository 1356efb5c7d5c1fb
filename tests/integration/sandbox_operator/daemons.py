"""Real daemons for tests: started with the command line that the product uses, on the product's image."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sandbox_operator.client import LocalBackend
from tests.processes import MORTAL

ROOT = Path(__file__).parents[3]
TOOLS = ROOT / ".tools"
MAIN = "import sys; from sandbox_operator import daemon; sys.exit(daemon.main())"
READY_SECONDS = 60.0


def rootfs() -> Path:
    """BAILIWICK_TEST_ROOTFS, or the product's own image."""
    path = Path(os.environ.get("BAILIWICK_TEST_ROOTFS", TOOLS / "images/python/rootfs"))
    if not path.exists():
        pytest.fail(f"{path} is missing: `make setup` builds the image")
    return path.resolve()


def digest() -> str:
    if "BAILIWICK_TEST_ROOTFS" in os.environ:
        return "sha256:test"
    text = (TOOLS / "images/python/metadata.json").read_text()
    return str(json.loads(text)["digest"])


def runsc() -> Path:
    return Path(os.environ.get("BAILIWICK_TEST_RUNSC", TOOLS / "bin/runsc"))


@dataclass
class Daemon:
    """One daemon process. `patch` is Python that runs before its main: holes on purpose."""

    home: Path
    warm: int = 1
    max: int = 8
    arguments: Sequence[str] = ()
    patch: str = ""
    wrapper: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def socket(self) -> Path:
        return self.home / "daemon.sock"

    @property
    def state(self) -> Path:
        return self.home / "state"

    @property
    def log(self) -> str:
        return (self.home / "daemon.log").read_text()

    @property
    def backend(self) -> LocalBackend:
        return LocalBackend(self.socket)

    def start(self, *, wait_warm: bool = True) -> Daemon:
        command = [
            *self.wrapper, *MORTAL, sys.executable, "-c", f"{self.patch}\n{MAIN}",
            "--socket", str(self.socket), "--state-dir", str(self.state), "--runsc", str(runsc()),
            "--image", f"python={rootfs()}:{digest()}", "--warm", str(self.warm), "--max", str(self.max),
            *self.arguments,
        ]  # fmt: skip
        with (self.home / "daemon.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        wait_until(self._answers, "the daemon answers", self._explain)
        if wait_warm:
            self.wait_warm(self.warm)
        return self

    def wait_warm(self, count: int) -> None:
        wait_until(lambda: self.backend.health().warm >= count, f"{count} warm", self._explain)

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
            self.process = None

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(20)
        self.process = None

    def processes(self) -> list[int]:
        """Every process on this machine that belongs to one of its sandboxes, found by its command line."""
        marker = f"{self.state}/sandboxes/".encode()
        return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/cmdline") if marker in _read(path)]

    def groups(self) -> list[Path]:
        import hashlib

        parent = "bailiwick-" + hashlib.sha256(str(self.state.resolve()).encode()).hexdigest()[:12]
        return [path for path in Path("/sys/fs/cgroup").glob(f"**/{parent}/*") if path.is_dir()]

    def traces(self) -> dict[str, list[str]]:
        """What is left of sandboxes: processes, mounts, control groups, directories."""
        below = f"{self.state}/sandboxes/"
        mounts = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if below in line]
        directories = [str(path) for path in (self.state / "sandboxes").glob("*")]
        processes, groups = [str(pid) for pid in self.processes()], [str(path) for path in self.groups()]
        return {"processes": processes, "mounts": mounts, "groups": groups, "directories": directories}

    def _answers(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            pytest.fail(f"the daemon ended\n{self._explain()}")
        return self.backend.health().max > 0

    def _explain(self) -> str:
        return self.log[-3000:]


NOTHING: dict[str, list[str]] = {"processes": [], "mounts": [], "groups": [], "directories": []}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def wait_until(
    condition: Callable[[], bool], what: str, explain: Callable[[], str] = lambda: "", seconds: float = READY_SECONDS
) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds} s: {what}\n{explain()}")
        time.sleep(0.02)
