"""What pods use, measured by their node: kubelet's summary, read through the API server."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox_operator.kubernetes import names
from sandbox_operator.kubernetes.cluster import Cluster

# A node is asked this often at most, however many of its sandboxes somebody looks at.
FRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """`at` is the node's own moment of measuring: it may lie some seconds back."""

    at: float = 0.0
    cpu_seconds: float = 0.0
    memory_bytes: int = 0
    disk_bytes: int = 0


class Meter:
    """Readings of sandboxes by their pod's UID. Thread-safe."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._lock = threading.Lock()
        self._nodes: dict[str, _Node] = {}

    def read(self, node: str, uid: str, *, age: float = FRESH_SECONDS) -> Reading:
        """At most so many seconds old. Nothing for a pod that its node has not measured yet.

        Raises BackendUnavailable.
        """
        since = time.monotonic() - age
        with self._lock:
            kept = self._nodes.setdefault(node, _Node())
        with kept.lock:  # whoever waited here finds that another has asked for all of them
            if kept.asked_at < since:
                asked_at = time.monotonic()
                kept.pods, kept.asked_at = readings(self._cluster.stats(node)), asked_at
            return kept.pods.get(uid, Reading())


class _Node:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked_at = float("-inf")
        self.pods: Mapping[str, Reading] = {}


def readings(summary: Mapping[str, Any]) -> dict[str, Reading]:
    """Kubelet's summary by pod; what a pod has no figure for counts as nothing."""
    return {pod["podRef"]["uid"]: _reading(pod) for pod in summary.get("pods") or []}


def _reading(pod: Mapping[str, Any]) -> Reading:
    # What the runtime says of the container is of this moment; what kubelet says of the pod is some seconds old.
    containers = {one.get("name"): one for one in pod.get("containers") or []}
    own = containers.get(names.CONTAINER, {})
    cpu, memory = own.get("cpu") or {}, own.get("memory") or {}
    disk = pod.get("ephemeral-storage") or {}
    return Reading(
        at=datetime.fromisoformat(cpu["time"]).timestamp() if cpu.get("time") else 0.0,
        cpu_seconds=cpu.get("usageCoreNanoSeconds", 0) / 1e9,
        memory_bytes=memory.get("workingSetBytes", 0),
        disk_bytes=disk.get("usedBytes", 0),
    )
