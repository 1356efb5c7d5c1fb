"""The backend's side of one session in a pod: whose turn it is, how long an execution may take, what it used."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

from sandbox_operator.errors import BackendUnavailable, Fate, Fenced, SandboxLost, SessionBusy
from sandbox_operator.kubernetes.cluster import Cluster
from sandbox_operator.kubernetes.keeping import Held, Keeper
from sandbox_operator.kubernetes.usage import Reading
from sandbox_operator.protocol import Usage

KILL_GRACE = 0.5  # between the interrupt at the wall limit and the end of a sandbox that ignored it
NATURAL_END = 15.0  # how long a broken channel may wait for its node, which may be busy, to say why
LOOK_SECONDS = 0.2
# Of a shorter execution the figures come with the next: to measure it, its node asks all its containers.
MEASURED_SECONDS = 1.0


class PodHolder:
    def __init__(self, cluster: Cluster, keeper: Keeper, held: Held, session: str) -> None:
        self._cluster = cluster
        self._keeper = keeper
        self._held = held
        self._session = session
        self._began: float | None = None
        self._before = Reading()
        held.attached = session

    def begin(self, wall_seconds: float | None) -> None:
        """Nothing may be sent before this returns: it is the fence, and it arms the deadline."""
        held = self._held
        with held.lock:
            self._still_ours()
            if held.busy:
                raise SessionBusy("this session is in the middle of something")
            held.busy = True
            self._began, self._before = time.monotonic(), held.last
            if wall_seconds is not None:
                held.peak = held.last.memory_bytes
                held.deadline = threading.Timer(wall_seconds + KILL_GRACE, self._keeper.end, (held, Fate.TIMED_OUT))
                held.deadline.daemon = True
                held.deadline.start()

    def end(self) -> Usage:
        held = self._held
        wall = time.monotonic() - (self._began or time.monotonic())
        self._finish()
        if held.fate is not Fate.ALIVE:
            raise SandboxLost(held.fate)
        if wall >= MEASURED_SECONDS:
            with suppress(BackendUnavailable):  # then the figures are what they were
                self._keeper.measure(held, age=0.0)
        return Usage(
            wall_seconds=wall,
            cpu_seconds=max(0.0, held.last.cpu_seconds - self._before.cpu_seconds),
            memory_bytes=held.last.memory_bytes,
            peak_memory_bytes=held.peak,
            disk_bytes=held.last.disk_bytes,
        )

    def lost(self, detail: str) -> Fate:
        """What broke the channel, as the node tells it; the sandbox ends, unless another session has it."""
        held = self._held
        with held.lock:
            if held.session != self._session:
                raise Fenced("another session has taken over")
        fate = self._explained() if held.fate is Fate.ALIVE and "ended" in detail else held.fate
        self._keeper.end(held, Fate.LOST if fate is Fate.ALIVE else fate)
        self._finish()
        return held.fate

    def close(self) -> None:
        """The channel stays open for the next session, unless it was left in the middle of something."""
        if self._began is not None:
            self._keeper.end(self._held, Fate.LOST)
            self._finish()
        with self._held.lock:
            if self._held.attached == self._session:
                self._held.attached = ""

    def _explained(self) -> Fate:
        """Wait for what the API server knows only a moment later. Raises Fenced when another session has it."""
        held, until = self._held, time.monotonic() + NATURAL_END
        while True:
            with suppress(BackendUnavailable):
                pod = self._cluster.pod(held.handle.sandbox)
                if pod is None or pod.uid != held.uid:
                    return Fate.KILLED
                if pod.session != self._session:
                    self._keeper.forget(held)
                    raise Fenced("another session has taken over")
                if (fate := pod.fate_of(held.handle, time.time())) is not Fate.ALIVE:
                    return fate
            if held.fate is not Fate.ALIVE or time.monotonic() > until:
                return held.fate
            time.sleep(LOOK_SECONDS)

    def _still_ours(self) -> None:
        if self._held.session != self._session:
            raise Fenced("another session has taken over")
        if self._held.fate is not Fate.ALIVE:
            raise SandboxLost(self._held.fate)

    def _finish(self) -> None:
        held = self._held
        with held.lock:
            if self._began is None:
                return
            self._began = None
            held.disarm()
            held.busy = False
            held.idle_since = time.monotonic()
