"""A sandbox's pod as the API server tells it, read into values. A claimed pod is its own record."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sandbox_operator.errors import Fate
from sandbox_operator.kubernetes import names
from sandbox_operator.spec import Handle, Limits

BACKEND = "kubernetes"
# Of the 64 hexadecimal digits of a container's id; the pod's own UID stands before them.
CONTAINER_DIGITS = 16
QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?)(m|k|Ki|M|Mi|G|Gi|T|Ti)?")
FACTORS = {
    None: 1.0, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
    "Ki": float(1 << 10), "Mi": float(1 << 20), "Gi": float(1 << 30), "Ti": float(1 << 40),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Room:
    """What a pod was given; it cannot be changed at the claim."""

    cpu_cores: float
    memory_bytes: int
    disk_bytes: int
    processes: int

    def lacks(self, limits: Limits) -> bool:
        return (
            self.cpu_cores < limits.cpu_cores
            or self.memory_bytes < limits.memory_bytes
            or self.disk_bytes < limits.disk_bytes
            or self.processes < limits.processes
        )

    def exceeding(self, limits: Limits) -> tuple[str, ...]:
        """The limits that this room is larger than, and so does not hold. The agent lowers its processes itself."""
        return tuple(
            name
            for name in ("cpu_cores", "memory_bytes", "disk_bytes")
            if getattr(self, name) > getattr(limits, name) * 1.001
        )


@dataclass(frozen=True, slots=True)
class End:
    """How a container ended."""

    container: str
    reason: str
    code: int


@dataclass(frozen=True, slots=True)
class PodRecord:
    name: str
    uid: str
    version: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    node: str
    node_address: str
    pod_address: str
    runtime_class: str
    room: Room
    phase: str
    reason: str
    deleting: bool
    ready: bool
    started_at: float
    container: str
    ends: tuple[End, ...]

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self:
        meta, spec, status = body["metadata"], body["spec"], body.get("status", {})
        containers = [one for one in status.get("containerStatuses", []) if one["name"] == names.CONTAINER]
        own = containers[0] if containers else {}
        return cls(
            name=meta["name"],
            uid=meta["uid"],
            version=meta["resourceVersion"],
            labels=meta.get("labels", {}),
            annotations=meta.get("annotations", {}),
            node=spec.get("nodeName", ""),
            node_address=status.get("hostIP", ""),
            pod_address=status.get("podIP", ""),
            runtime_class=spec.get("runtimeClassName", ""),
            room=_room(spec),
            phase=status.get("phase", ""),
            reason=status.get("reason", ""),
            deleting="deletionTimestamp" in meta,
            ready=bool(own.get("ready")),
            started_at=_time(status.get("startTime")),
            container=_digits(own.get("containerID", "")) if "running" in own.get("state", {}) else "",
            ends=tuple(_ends(own)),
        )

    @property
    def handle(self) -> Handle:
        return make_handle(self)

    @property
    def claimed(self) -> bool:
        return self.labels.get(names.POOL) == names.CLAIMED

    @property
    def live(self) -> bool:
        """Whether what runs in it now may go on."""
        return self.phase == "Running" and not self.deleting and bool(self.container)

    @property
    def run_id(self) -> UUID | None:
        try:
            return UUID(self.labels.get(names.RUN, ""))
        except ValueError:
            return None

    @property
    def session(self) -> str:
        return self.annotations.get(names.SESSION, "")

    @property
    def epoch(self) -> int:
        return int(self.annotations.get(names.EPOCH, "-1"))

    @property
    def claimed_at(self) -> float | None:
        return _number(self.annotations.get(names.CLAIMED_AT))

    @property
    def expires_at(self) -> float | None:
        return _number(self.annotations.get(names.EXPIRES_AT))

    @property
    def limits(self) -> Limits:
        """Raises ValueError, KeyError or TypeError for a pod that nobody of ours has claimed."""
        return Limits(**json.loads(self.annotations[names.LIMITS]))

    def fate_of(self, handle: Handle, now: float) -> Fate:
        """What became of the one life of this pod that the handle names."""
        uid, _, container = handle.incarnation.partition(".")
        if handle.backend != BACKEND or uid != self.uid or not container or not self.claimed:
            return Fate.UNKNOWN
        # The pod as a whole can be out of its time while its container still ends; each end says why first.
        for end in self.ends:
            if end.container == container and end.reason == "OOMKilled":
                return Fate.OUT_OF_MEMORY
        if self.reason == "DeadlineExceeded" or (self.expires_at is not None and now >= self.expires_at):
            return Fate.EXPIRED
        return Fate.ALIVE if self.live and self.container == container else Fate.KILLED


def make_handle(pod: PodRecord) -> Handle:
    """Names the pod and this one life of it: a container that was started again is another sandbox."""
    return Handle(BACKEND, pod.name, f"{pod.uid}.{pod.container}")


def _ends(own: Mapping[str, Any]) -> list[End]:
    states = [own.get("state", {}), own.get("lastState", {})]
    return [
        End(_digits(ended.get("containerID", "")), ended.get("reason", ""), ended.get("exitCode", 0))
        for state in states
        if (ended := state.get("terminated"))
    ]


def _room(spec: Mapping[str, Any]) -> Room:
    container: Mapping[str, Any] = next((one for one in spec["containers"] if one["name"] == names.CONTAINER), {})
    limits = container.get("resources", {}).get("limits", {})
    variables = {one["name"]: one.get("value", "") for one in container.get("env", [])}
    disks = {one["name"]: one.get("emptyDir", {}).get("sizeLimit", "0") for one in spec.get("volumes", [])}
    return Room(
        cpu_cores=quantity(limits.get("cpu", "0")),
        memory_bytes=round(quantity(limits.get("memory", "0"))),
        disk_bytes=round(quantity(disks.get("workspace", "0"))),
        processes=int(variables.get("BAILIWICK_PROCESSES", "0")),
    )


def quantity(text: str) -> float:
    """A Kubernetes quantity as a number. Raises ValueError for one that no pod of ours has."""
    match = QUANTITY.fullmatch(str(text))
    if match is None:
        raise ValueError(f"not a quantity: {text}")
    return float(match[1]) * FACTORS[match[2]]


def _digits(container_id: str) -> str:
    return container_id.rpartition("//")[2][:CONTAINER_DIGITS]


def _time(text: str | None) -> float:
    return datetime.fromisoformat(text).timestamp() if text else 0.0


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
