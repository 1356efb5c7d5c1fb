"""A `SandboxEnvironment` as the API server stores it, read into values. What it may hold is said in its CRD."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class Egress(StrEnum):
    NONE = "none"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Size:
    """What one sandbox gets. Bytes; `cpu_request` is a quantity in millicores."""

    cpu_millicores: int
    memory_bytes: int
    disk_bytes: int
    processes: int
    cpu_request: str

    @classmethod
    def read(cls, size: Mapping[str, Any]) -> Self:
        return cls(
            cpu_millicores=round(size["cpuCores"] * 1000),
            memory_bytes=size["memoryBytes"],
            disk_bytes=size["diskBytes"],
            processes=size["processes"],
            cpu_request=size["cpuRequest"],
        )


@dataclass(frozen=True, slots=True)
class Environment:
    """`maximum` counts warm and claimed sandboxes together."""

    name: str
    uid: str
    generation: int
    image: str
    image_digest: str
    runtime_class: str
    size: Size
    floor: int
    ceiling: int
    maximum: int
    egress: Egress

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError or ValueError for a body that no API server with our CRD has admitted."""
        meta, spec = body["metadata"], body["spec"]
        return cls(
            name=meta["name"],
            uid=meta["uid"],
            generation=meta["generation"],
            image=spec["image"],
            image_digest=spec["imageDigest"],
            runtime_class=spec["runtimeClassName"],
            size=Size.read(spec["size"]),
            floor=spec["warm"]["floor"],
            ceiling=spec["warm"]["ceiling"],
            maximum=spec["maximum"],
            egress=Egress(spec["egress"]),
        )
