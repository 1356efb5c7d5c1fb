"""A Kubernetes node with gVisor pods, on this machine alone, in namespaces of its own: for tests and development."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.cluster import configuration
from tests.cluster.images import Images
from tests.cluster.machine import CannotStart, Machine, Process, remove_tree
from tests.cluster.parts import PARTS, STAGES, Part, Site

READY_WITHIN = 60.0
# What a cluster that went down may leave in its folder.
CACHE = "cache"


def quiet(line: str) -> None:
    """Say nothing of what goes on."""


class Cluster:
    """The cluster that lives in `home`, from the programs in `tools`.

    Unless it is told to last it ends with the process that made it, however that one ends; what such an end leaves in
    files and control groups is removed by the next `up` or `down` for the same home.
    """

    def __init__(self, home: Path, tools: Path, *, say: Callable[[str], None] = quiet) -> None:
        self.home = home.resolve()
        self.tools = tools.resolve()
        self._say = say
        self._hold: IO[str] | None = None

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self.home / "kubeconfig"

    @property
    def site(self) -> Site:
        """Raises LookupError when the cluster is not up."""
        machine = Machine.load(self._record)
        if machine is None or not machine.first.alive():
            raise LookupError(f"No cluster is up in {self.home}; bring it up first.")
        return Site(self.home, self.tools, machine)

    @property
    def url(self) -> str:
        """Where the API server listens."""
        return self.site.server

    # --- Up and down --------------------------------------------------------------------------------------------------

    def up(self, *, lasting: bool = False) -> "Cluster":
        """Make what is not there, start what does not run, and return when the node is ready.

        With `lasting` it outlives this process. Raises CannotStart; then nothing of a new cluster is left.
        """
        with self._locked():
            known = Machine.load(self._record)
            if known and known.first.alive():
                self._start_parts()
                return self
            self._clear()
            try:
                self._make()
                self._start_parts()
                Images(self.site).load_pause()
            except BaseException:
                self._clear(keep_logs=True)
                raise
            if lasting and self._hold:
                self._hold.write("stay\n")
                self._hold.flush()
        return self

    def down(self) -> None:
        """End it, and leave nothing of it but caches. Nothing is done when nothing is there. Raises OSError."""
        if not self.home.exists():
            return
        with self._locked():
            self._clear()
            if not any(self.home.iterdir()):
                self.home.rmdir()

    def _make(self) -> None:
        for name in ("log", "run"):
            (self.home / name).mkdir(exist_ok=True)
        machine, self._hold = Machine.make(self.home)
        machine.save(self._record)
        machine.make_cgroups()
        configuration.write(self.home, self.tools, machine)

    def _start_parts(self) -> None:
        started = time.monotonic()
        for stage in STAGES:
            fresh = [(part, self._spawn(part)) for part in stage if not self.process(part.name)]
            for part, process in fresh:
                self._await(part, process)
                self._say(f"{part.name} is ready after {time.monotonic() - started:.1f} s")

    def _clear(self, *, keep_logs: bool = False) -> None:
        """End what runs and remove what it left."""
        if machine := Machine.load(self._record):
            machine.end()
        if self._hold:
            self._hold.close()
            self._hold = None
        kept = {CACHE, "log"} if keep_logs else {CACHE}
        for entry in self.home.iterdir():
            if entry.name not in kept:
                remove_tree(entry) if entry.is_dir() else entry.unlink()

    # --- Parts --------------------------------------------------------------------------------------------------------

    def start(self, part: str | Part) -> None:
        """Start a part unless it runs, and return when it is ready. Raises CannotStart with what it said last.

        One that is not the cluster's own lives and ends with it all the same.
        """
        known = PARTS[part] if isinstance(part, str) else part
        if not self.process(known.name):
            self._await(known, self._spawn(known))

    def kill(self, name: str, signum: int = signal.SIGKILL) -> None:
        """Send a signal to a part; returns when it has ended. Its pods, if it has any, stay."""
        if process := self.process(name):
            process.kill(signum)

    def restart(self, name: str) -> None:
        """Kill a part and start it again."""
        self.kill(name)
        self.start(name)

    def process(self, name: str) -> Process | None:
        """The part's process, if it runs."""
        try:
            pid, _, started = self._pid_file(name).read_text().partition(" ")
        except FileNotFoundError:
            return None
        process = Process(int(pid), started)
        return process if process.alive() else None

    def log(self, name: str) -> Path:
        """What the part writes."""
        return self.home / "log" / f"{name}.log"

    # --- Use ----------------------------------------------------------------------------------------------------------

    def load(self, archive: Path, reference: str) -> None:
        """Give the node the image in an OCI or Docker archive, under that name."""
        Images(self.site).load(archive, reference)

    def kubectl(self, *words: str, stdin: str | None = None) -> str:
        """Run kubectl as the administrator, and return what it prints. Raises CalledProcessError."""
        command = [self.site.program("kubectl"), f"--kubeconfig={self.kubeconfig}", *words]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, " ".join(words), done.stdout, done.stderr)
        return done.stdout

    def _spawn(self, part: Part) -> Process:
        site = self.site
        process = site.machine.spawn(part.name, part.argv(site), f"{self.tools}:/usr/sbin:/usr/bin:/sbin:/bin")
        if process is None:
            raise self._failure(part, "ended before it was ready")
        self._pid_file(part.name).write_text(f"{process.pid} {process.started}")
        return process

    def _await(self, part: Part, process: Process) -> None:
        site, deadline = self.site, time.monotonic() + READY_WITHIN
        while not part.ready(site, process):
            if not process.alive():
                raise self._failure(part, "ended before it was ready")
            if time.monotonic() > deadline:
                raise self._failure(part, f"was not ready within {READY_WITHIN:.0f} s")
            time.sleep(0.05)

    def _failure(self, part: Part, what: str) -> CannotStart:
        log = self.log(part.name)
        return CannotStart(f"{part.name} {what}: {_last_words(log)} (All of it: {log}.)")

    @property
    def _record(self) -> Path:
        return self.home / "run/machine.json"

    def _pid_file(self, name: str) -> Path:
        return self.home / "run" / f"{name}.pid"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One at a time goes up or down."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(self.home, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def _last_words(log: Path) -> str:
    """The last line that tells of an error, or the last line."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    errors = [line for line in lines if line[:1] in ("E", "F") or "level=fatal" in line or "level=error" in line]
    return next(reversed(errors or lines), "it said nothing").strip()
