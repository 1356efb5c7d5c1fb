"""The warm pool, claims, life deadlines, and what became of every sandbox."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox_operator import containment
from sandbox_operator.agent.frames import ChannelError
from sandbox_operator.errors import (
    BackendUnavailable,
    ContainmentFailed,
    Fate,
    ImageUnknown,
    PoolFull,
    SandboxLost,
)
from sandbox_operator.local import packages
from sandbox_operator.local.bundle import Shape
from sandbox_operator.local.sandbox import Machine, Sandbox, State
from sandbox_operator.protocol import Claim, ProbeReport
from sandbox_operator.spec import ALWAYS_ENFORCED, BY_CGROUPS, Handle, SandboxSpec

FATE_SECONDS = 900.0
TICK_SECONDS = 0.5
# While one is left, who has just claimed goes first: starting the next one takes a whole core for a second.
REFILL_SECONDS = 0.3
BACKOFF_SECONDS = (1.0, 2.0, 5.0, 15.0, 30.0)

log = logging.getLogger("bailiwick.sandboxes")


@dataclass(frozen=True, slots=True)
class Image:
    name: str
    rootfs: Path
    digest: str


@dataclass(frozen=True, slots=True)
class PoolSettings:
    images: Sequence[Image]
    warm: int
    max: int
    processes: int
    disk_bytes: int
    packages_dirs: Sequence[Path]
    gvisor_version: str
    plan: Callable[[containment.Kind], dict[str, Any]]


@dataclass(eq=False)
class Pool:
    machine: Machine
    settings: PoolSettings
    sandboxes: dict[str, Sandbox] = field(default_factory=dict)
    fates: dict[Handle, tuple[float, Fate]] = field(default_factory=dict)
    trouble: str = ""
    _starting: int = 0
    _failures: int = 0
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def enforced(self) -> tuple[str, ...]:
        return (*BY_CGROUPS, *ALWAYS_ENFORCED) if self.machine.groups.version else ALWAYS_ENFORCED

    @property
    def not_enforced(self) -> tuple[str, ...]:
        return () if self.machine.groups.version else BY_CGROUPS

    def count(self, state: State) -> int:
        return sum(sandbox.state is state for sandbox in self.sandboxes.values())

    def find(self, handle: Handle) -> Sandbox:
        """Raises SandboxLost for a sandbox that has ended or was never ours."""
        sandbox = self.sandboxes.get(handle.sandbox)
        if sandbox is None or sandbox.handle != handle or sandbox.state is not State.CLAIMED:
            raise SandboxLost(self.fate(handle))
        return sandbox

    def fate(self, handle: Handle) -> Fate:
        sandbox = self.sandboxes.get(handle.sandbox)
        if sandbox is not None and sandbox.handle == handle:
            return sandbox.fate
        return self.fates.get(handle, (0.0, Fate.UNKNOWN))[1]

    async def claim(self, spec: SandboxSpec) -> Claim:
        """A sandbox for this Run alone: warm when one fits, else started to its shape."""
        image = next((one for one in self.settings.images if one.name == spec.environment), None)
        if image is None or image.digest != spec.image_digest:
            raise ImageUnknown(f"this machine has no image {spec.environment!r} with digest {spec.image_digest}")
        shape = Shape(image.name, image.digest, spec.limits.processes, spec.limits.disk_bytes)
        sandbox = self._take(shape)
        warm = sandbox is not None
        report = None
        if sandbox is None:
            sandbox, report = await self._start_cold(image, shape)
        sandbox.state, sandbox.run_id = State.CLAIMED, spec.run_id
        sandbox.claimed_at, sandbox.expires_at = time.time(), spec.expires_at
        sandbox.idle_since = time.monotonic()
        self._wake.set()
        try:
            return await self._grant(sandbox, spec, warm, report)
        except BaseException as error:
            await self.end(sandbox, Fate.DESTROYED)
            if isinstance(error, (ChannelError, OSError)):
                raise BackendUnavailable(f"a sandbox could not be claimed: {error}") from error
            raise

    async def end(self, sandbox: Sandbox, fate: Fate) -> None:
        await sandbox.end(fate)
        self._forget(sandbox)

    async def run(self) -> None:
        """Keep the pool warm and hold the deadlines, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_warm())
            group.create_task(self._keep_time())

    async def end_all(self) -> None:
        await asyncio.gather(*(self.end(one, Fate.LOST) for one in list(self.sandboxes.values())))

    def _take(self, shape: Shape) -> Sandbox | None:
        fitting = [one for one in self.sandboxes.values() if one.state is State.WARM and one.shape == shape]
        return fitting[0] if fitting else None

    async def _start_cold(self, image: Image, shape: Shape) -> tuple[Sandbox, ProbeReport]:
        if len(self.sandboxes) + self._starting >= self.settings.max:
            spare = next((one for one in self.sandboxes.values() if one.state is State.WARM), None)
            if spare is None:
                raise PoolFull(f"all {self.settings.max} sandboxes are in use")
            await self.end(spare, Fate.DESTROYED)
        sandbox, report = await self._start(image, shape, warm=False)
        if not report.contained:
            await self.end(sandbox, Fate.DESTROYED)
            raise ContainmentFailed(report)
        return sandbox, report

    async def _start(self, image: Image, shape: Shape, *, warm: bool) -> tuple[Sandbox, ProbeReport]:
        self._starting += 1
        try:
            sandbox = await Sandbox.start(self.machine, image.rootfs, shape)
            self.sandboxes[sandbox.handle.sandbox] = sandbox
        finally:
            self._starting -= 1
        self.spawn(self._watch(sandbox))
        try:
            return sandbox, await sandbox.ready(warm=warm, plan=self.settings.plan("full"))
        except BaseException:  # a caller that gave up waiting, too
            await self.end(sandbox, Fate.LOST)
            raise

    async def _grant(self, sandbox: Sandbox, spec: SandboxSpec, warm: bool, report: ProbeReport | None) -> Claim:
        sandbox.limit(spec.limits)
        if report is None:
            report = await sandbox.probe(self.settings.plan("brief"))
            if not report.contained:
                raise ContainmentFailed(report)
        if spec.packages is not None:
            await asyncio.to_thread(packages.fill, spec.packages, sandbox.layout.packages, self.settings.packages_dirs)
        return Claim(
            handle=sandbox.handle,
            image_digest=sandbox.shape.digest,
            warm=warm,
            probe=report,
            gvisor_version=self.settings.gvisor_version,
            enforced=self.enforced,
            not_enforced=self.not_enforced,
        )

    async def _watch(self, sandbox: Sandbox) -> None:
        """A sandbox whose process ends by itself has ended, and its control group says whether memory was why."""
        await sandbox.exited()
        await self.end(sandbox, Fate.OUT_OF_MEMORY if sandbox.group.out_of_memory() else Fate.KILLED)

    async def _keep_warm(self) -> None:
        while True:
            self._wake.clear()
            if self.count(State.WARM):
                await asyncio.sleep(REFILL_SECONDS)
            for image in self.settings.images:
                shape = Shape(image.name, image.digest, self.settings.processes, self.settings.disk_bytes)
                while self._lacks(shape):
                    await self._add_warm(image, shape)
            await self._wake.wait()

    def _lacks(self, shape: Shape) -> bool:
        held = sum(one.shape == shape and one.state is State.WARM for one in self.sandboxes.values())
        return held < self.settings.warm and len(self.sandboxes) + self._starting < self.settings.max

    async def _add_warm(self, image: Image, shape: Shape) -> None:
        try:
            sandbox, report = await self._start(image, shape, warm=True)
            if not report.contained:
                await self.end(sandbox, Fate.DESTROYED)
                raise ContainmentFailed(report)
        except Exception as error:  # whatever it is, the daemon goes on serving what it has
            self.trouble = f"{getattr(error, 'code', 'fault')}: {error}"
            log.error("a sandbox could not be warmed: %s", self.trouble)
            await asyncio.sleep(BACKOFF_SECONDS[min(self._failures, len(BACKOFF_SECONDS) - 1)])
            self._failures += 1
            return
        if sandbox.state is State.STARTING:
            sandbox.state = State.WARM
            self.trouble, self._failures = "", 0
            log.info("%s", json.dumps({"event": "warm", "sandbox": sandbox.handle.sandbox, "checks": report.checks}))

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now, tick = time.time(), time.monotonic()
            for sandbox in [one for one in self.sandboxes.values() if one.state is State.CLAIMED]:
                if sandbox.group.out_of_memory():
                    self.spawn(self.end(sandbox, Fate.OUT_OF_MEMORY))
                elif sandbox.expires_at is not None and now >= sandbox.expires_at:
                    self.spawn(self.end(sandbox, Fate.EXPIRED))
                elif not sandbox.busy and tick - sandbox.idle_since > sandbox.limits.idle_seconds:
                    self.spawn(self.end(sandbox, Fate.IDLE))
            for handle in [handle for handle, (when, _) in self.fates.items() if tick - when > FATE_SECONDS]:
                del self.fates[handle]

    def _forget(self, sandbox: Sandbox) -> None:
        if self.sandboxes.pop(sandbox.handle.sandbox, None) is not None:
            self.fates[sandbox.handle] = (time.monotonic(), sandbox.fate)
            self._wake.set()

    def spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
