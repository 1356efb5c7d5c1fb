"""What a pod says of the sandbox that it is, and whether its end has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from sandbox_operator.kubernetes import names

# After the life that was granted: kubelet's own deadline comes first and tells the run's fate.
LATE_SECONDS = 30.0
ORPHAN_SECONDS = 60.0
# How long what has ended is kept for whoever claimed it, to learn why and to remove it.
KEEP_SECONDS = 60.0


class End(StrEnum):
    """Why a sandbox is removed."""

    ENDED = "ended"  # by itself, at its deadline, or by its node
    EXPIRED = "expired"  # its granted life is over, and its node did not end it
    RESTARTED = "restarted"  # its container is another than the one that was claimed
    UNREADABLE = "unreadable"  # claimed, and nobody can say until when
    ORPHANED = "orphaned"  # warm, and of no environment


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a pod is not warm: the reason of a condition, and the cluster's own words."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Times are Unix seconds; `expires_at` is None where the annotation is missing or no number."""

    name: str
    uid: str
    environment: str
    claimed: bool
    ready: bool
    ending: bool
    phase: str
    image_digest: str
    created_at: float
    changed_at: float
    claimed_at: float | None
    expires_at: float | None
    started_at: float | None
    restarts: int
    owned: bool
    trouble: Trouble | None

    @classmethod
    def read(cls, pod: Mapping[str, Any]) -> Self:
        meta, status = pod["metadata"], pod.get("status", {})
        labels, annotations = meta.get("labels", {}), meta.get("annotations", {})
        container: Mapping[str, Any] = next(iter(status.get("containerStatuses", [])), {})
        conditions = status.get("conditions", [])
        started = container.get("state", {}).get("running", {}).get("startedAt")
        moments = [meta["creationTimestamp"], *(one["lastTransitionTime"] for one in conditions)]
        return cls(
            name=meta["name"],
            uid=meta["uid"],
            environment=labels.get(names.ENVIRONMENT, ""),
            claimed=labels.get(names.POOL) == names.CLAIMED,
            ready=any(one["type"] == "Ready" and one["status"] == "True" for one in conditions),
            ending="deletionTimestamp" in meta,
            phase=status.get("phase", ""),
            image_digest=annotations.get(names.IMAGE_DIGEST, ""),
            created_at=read_time(meta["creationTimestamp"]),
            changed_at=max(map(read_time, moments)),
            claimed_at=read_number(annotations.get(names.CLAIMED_AT)),
            expires_at=read_number(annotations.get(names.EXPIRES_AT)),
            started_at=read_time(started) if started else None,
            restarts=container.get("restartCount", 0),
            owned=any(owner.get("controller") for owner in meta.get("ownerReferences", [])),
            trouble=find_trouble(conditions, container),
        )

    @property
    def over(self) -> bool:
        return self.phase in ("Succeeded", "Failed")


def read_time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def read_number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def find_trouble(conditions: list[dict[str, Any]], container: Mapping[str, Any]) -> Trouble | None:
    """The first thing that keeps a pod from being warm, as far as its status tells."""
    for condition in conditions:
        if condition["type"] == "PodScheduled" and condition.get("reason") == "Unschedulable":
            return Trouble("Unschedulable", condition.get("message", ""))
    waiting = container.get("state", {}).get("waiting", {})
    reason, message = waiting.get("reason", ""), waiting.get("message", "")
    if reason in ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"):
        return Trouble("ImageUnavailable", message)
    if reason in ("CrashLoopBackOff", "RunContainerError", "CreateContainerError", "CreateContainerConfigError"):
        return Trouble("StartFailing", message)
    return None


def why_end(sandbox: Sandbox, environments: frozenset[str], now: float) -> End | None:
    """Why this sandbox is to be removed now, if it is. `environments` are those that exist."""
    if sandbox.ending:
        return None
    if sandbox.claimed:
        return why_end_claimed(sandbox, now)
    if sandbox.over:
        return End.ENDED
    # The ReplicaSet of an environment that exists takes it back.
    alone = not sandbox.owned and sandbox.environment not in environments
    return End.ORPHANED if alone and now - sandbox.created_at > ORPHAN_SECONDS else None


def why_end_claimed(sandbox: Sandbox, now: float) -> End | None:
    """Whoever claimed it removes it at the run's end; this is for when they have not."""
    if sandbox.expires_at is None or sandbox.claimed_at is None:
        return End.UNREADABLE
    if now > sandbox.expires_at + LATE_SECONDS:
        return End.EXPIRED
    if now - sandbox.changed_at < KEEP_SECONDS:
        return None
    if sandbox.over:
        return End.ENDED
    # One that restarted before the claim was claimed as it is.
    since_claim = sandbox.started_at is None or sandbox.started_at > sandbox.claimed_at
    return End.RESTARTED if sandbox.restarts and since_claim else None
