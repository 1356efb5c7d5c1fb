"""The status of an environment. The CRD says what each reason means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox_operator.kubernetes.environment import Environment
from sandbox_operator.kubernetes.sandboxes import Sandbox, Trouble

JSON = dict[str, Any]

MESSAGE_LENGTH = 1024


@dataclass(frozen=True, slots=True)
class Verdict:
    """One condition without its times."""

    kind: str
    status: bool
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Pool:
    """An environment's sandboxes at one moment."""

    ready: int
    starting: int
    claimed: int
    outdated: int
    trouble: Trouble | None

    @classmethod
    def count(cls, environment: Environment, sandboxes: Sequence[Sandbox]) -> Pool:
        alive = [one for one in sandboxes if one.environment == environment.name and not (one.ending or one.over)]
        warm = [one for one in alive if not one.claimed]
        return cls(
            ready=sum(one.ready for one in warm),
            starting=sum(not one.ready for one in warm),
            claimed=sum(one.claimed for one in alive),
            outdated=sum(one.image_digest != environment.image_digest for one in warm),
            trouble=next((one.trouble for one in warm if one.trouble), None),
        )


def find_refusal(deployment: Mapping[str, Any]) -> Trouble | None:
    """Why the API server lets no more pods be made, as the Deployment has heard it."""
    for condition in deployment.get("status", {}).get("conditions", []):
        if condition["type"] == "ReplicaFailure" and condition["status"] == "True":
            message = condition.get("message", "")
            return Trouble("QuotaReached" if "exceeded quota" in message else "PodsRefused", message)
    return None


def judge_ready(environment: Environment, pool: Pool, wanted: int, refusal: Trouble | None) -> Verdict:
    """Whether a claim finds a warm sandbox."""
    trouble = pool.trouble or refusal
    if pool.ready and pool.ready >= wanted:
        return Verdict("Ready", True, "PoolWarm", f"{pool.ready} sandboxes are warm")
    if pool.ready:
        why = f"; {trouble.reason}: {trouble.message}" if trouble else ""
        return Verdict("Ready", True, "PoolFilling", f"{pool.ready} of {wanted} sandboxes are warm{why}")
    if pool.claimed >= environment.maximum:
        return Verdict("Ready", False, "QuotaReached", f"all {environment.maximum} sandboxes serve runs")
    if trouble:
        return Verdict("Ready", False, trouble.reason, trouble.message)
    return Verdict("Ready", False, "Warming", f"0 of {wanted} sandboxes are warm")


def judge_rolled(pool: Pool) -> Verdict:
    if pool.outdated:
        return Verdict("Rolled", False, "Rolling", f"{pool.outdated} warm sandboxes are of an earlier image")
    return Verdict("Rolled", True, "RolledOut", "every warm sandbox is of the present image")


def judge_applied(failures: Sequence[str]) -> Verdict:
    if failures:
        return Verdict("Applied", False, "ApplyFailed", "; ".join(failures))
    return Verdict("Applied", True, "InSync", "every object is as it should be")


def make_status(
    environment: Environment, pool: Pool, wanted: int, verdicts: Sequence[Verdict], before: Mapping[str, Any], now: str
) -> JSON:
    """The whole status. A condition keeps the time of its last change as long as its status is the same."""
    known = {one["type"]: one for one in before.get("conditions", [])}
    conditions = []
    for verdict in verdicts:
        status = "True" if verdict.status else "False"
        last = known.get(verdict.kind, {})
        conditions.append(
            {
                "type": verdict.kind,
                "status": status,
                "reason": verdict.reason,
                "message": verdict.message[:MESSAGE_LENGTH],
                "observedGeneration": environment.generation,
                "lastTransitionTime": last["lastTransitionTime"] if last.get("status") == status else now,
            }
        )
    return {
        "observedGeneration": environment.generation,
        "wanted": wanted,
        "warm": pool.ready,
        "starting": pool.starting,
        "claimed": pool.claimed,
        "conditions": conditions,
    }
