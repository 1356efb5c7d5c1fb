"""What a caller asks of a backend, and the handle it gets back. Pure values, whole and checked when made."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import UUID

MIB = 1 << 20
# Nothing works without some of each other limit; these may be none at all.
MAY_BE_NONE = frozenset({"output_artifact_bytes", "artifact_count", "artifact_bytes"})


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit of one Run. Bytes and seconds; `memory_bytes` covers the kernel's own memory (about 150 MiB) too.

    0 of `output_artifact_bytes` keeps no full text; 0 of `artifact_count` or `artifact_bytes` keeps no files.
    """

    cpu_cores: float
    memory_bytes: int
    processes: int
    disk_bytes: int
    wall_seconds: float
    life_seconds: float
    idle_seconds: float
    output_bytes: int
    output_artifact_bytes: int
    artifact_count: int
    artifact_bytes: int
    open_executions: int

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if not (value > 0 or (value == 0 and name in MAY_BE_NONE)):
                raise ValueError(f"{name}: {value!r} is less than the least that works")


BY_CGROUPS = ("cpu_cores", "memory_bytes")
ALWAYS_ENFORCED = (
    "processes",
    "disk_bytes",
    "wall_seconds",
    "life_seconds",
    "idle_seconds",
    "output_bytes",
    "output_artifact_bytes",
    "artifact_count",
    "artifact_bytes",
)

DEFAULT_LIMITS = Limits(
    cpu_cores=1.0,
    memory_bytes=1024 * MIB,
    processes=128,
    disk_bytes=1024 * MIB,
    wall_seconds=60,
    life_seconds=3600,
    idle_seconds=600,
    output_bytes=MIB,
    output_artifact_bytes=64 * MIB,
    artifact_count=100,
    artifact_bytes=256 * MIB,
    open_executions=8,
)


@dataclass(frozen=True, slots=True)
class SandboxSpec:
    """One Run's sandbox. `packages` is a directory on this machine whose content appears at /packages, read-only."""

    run_id: UUID
    environment: str
    image_digest: str
    limits: Limits
    expires_at: float
    packages: Path | None = None


HANDLE_FORM = re.compile(r"([a-z]{1,16}):([a-z0-9-]{1,64}):([a-z0-9.-]{1,128})")


@dataclass(frozen=True, slots=True)
class Handle:
    """Names one sandbox and one life of it: an incarnation that differs is another sandbox, so the first is lost."""

    backend: str
    sandbox: str
    incarnation: str

    @classmethod
    def make(cls, backend: str, sandbox: str) -> Self:
        return cls(backend, sandbox, secrets.token_hex(16))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for anything that `str(handle)` did not make."""
        match = HANDLE_FORM.fullmatch(text)
        if match is None:
            raise ValueError("not a sandbox handle")
        return cls(*match.groups())

    def __str__(self) -> str:
        return f"{self.backend}:{self.sandbox}:{self.incarnation}"
