"""What a pod says of its sandbox, and when its end has come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sandbox_operator.kubernetes.sandboxes import End, Sandbox, Trouble, why_end

NOW = 1_800_000_000.0
HERE = frozenset({"python"})
WARM = Sandbox(
    name="python-1",
    uid="u",
    environment="python",
    claimed=False,
    ready=True,
    ending=False,
    phase="Running",
    image_digest="sha256:x",
    created_at=NOW - 1000,
    changed_at=NOW - 900,
    claimed_at=None,
    expires_at=None,
    started_at=NOW - 950,
    restarts=0,
    owned=True,
    trouble=None,
)
CLAIMED = replace(WARM, claimed=True, owned=False, claimed_at=NOW - 600, expires_at=NOW + 600)


@pytest.mark.parametrize(
    ("sandbox", "end"),
    [
        (WARM, None),
        (replace(WARM, ready=False), None),
        (replace(WARM, restarts=3, started_at=None), None),
        (replace(WARM, phase="Failed"), End.ENDED),
        (replace(WARM, phase="Succeeded"), End.ENDED),
        (replace(WARM, phase="Failed", ending=True), None),
        # An orphan of an environment that exists is taken back by its ReplicaSet.
        (replace(WARM, owned=False), None),
        (replace(WARM, owned=False, environment="gone"), End.ORPHANED),
        (replace(WARM, owned=False, environment="gone", created_at=NOW - 59), None),
        (replace(WARM, owned=True, environment="gone"), None),
        (CLAIMED, None),
        (replace(CLAIMED, environment="gone"), None),
        (replace(CLAIMED, ready=False), None),
        (replace(CLAIMED, expires_at=NOW - 29), None),
        (replace(CLAIMED, expires_at=NOW - 31), End.EXPIRED),
        (replace(CLAIMED, expires_at=NOW - 31, ending=True), None),
        (replace(CLAIMED, expires_at=None), End.UNREADABLE),
        (replace(CLAIMED, claimed_at=None), End.UNREADABLE),
        # What has ended is kept for a minute for whoever asks why.
        (replace(CLAIMED, phase="Failed"), End.ENDED),
        (replace(CLAIMED, phase="Failed", changed_at=NOW - 59), None),
        (replace(CLAIMED, restarts=1, started_at=NOW - 500), End.RESTARTED),
        (replace(CLAIMED, restarts=1, started_at=NOW - 500, changed_at=NOW - 59), None),
        (replace(CLAIMED, restarts=1, started_at=None), End.RESTARTED),
        (replace(CLAIMED, restarts=1, started_at=NOW - 601), None),
    ],
)
def test_ends(sandbox: Sandbox, end: End | None) -> None:
    assert why_end(sandbox, HERE, NOW) is end


POD: dict[str, Any] = {
    "metadata": {
        "name": "python-1",
        "uid": "u",
        "creationTimestamp": "2027-01-15T08:00:00Z",
        "labels": {"bailiwick.internal/environment": "python", "bailiwick.internal/pool": "claimed"},
        "annotations": {
            "bailiwick.internal/image-digest": "sha256:x",
            "bailiwick.internal/claimed-at": "1800000010.25",
            "bailiwick.internal/expires-at": "1800000610",
        },
        "ownerReferences": [{"kind": "ReplicaSet", "controller": True}],
    },
    "status": {
        "phase": "Running",
        "conditions": [
            {"type": "PodScheduled", "status": "True", "lastTransitionTime": "2027-01-15T08:00:01Z"},
            {"type": "Ready", "status": "True", "lastTransitionTime": "2027-01-15T08:00:05Z"},
        ],
        "containerStatuses": [
            {"name": "sandbox", "restartCount": 2, "state": {"running": {"startedAt": "2027-01-15T08:00:03Z"}}}
        ],
    },
}


def test_a_pod_is_read() -> None:
    assert Sandbox.read(POD) == Sandbox(
        name="python-1",
        uid="u",
        environment="python",
        claimed=True,
        ready=True,
        ending=False,
        phase="Running",
        image_digest="sha256:x",
        created_at=1_800_000_000,
        changed_at=1_800_000_005,
        claimed_at=1_800_000_010.25,
        expires_at=1_800_000_610,
        started_at=1_800_000_003,
        restarts=2,
        owned=True,
        trouble=None,
    )


def test_a_pod_that_nobody_has_looked_at_yet_is_read() -> None:
    bare = Sandbox.read({"metadata": {"name": "a", "uid": "u", "creationTimestamp": "2027-01-15T08:00:00Z"}})
    assert not (bare.claimed or bare.ready or bare.ending or bare.over or bare.owned)
    assert bare.claimed_at is None and bare.expires_at is None and bare.started_at is None


@pytest.mark.parametrize(
    ("conditions", "state", "trouble"),
    [
        ([], {}, None),
        ([], {"running": {}}, None),
        ([], {"waiting": {"reason": "ContainerCreating"}}, None),
        (
            [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no room"}],
            {},
            Trouble("Unschedulable", "no room"),
        ),
        ([], {"waiting": {"reason": "ImagePullBackOff", "message": "who?"}}, Trouble("ImageUnavailable", "who?")),
        ([], {"waiting": {"reason": "CrashLoopBackOff", "message": "again"}}, Trouble("StartFailing", "again")),
        ([], {"waiting": {"reason": "RunContainerError"}}, Trouble("StartFailing", "")),
    ],
)
def test_what_keeps_a_pod_from_being_warm(
    conditions: list[dict[str, Any]], state: dict[str, Any], trouble: Trouble | None
) -> None:
    dated = [{"lastTransitionTime": "2027-01-15T08:00:00Z", **one} for one in conditions]
    pod = {**POD, "status": {"conditions": dated, "containerStatuses": [{"state": state}]}}
    assert Sandbox.read(pod).trouble == trouble
