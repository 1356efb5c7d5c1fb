"""Which of several operators acts: the one that holds the Lease and keeps renewing it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox_operator.kubernetes.api import Api, Refusal, Unreachable

LEASE = "bailiwick-operator"
LEASE_SECONDS = 15
# Well before others may take over, whoever could not renew stops acting.
RENEW_SECONDS = 10.0
PAUSE_SECONDS = 2.0

log = logging.getLogger("bailiwick.operator")


@dataclass(frozen=True, slots=True)
class Seen:
    """A state of the Lease and when this process first saw it, by its own clock: those of others may be wrong."""

    holder: str
    renewed: str
    at: float


class Leadership:
    """Tries for the Lease on a thread of its own. `leading` is true only while the last renewal is fresh."""

    def __init__(self, api: Api, leases: str, identity: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._api, self._leases, self._identity, self._clock = api, leases, identity, clock
        self._seen = Seen("", "", clock())
        self._renewed_at: float | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leadership", daemon=True)

    @property
    def leading(self) -> bool:
        renewed = self._renewed_at
        return renewed is not None and self._clock() - renewed < RENEW_SECONDS

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Give the Lease up, so that another need not wait for it to run out."""
        self._stop.set()
        self._thread.join()
        was_leading, self._renewed_at = self.leading, None
        if was_leading:
            self._try(lambda: self._write(""))

    def _run(self) -> None:
        said = None
        while not self._stop.is_set():
            self._try(self.attempt)
            if self.leading is not said:
                said = self.leading
                log.info("this operator (%s) %s", self._identity, "acts" if said else "stands by")
            self._stop.wait(PAUSE_SECONDS)

    def _try(self, attempt: Callable[[], object]) -> None:
        try:
            attempt()
        except (Refusal, Unreachable) as error:
            log.warning("the lease: %s", error)

    def attempt(self) -> bool:
        """Take or renew the Lease if that is ours to do; tells whether it was. Of two that try, one is refused."""
        started = self._clock()
        if not self._write(self._identity):
            self._renewed_at = None
            return False
        self._renewed_at = started
        return True

    def _write(self, holder: str) -> bool:
        path = f"{self._leases}/{LEASE}"
        present = self._api.read(path)
        if present is None:
            self._api.create(self._leases, make_lease(holder, None))
            return True
        if not self._is_free(present):
            return False
        self._api.replace(path, make_lease(holder, present))
        return True

    def _is_free(self, present: dict[str, Any]) -> bool:
        """Ours, nobody's, or not renewed for as long as it runs."""
        holder = present["spec"].get("holderIdentity") or ""
        renewed = present["spec"].get("renewTime") or ""
        if (holder, renewed) != (self._seen.holder, self._seen.renewed):
            self._seen = Seen(holder, renewed, self._clock())
        return holder in ("", self._identity) or self._clock() - self._seen.at > LEASE_SECONDS


def make_lease(holder: str, present: dict[str, Any] | None) -> dict[str, Any]:
    """The Lease in the place of exactly what was read."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    before = present["spec"] if present else {}
    changes = before.get("holderIdentity") != holder
    metadata: dict[str, Any] = {"name": LEASE}
    if present:
        metadata["resourceVersion"] = present["metadata"]["resourceVersion"]
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": metadata,
        "spec": {
            "holderIdentity": holder,
            "leaseDurationSeconds": LEASE_SECONDS,
            "acquireTime": now if changes else before.get("acquireTime", now),
            "renewTime": now,
            "leaseTransitions": before.get("leaseTransitions", 0) + changes,
        },
    }
