"""What this process holds: the sandboxes that it claimed or opened, their deadlines, and what became of them.

Other processes hold others. The pod's `session` annotation says whose a sandbox is: who reads another's there lets go.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

from sandbox_operator.errors import BackendUnavailable, Fate
from sandbox_operator.kubernetes.cluster import Cluster, Conflict
from sandbox_operator.kubernetes.records import PodRecord
from sandbox_operator.kubernetes.relay import Relay
from sandbox_operator.kubernetes.usage import FRESH_SECONDS, Meter, Reading
from sandbox_operator.protocol import Usage
from sandbox_operator.spec import Handle, Limits

FATE_SECONDS = 900.0
TICK_SECONDS = 0.5
SAMPLE_SECONDS = 5.0
# A channel that is kept open spares the next execution the tenth of a second that opening one takes.
KEEP_OPEN_SECONDS = 120.0

log = logging.getLogger("bailiwick.sandboxes")


@dataclass(eq=False)
class Held:
    """One sandbox. `session` changes with each session; one that finds another here has been overtaken."""

    handle: Handle
    uid: str
    node: str
    limits: Limits
    claimed_at: float
    expires_at: float
    session: str
    epoch: int
    pod: PodRecord | None = None  # as it was last seen, which may be long ago
    relay: Relay | None = None
    fate: Fate = Fate.ALIVE
    attached: str = ""  # the session that uses the channel now, however idle it is
    busy: bool = False
    idle_since: float = field(default_factory=time.monotonic)
    lock: threading.RLock = field(default_factory=threading.RLock)
    deadline: threading.Timer | None = None
    baseline: Reading | None = None
    last: Reading = field(default_factory=Reading)
    peak: int = 0

    def note(self, reading: Reading) -> None:
        with self.lock:
            if reading.at >= self.last.at:
                self.last = reading
            self.baseline = self.baseline or reading
            self.peak = max(self.peak, reading.memory_bytes)

    def usage(self) -> Usage:
        """Since the claim, or since this process first saw it."""
        before = self.baseline or Reading()
        return Usage(
            wall_seconds=time.time() - self.claimed_at,
            cpu_seconds=max(0.0, self.last.cpu_seconds - before.cpu_seconds),
            memory_bytes=self.last.memory_bytes,
            peak_memory_bytes=self.peak,
            disk_bytes=self.last.disk_bytes,
        )

    def disarm(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None


class Keeper:
    """Holds deadlines by a thread of its own, which starts with the first sandbox. Thread-safe."""

    def __init__(self, cluster: Cluster, meter: Meter) -> None:
        self._cluster = cluster
        self._meter = meter
        self._lock = threading.Lock()
        self._held: dict[Handle, Held] = {}
        self._fates: dict[Handle, tuple[float, Fate]] = {}
        self._thread: threading.Thread | None = None

    def add(self, held: Held) -> None:
        with self._lock:
            self._held[held.handle] = held
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._keep, name="sandbox-keeper", daemon=True)
                self._thread.start()

    def find(self, handle: Handle) -> Held | None:
        with self._lock:
            return self._held.get(handle)

    def fate(self, handle: Handle) -> Fate | None:
        """What this process knows that became of it."""
        with self._lock:
            known = self._fates.get(handle)
        return None if known is None else known[1]

    def remember(self, handle: Handle, fate: Fate) -> None:
        with self._lock:
            self._fates.setdefault(handle, (time.monotonic(), fate))

    def end(self, held: Held, fate: Fate) -> None:
        """Cut its channel and begin the end of its pod. The first fate stays. Raises nothing: the sweep tries again."""
        if not self._close(held, fate):
            return
        try:
            self._cluster.delete(held.handle.sandbox, held.uid)
        except BackendUnavailable as error:
            log.warning("sandbox %s could not be ended: %s", held.handle.sandbox, error)

    def forget(self, held: Held) -> None:
        """Another process has taken it over."""
        with self._lock:
            self._held.pop(held.handle, None)
        with held.lock:
            held.disarm()
            relay, held.relay = held.relay, None
        if relay is not None:
            relay.close()

    def measure(self, held: Held, *, age: float = FRESH_SECONDS) -> None:
        """Raises BackendUnavailable."""
        held.note(self._meter.read(held.node, held.uid, age=age))

    def _close(self, held: Held, fate: Fate) -> bool:
        with held.lock:
            if held.fate is not Fate.ALIVE:
                return False
            held.fate = fate
        self.remember(held.handle, fate)
        self.forget(held)
        return True

    def _keep(self) -> None:
        sampled = 0.0
        while True:
            time.sleep(TICK_SECONDS)
            now, tick = time.time(), time.monotonic()
            with self._lock:
                held = list(self._held.values())
                for handle in [handle for handle, (when, _) in self._fates.items() if tick - when > FATE_SECONDS]:
                    del self._fates[handle]
            for one in held:
                try:
                    self._look(one, now, tick)
                except Exception:  # whatever it is, the others' deadlines are held
                    log.exception("a sandbox's deadlines could not be held")
            if tick - sampled > SAMPLE_SECONDS:
                sampled = tick
                self._sample(held)

    def _look(self, one: Held, now: float, tick: float) -> None:
        idle = 0.0 if one.busy else tick - one.idle_since
        if now >= one.expires_at:
            self.end(one, Fate.EXPIRED)
        elif idle > one.limits.idle_seconds:
            self._end_idle(one)
        elif idle > KEEP_OPEN_SECONDS:
            self._let_go(one)

    def _let_go(self, one: Held) -> None:
        """Close a channel that nobody uses; the next session opens another."""
        with one.lock:
            if one.attached or one.relay is None:
                return
            relay, one.relay = one.relay, None
        relay.close()

    def _end_idle(self, one: Held) -> None:
        """Only as it is seen now: an open by another process at this moment wins."""
        try:
            pod = self._cluster.pod(one.handle.sandbox)
            if pod is None or pod.uid != one.uid or pod.session != one.session:
                return self.forget(one)
            with one.lock:
                if one.busy:
                    return
                self._cluster.delete(pod.name, pod.uid, pod.version)
                self._close(one, Fate.IDLE)
        except (BackendUnavailable, Conflict) as error:
            log.info("an idle sandbox is looked at again: %s", error)

    def _sample(self, held: list[Held]) -> None:
        with suppress(BackendUnavailable):
            for one in held:
                if one.busy or one.baseline is None:
                    self.measure(one)
