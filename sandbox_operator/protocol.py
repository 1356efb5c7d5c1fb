"""The public protocol of every backend: what a worker may ask, and what it hears.

Synchronous and thread-safe. Whatever a session yields was checked outside the sandbox: shapes, sizes, names and MIME
types. Usage and wall time are measured outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, BinaryIO, Literal, Protocol, Self
from uuid import UUID

from sandbox_operator.errors import (
    BackendUnavailable,
    ContainmentFailed,
    Fate,
    Fenced,
    ImageUnknown,
    OperatorError,
    PoolFull,
    RequestRefused,
    SandboxLost,
    SessionBusy,
)
from sandbox_operator.spec import Handle, SandboxSpec

__all__ = [
    "ArtifactInfo",
    "ArtifactList",
    "ArtifactSkipped",
    "Backend",
    "BackendHealth",
    "BackendUnavailable",
    "Claim",
    "ContainmentFailed",
    "Done",
    "Ending",
    "Event",
    "ExecuteRequest",
    "Fate",
    "Fenced",
    "Hole",
    "ImageUnknown",
    "OperatorError",
    "OutputEvent",
    "PoolFull",
    "ProbeReport",
    "RequestRefused",
    "SandboxLost",
    "SandboxStatus",
    "Session",
    "SessionBusy",
    "Usage",
]


@dataclass(frozen=True, slots=True)
class Hole:
    """One thing that the probe reached and should not have."""

    check: str
    target: str
    detail: str

    def __str__(self) -> str:
        return f"{self.check} {self.target}: {self.detail}"


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What a containment probe tried. `complete` is false when an expected check is missing; that is a failure too."""

    kind: Literal["full", "brief"]
    checks: int
    complete: bool
    holes: tuple[Hole, ...] = ()
    milliseconds: float = 0.0

    @property
    def contained(self) -> bool:
        return self.complete and not self.holes


@dataclass(frozen=True, slots=True)
class Claim:
    """A sandbox that serves one Run from now on. `enforced` names the limits that the backend can hold."""

    handle: Handle
    image_digest: str
    warm: bool
    probe: ProbeReport
    gvisor_version: str
    enforced: tuple[str, ...]
    not_enforced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Measured from outside the sandbox. For an execution: its own share; for a sandbox: since its claim.

    `memory_bytes` is held at this moment: what counts against the limit, without cached files that can be dropped.
    `peak_memory_bytes` is since the last execution began, and holds those too.
    """

    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    memory_bytes: int = 0
    peak_memory_bytes: int = 0
    disk_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ExecuteRequest:
    number: int
    language: str
    code: str
    wall_seconds: float
    output_bytes: int
    output_artifact_bytes: int


@dataclass(frozen=True, slots=True)
class OutputEvent:
    """One nbformat 4 output object, rebuilt outside from what came in."""

    output: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """How an execution ended; always the last event.

    `truncated`: the outputs hold only head and tail of the text. `full_text` is then an open binary file with the text
    up to the output artifact limit (`full_text_bytes` long, complete unless `full_text_cut`); the caller closes it.
    Where that limit is 0 there is none.
    """

    status: Literal["ok", "error", "interrupted", "timed_out"]
    usage: Usage
    truncated: bool = False
    full_text: BinaryIO | None = None
    full_text_bytes: int = 0
    full_text_cut: bool = False
    execution_count: int | None = None


type Event = OutputEvent | Done


@dataclass(frozen=True, slots=True)
class ArtifactInfo:
    """A regular file below /workspace/outputs. `changed`: new or changed since the last listing of this sandbox."""

    name: str
    size: int
    media_type: str
    changed: bool = True


@dataclass(frozen=True, slots=True)
class ArtifactSkipped:
    """Something below /workspace/outputs that is not offered, and why. `name` is printable, never a path to use."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ArtifactList:
    items: tuple[ArtifactInfo, ...]
    skipped: tuple[ArtifactSkipped, ...]

    def __iter__(self) -> Iterator[ArtifactInfo]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Ending:
    """`existed` is false when there was nothing left to end; `cause` is the fate it had already, if any."""

    existed: bool
    cause: Fate | None = None


@dataclass(frozen=True, slots=True)
class SandboxStatus:
    handle: Handle
    run_id: UUID | None
    state: str
    claimed_at: float | None
    expires_at: float | None


@dataclass(frozen=True, slots=True)
class BackendHealth:
    ok: bool
    warm: int
    starting: int
    claimed: int
    max: int
    enforced: tuple[str, ...]
    not_enforced: tuple[str, ...]
    versions: Mapping[str, str]
    detail: str = ""


class Session(Protocol):
    """The channel to one sandbox. One operation at a time, but `interrupt` may come from any thread."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def put_file(self, name: str, chunks: Iterable[bytes], size: int) -> None:
        """Write /workspace/<name>. Raises RequestRefused (bad name, size that differs, full disk) or SandboxLost."""
        ...

    def execute(self, request: ExecuteRequest) -> Iterator[Event]:
        """Run one cell. Yields outputs as they come and a Done last, or raises SandboxLost, RequestRefused or Fenced.

        A caller that stops iterating before Done loses the sandbox.
        """
        ...

    def interrupt(self) -> None:
        """Ask the running cell to stop. Does nothing when none runs."""
        ...

    def artifacts(self) -> ArtifactList: ...

    def read_artifact(self, name: str) -> Iterator[bytes]:
        """The bytes of one listed artifact. Raises RequestRefused when it is gone, changed, too large or not a file."""
        ...

    def close(self) -> None:
        """Let go of the channel; the sandbox lives on."""
        ...


class Backend(Protocol):
    def claim(self, spec: SandboxSpec, *, timeout: float) -> Claim:
        """One probed sandbox for one Run. Raises PoolFull, ContainmentFailed, ImageUnknown or BackendUnavailable."""
        ...

    def open(self, handle: Handle, *, epoch: int) -> Session:
        """Raises SandboxLost, SessionBusy, or Fenced when a higher epoch was seen."""
        ...

    def destroy(self, handle: Handle) -> Ending:
        """End it and all that it is made of; when this returns nothing of it is left. Idempotent."""
        ...

    def fate(self, handle: Handle) -> Fate: ...

    def usage(self, handle: Handle) -> Usage:
        """What the sandbox uses now. Cheap, asks nothing of the sandbox, and does not keep it from being idle.

        Raises SandboxLost, or BackendUnavailable after a few seconds.
        """
        ...

    def sandboxes(self) -> list[SandboxStatus]: ...

    def health(self) -> BackendHealth:
        """Never raises: a backend that does not answer is not `ok`, and `detail` says why."""
        ...
