"""One gVisor sandbox from its first process to the last trace of it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from sandbox_operator import containment
from sandbox_operator.agent.frames import ChannelError, Kind
from sandbox_operator.errors import BackendUnavailable, Fate
from sandbox_operator.inside import SANDBOX_UID
from sandbox_operator.local import bundle
from sandbox_operator.local.bundle import Flags, Layout, Shape
from sandbox_operator.local.cgroups import Group, Groups, Reading, kill_all
from sandbox_operator.local.link import Link
from sandbox_operator.protocol import ProbeReport
from sandbox_operator.spec import DEFAULT_LIMITS, Handle, Limits

LOG_BYTES = 8 << 10
START_SECONDS = 40.0
PROBE_SECONDS = 20.0
START_MEMORY = 1 << 30


log = logging.getLogger("bailiwick.sandboxes")


class State(StrEnum):
    STARTING = "starting"
    WARM = "warm"
    CLAIMED = "claimed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Machine:
    """What every sandbox of this daemon shares."""

    runsc: Path
    state: Path
    groups: Groups
    flags: Flags
    cpus: int


@dataclass(eq=False)
class Sandbox:
    handle: Handle
    shape: Shape
    layout: Layout
    group: Group
    state: State = State.STARTING
    run_id: UUID | None = None
    claimed_at: float | None = None
    expires_at: float | None = None
    limits: Limits = DEFAULT_LIMITS
    idle_since: float = field(default_factory=time.monotonic)
    epoch: int = -1
    busy: bool = False
    fate: Fate = Fate.ALIVE
    baseline: Reading = field(default_factory=Reading)
    stopping: asyncio.Task[None] | None = None
    log: str = ""
    _process: asyncio.subprocess.Process | None = None
    _link: Link | None = None

    @classmethod
    async def start(cls, machine: Machine, rootfs: Path, shape: Shape, memory_bytes: int = START_MEMORY) -> Sandbox:
        """Make the directories and the control group and run it. Raises BackendUnavailable, leaving nothing."""
        name = os.urandom(8).hex()
        layout = Layout(machine.state / "sandboxes" / name)
        try:
            group = machine.groups.make(name, str(layout.root))
        except OSError as error:
            raise BackendUnavailable(f"no control group could be made: {error}") from error
        self = cls(Handle.make("local", name), shape, layout, group)
        try:
            await self._launch(machine, rootfs, memory_bytes)
        except BaseException as error:
            await self.end(Fate.LOST)
            if isinstance(error, OSError):
                raise BackendUnavailable(f"a sandbox could not be started: {error}") from error
            raise
        return self

    async def ready(self, *, warm: bool, plan: dict[str, Any]) -> ProbeReport:
        """Wait for its kernel, load what most cells need, and probe. Raises BackendUnavailable, leaving nothing."""
        try:
            async with asyncio.timeout(START_SECONDS):
                await self.link.greet()
                report = await self.probe(plan)
                if warm and report.contained:
                    await self.link.ask(Kind.WARM, {}, Kind.OK)
                return report
        except (ChannelError, OSError, TimeoutError) as error:
            await self.end(Fate.LOST)
            raise BackendUnavailable(f"a sandbox did not become ready: {error!r} {self.log[-1000:]}") from error

    async def probe(self, plan: dict[str, Any]) -> ProbeReport:
        """Raises ChannelError or TimeoutError when the agent does not answer as it should."""
        started = time.perf_counter()
        async with asyncio.timeout(PROBE_SECONDS):
            report = await self.link.ask(Kind.PROBE, plan, Kind.REPORT)
        return containment.judge(plan, report.json(), (time.perf_counter() - started) * 1000)

    def limit(self, limits: Limits) -> None:
        """Raises OSError when a limit cannot be set."""
        self.group.limit(memory_bytes=limits.memory_bytes, cpu_cores=limits.cpu_cores, processes=self.shape.processes)
        self.limits = limits
        self.baseline = self.group.read()

    @property
    def link(self) -> Link:
        assert self._link is not None
        return self._link

    @property
    def disk_bytes(self) -> int:
        total = 0
        with suppress(OSError):
            for entry in os.scandir(self.layout.workspace):
                total += entry.stat(follow_symlinks=False).st_blocks * 512
        return total

    async def end(self, fate: Fate) -> None:
        """Kill it and remove what it was made of; returns when nothing is left. The first fate stays."""
        if self.stopping is None:
            self.fate = fate
            self.state = State.ENDED
            self.stopping = asyncio.create_task(self._stop())
        await asyncio.shield(self.stopping)

    async def exited(self) -> None:
        """Returns when its process is gone for whatever reason."""
        assert self._process is not None
        await self._process.wait()

    async def _launch(self, machine: Machine, rootfs: Path, memory_bytes: int) -> None:
        for path in (self.layout.bundle, self.layout.runsc, self.layout.workspace, self.layout.packages):
            path.mkdir(parents=True, mode=0o755)
        if os.geteuid() == 0:
            os.chown(self.layout.workspace, SANDBOX_UID, SANDBOX_UID)
        else:  # mapped to another user inside, so the directory is open; its parents are not
            self.layout.workspace.chmod(0o777)
        config = bundle.make_config(rootfs, self.layout, self.shape, machine.cpus, machine.flags.mount)
        (self.layout.bundle / "config.json").write_text(json.dumps(config))
        self.group.limit(memory_bytes=memory_bytes, cpu_cores=None, processes=self.shape.processes)
        ours, theirs = socket.socketpair()
        with theirs:
            command = bundle.make_command(
                machine.runsc,
                self.layout,
                self.handle.sandbox,
                self.shape.disk_bytes,
                theirs.fileno(),
                machine.flags,
                self.group.procs_files(),
            )
            self._link = Link(ours)
            self._process = await asyncio.create_subprocess_exec(
                *command,
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
                limit=LOG_BYTES,
            )
        self._logging = asyncio.create_task(self._keep_log())

    async def _keep_log(self) -> None:
        """The first few KiB only: the pipe is then left full, since whatever runs inside can write to it."""
        assert self._process and self._process.stderr
        with suppress(OSError, asyncio.CancelledError):
            while len(self.log) < LOG_BYTES and (part := await self._process.stderr.read(1024)):
                self.log += part.decode("utf-8", "replace")

    async def _stop(self) -> None:
        if self._link is not None:
            with suppress(OSError):
                self._link.sock.shutdown(socket.SHUT_RDWR)
            self._link.sock.close()
        while True:
            kill_all(self.group)
            if self._process is not None and self._process.returncode is None:
                with suppress(ProcessLookupError):
                    self._process.kill()
            if not self.group.pids() and (self._process is None or self._process.returncode is not None):
                break
            await asyncio.sleep(0.005)
        if self._process is not None:
            self._logging.cancel()
        await self._remove_group()
        await asyncio.to_thread(shutil.rmtree, self.layout.root, ignore_errors=True)

    async def _remove_group(self) -> None:
        """A control group stays busy for a moment after its last process."""
        for _ in range(200):
            try:
                return self.group.remove()
            except OSError:
                await asyncio.sleep(0.01)
        log.error("the control group of %s stays", self.handle.sandbox)
