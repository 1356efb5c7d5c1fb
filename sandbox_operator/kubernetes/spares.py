"""A channel that is open before it is needed: a claim then does not wait the tenth of a second that opening one takes.

It leads to one warm sandbox, and nothing is said on it before that is claimed. Whoever claims another's leaves a relay
in it that says nothing, and that the other ends as soon as it hears of the claim.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Sequence

from sandbox_operator.errors import BackendUnavailable
from sandbox_operator.kubernetes.cluster import ExecRequest
from sandbox_operator.kubernetes.records import PodRecord
from sandbox_operator.kubernetes.relay import Relay, RelayFailed, Relays

log = logging.getLogger("bailiwick.sandboxes")


class Spares:
    """At most one channel of this process. Thread-safe; raises nothing: without a spare a claim opens its own."""

    def __init__(self, relays: Relays, request: Callable[[str], ExecRequest]) -> None:
        self._relays = relays
        self._request = request
        self._lock = threading.Lock()
        self._spare: tuple[PodRecord, Relay] | None = None
        self._opening = False

    def leads_to(self, pod: PodRecord) -> bool:
        """As it is now; a moment later it may lead elsewhere."""
        with self._lock:
            return self._to(pod) is not None

    def take(self, pod: PodRecord) -> Relay | None:
        """The channel to that sandbox, for good, if there is one."""
        # Looked at and taken in one: in between it could have become another sandbox's.
        with self._lock:
            relay = self._to(pod)
            if relay is not None:
                self._spare = None
            return relay

    def _to(self, pod: PodRecord) -> Relay | None:
        if self._spare is None or self._spare[0].handle != pod.handle or not self._spare[1].alive:
            return None
        return self._spare[1]

    def keep(self, warm: Sequence[PodRecord]) -> None:
        """Lead to one of these, and to no other any more. Returns at once."""
        known = {pod.handle for pod in warm}
        gone: Relay | None = None
        with self._lock:
            if self._spare is not None and (self._spare[0].handle not in known or not self._spare[1].alive):
                gone, self._spare = self._spare[1], None
            begin = self._spare is None and not self._opening and bool(warm)
            self._opening = self._opening or begin
        if gone is not None:
            gone.close()
        if begin:
            pod = random.choice(warm)
            threading.Thread(target=self._open, args=(pod,), name="sandbox-spare", daemon=True).start()

    def _open(self, pod: PodRecord) -> None:
        relay = None
        try:
            relay = self._relays.open(self._request(pod.name))
        except (RelayFailed, BackendUnavailable) as error:
            log.info("no channel could be opened ahead: %s", error)
        finally:
            with self._lock:
                self._opening = False
                if relay is not None:
                    self._spare = (pod, relay)
