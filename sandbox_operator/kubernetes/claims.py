"""A claim as a patch: whoever's is first gets the pod, and the ReplicaSet lets it go and starts another."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sandbox_operator.errors import ImageUnknown, RequestRefused
from sandbox_operator.kubernetes import names
from sandbox_operator.kubernetes.records import PodRecord
from sandbox_operator.spec import SandboxSpec

JSON = dict[str, Any]


def selector(environment: str) -> str:
    """All pods of an environment, the claimed ones too."""
    return f"{names.ENVIRONMENT}={environment}"


def fitting(pods: Sequence[PodRecord], spec: SandboxSpec) -> list[PodRecord]:
    """Warm pods that this run may have, those of the least room first and in no order else, so that few claimers meet.

    Raises ImageUnknown when no pod of the environment is of that image, RequestRefused when none is large enough.
    """
    of_image = [pod for pod in pods if pod.annotations.get(names.IMAGE_DIGEST) == spec.image_digest]
    if not of_image:
        raise ImageUnknown(f"the cluster has no sandboxes of {spec.environment!r} with digest {spec.image_digest}")
    if all(pod.room.lacks(spec.limits) for pod in of_image):
        offered = ", ".join(f"{name} {value:,}" for name, value in asdict(of_image[0].room).items())
        raise RequestRefused("limits_not_offered", f"a sandbox of {spec.environment!r} has {offered}: ask for no more")
    free = [pod for pod in of_image if is_free(pod) and not pod.room.lacks(spec.limits)]
    random.shuffle(free)
    return sorted(free, key=lambda pod: (pod.room.memory_bytes, pod.room.cpu_cores))


def is_free(pod: PodRecord) -> bool:
    return pod.labels.get(names.POOL) == names.WARM and pod.ready and pod.live


def make_claim(pod: PodRecord, spec: SandboxSpec, now: float) -> list[JSON]:
    """The whole patch. Its first line fails for whoever saw an older pod than there is."""
    annotations = {
        names.CLAIMED_AT: f"{now:.3f}",
        names.EXPIRES_AT: f"{spec.expires_at:.3f}",
        names.EPOCH: "0",
        names.LIMITS: json.dumps(asdict(spec.limits)),
    }
    return [
        {"op": "test", "path": "/metadata/resourceVersion", "value": pod.version},
        {"op": "replace", "path": _path("labels", names.POOL), "value": names.CLAIMED},
        {"op": "add", "path": _path("labels", names.RUN), "value": str(spec.run_id)},
        *({"op": "add", "path": _path("annotations", key), "value": value} for key, value in annotations.items()),
        {"op": "add", "path": "/spec/activeDeadlineSeconds", "value": deadline(pod, spec, now)},
    ]


def deadline(pod: PodRecord, spec: SandboxSpec, now: float) -> int:
    """Seconds from the pod's own start: so the node ends it, when all of the platform is dead."""
    return max(1, math.ceil(now - pod.started_at + max(0.0, spec.expires_at - now)) + 1)


def make_opening(pod: PodRecord, epoch: int, session: str) -> list[JSON]:
    """The patch that makes a session the sandbox's own. Fails for whoever saw an older pod than there is."""
    return [
        {"op": "test", "path": "/metadata/resourceVersion", "value": pod.version},
        {"op": "replace", "path": _path("annotations", names.EPOCH), "value": str(epoch)},
        {"op": "add", "path": _path("annotations", names.SESSION), "value": session},
    ]


def _path(kind: str, key: str) -> str:
    """A JSON pointer (RFC 6901)."""
    return f"/metadata/{kind}/{key.replace('~', '~0').replace('/', '~1')}"
