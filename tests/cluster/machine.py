"""The namespaces that a cluster lives in: made, entered, and ended as a whole."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from tests.cluster.holder import INSIDE
from tests.cluster.network import Network, claim_link, index_of, remove_link
from tools.launch.keeper import started_at

HOLDER = Path(__file__).with_name("holder.py")
CGROUPS = Path("/sys/fs/cgroup")
HOSTNAME = "node"
ENDS_WITHIN = 60.0
# Not all there are: by that the parts tell that they are in a user namespace, and pass over what is refused there.
IDS = "0 0 65536"
NAMESPACES = ("--user", "--mount", "--net", "--uts", "--ipc", "--pid")
# Starts a program that the shell does not wait for, and tells its process id as the namespace counts.
SPAWN = 'log=$1; shift; setsid "$@" >>"$log" 2>&1 </dev/null & echo $!'


class CannotStart(Exception):
    """The text is one sentence that says what did not start, and why."""


@dataclass(frozen=True)
class Process:
    """A process id, and when that process started: together they name one process for good."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "Process | None":
        started = started_at(pid)
        return cls(pid, started) if started else None

    def alive(self) -> bool:
        return started_at(self.pid) == self.started

    def kill(self, signum: int = signal.SIGKILL, *, within: float = ENDS_WITHIN) -> None:
        """Send the signal, and return when the process is gone. Raises TimeoutError."""
        if self.alive():
            os.kill(self.pid, signum)
        deadline = time.monotonic() + within
        while self.alive():
            if time.monotonic() > deadline:
                raise TimeoutError(f"process {self.pid} has not ended {within:.0f} s after signal {signum}")
            time.sleep(0.01)


@dataclass(frozen=True)
class Machine:
    """One set of namespaces and its first process."""

    first: Process
    network: Network
    link_index: int

    @property
    def group(self) -> str:
        """The control group of its pods. By the slot's name alone it might be a later cluster's."""
        return f"{self.network.link}-{self.first.pid}-{self.first.started}"

    @classmethod
    def make(cls, home: Path) -> "tuple[Machine, IO[str]]":
        """Make namespaces that see `home` as /run/cluster. They last until the file returned is closed, or say `stay`.

        Raises CannotStart.
        """
        command = [sys.executable, "-I", "-S", str(HOLDER), str(home), HOSTNAME]
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert child.stdin and child.stdout and child.stderr
        try:
            _expect(child, "unshared")
            for name in ("uid_map", "gid_map"):
                Path(f"/proc/{child.pid}/{name}").write_text(IDS)
            _tell(child.stdin, "mapped")
            first = Process.of(int(child.stdout.readline() or _explain(child)))
            _tell(child.stdin, "begin")
            _expect(child, "ready")
            child.wait()
            if first is None:
                _explain(child)
            assert first
            network = claim_link(first.pid)
            return cls(first, network, index_of(network.link) or 0), child.stdin
        except BaseException:
            child.stdin.close()
            raise
        finally:
            child.stdout.close()
            child.stderr.close()

    @classmethod
    def load(cls, path: Path) -> "Machine | None":
        """The machine that `save` wrote down there, alive or not."""
        try:
            known = json.loads(path.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return cls(Process(**known["first"]), Network(known["slot"]), known["link_index"])

    def save(self, path: Path) -> None:
        part = path.with_suffix(".part")
        known = {"first": asdict(self.first), "slot": self.network.slot, "link_index": self.link_index}
        part.write_text(json.dumps(known))
        part.replace(path)

    # --- Inside -------------------------------------------------------------------------------------------------------

    def enter(self, argv: Sequence[str | Path]) -> list[str]:
        """The command that runs `argv` inside."""
        return ["nsenter", "--target", str(self.first.pid), *NAMESPACES, "--", *map(str, argv)]

    def run(self, *argv: str | Path, stdin: bytes | None = None) -> bytes:
        """Run a program inside to its end, and return its output. Raises RuntimeError with what it said."""
        done = subprocess.run(self.enter(argv), input=stdin, capture_output=True, check=False)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()
            raise RuntimeError(f"{Path(argv[0]).name} ended with status {done.returncode}: {said}")
        return done.stdout

    def spawn(self, name: str, argv: Sequence[str | Path], path: str) -> Process | None:
        """Start a program inside, its output appended to the log of that name. None: it has ended already."""
        env = {"PATH": path, "HOME": "/root", "LANG": "C.UTF-8"}
        shell = self.enter(["sh", "-c", SPAWN, "sh", INSIDE / "log" / f"{name}.log", *argv])
        inner = int(subprocess.run(shell, env=env, stdout=subprocess.PIPE, check=True, text=True).stdout)
        pid = self.members().get(inner)
        return Process.of(pid) if pid else None

    def members(self) -> dict[int, int]:
        """Every process inside: its id there, and its id here."""
        return dict(_members(self.first.pid))

    # --- The end ------------------------------------------------------------------------------------------------------

    def end(self) -> None:
        """End every process inside, and take away what may outlive them. Raises OSError."""
        self.first.kill()
        remove_link(self.network.link, self.link_index)
        self.remove_cgroups()

    def make_cgroups(self) -> None:
        """Make the group below which kubelet makes its own, in every hierarchy."""
        for top in _hierarchies():
            for left in top.glob(f"{self.network.link}-*"):
                _remove_group(left)  # of an earlier cluster in this slot, which nobody took down
        if (CGROUPS / "cgroup.controllers").exists():
            every = " ".join(f"+{name}" for name in (CGROUPS / "cgroup.controllers").read_text().split())
            (CGROUPS / "cgroup.subtree_control").write_text(every)
            (CGROUPS / self.group).mkdir()
            (CGROUPS / self.group / "cgroup.subtree_control").write_text(every)
            return
        for top in _hierarchies():
            (top / self.group).mkdir()

    def remove_cgroups(self) -> None:
        for top in _hierarchies():
            _remove_group(top / self.group)


def _remove_group(group: Path) -> None:
    for folder in sorted((path for path in group.rglob("*/") if path.is_dir()), reverse=True):
        folder.rmdir()
    with suppress(FileNotFoundError):
        group.rmdir()


def _hierarchies() -> list[Path]:
    """The roots of version 1's hierarchies, or version 2's one."""
    if (CGROUPS / "cgroup.controllers").exists():
        return [CGROUPS]
    return sorted({path.resolve() for path in CGROUPS.iterdir() if path.is_dir()})


def _members(first: int) -> Iterator[tuple[int, int]]:
    namespace = os.readlink(f"/proc/{first}/ns/pid")
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.readlink(entry / "ns/pid") == namespace:
                status = (entry / "status").read_text()
                yield int(status.partition("NSpid:")[2].partition("\n")[0].split()[-1]), int(entry.name)


def _tell(stream: IO[str], line: str) -> None:
    stream.write(f"{line}\n")
    stream.flush()


def _expect(child: "subprocess.Popen[str]", line: str) -> None:
    assert child.stdout
    if child.stdout.readline() != f"{line}\n":
        _explain(child)


def _explain(child: "subprocess.Popen[str]") -> str:
    assert child.stdin and child.stderr
    child.stdin.close()
    said = child.stderr.read().strip().rpartition("\n")[2] or "it said nothing"
    raise CannotStart(
        f"The cluster's namespaces could not be made ({said}); "
        "run this as root on a machine that allows user namespaces."
    )


def remove_tree(path: Path) -> None:
    """Remove a folder if it is there: with a node's images in it, more files than `shutil` is quick with."""
    subprocess.run(["rm", "-rf", "--", path], check=True)
