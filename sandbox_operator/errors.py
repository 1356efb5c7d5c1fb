"""Why a backend could not do what it was asked. Each has a stable `code`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox_operator.protocol import ProbeReport


class Fate(StrEnum):
    """What became of a sandbox."""

    ALIVE = "alive"
    OUT_OF_MEMORY = "out_of_memory"  # the memory limit was reached
    TIMED_OUT = "timed_out"  # an execution did not stop at its wall limit
    EXPIRED = "expired"  # its granted life is over
    IDLE = "idle"  # nothing was asked of it for too long
    DESTROYED = "destroyed"  # somebody asked for its end
    KILLED = "killed"  # ended from outside, by nobody of ours
    LOST = "lost"  # its channel broke or lied, or its worker or daemon died
    UNKNOWN = "unknown"  # no such sandbox, or too long ago


class OperatorError(Exception):
    """Base of everything that this package raises on purpose."""

    code = "sandbox_error"
    temporary = False


class PoolFull(OperatorError):
    """No sandbox is to be had now; one may be in `retry_after` seconds."""

    code = "pool_full"
    temporary = True

    def __init__(self, message: str = "every sandbox is in use", retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BackendUnavailable(OperatorError):
    """The backend did not answer, or could not start a sandbox. Says nothing about whether a sandbox exists."""

    code = "backend_unavailable"
    temporary = True


class ImageUnknown(OperatorError):
    """The backend does not hold the image of that name and digest."""

    code = "image_unknown"


class ContainmentFailed(OperatorError):
    """The probe got through. The sandbox is gone already."""

    code = "containment_failed"

    def __init__(self, report: ProbeReport) -> None:
        super().__init__("; ".join(str(hole) for hole in report.holes) or "the probe did not finish")
        self.report = report


class SandboxLost(OperatorError):
    """The sandbox has ended, or its channel cannot be trusted any more. `fate` says which."""

    code = "sandbox_lost"

    def __init__(self, fate: Fate, detail: str = "") -> None:
        super().__init__(f"{fate.value}: {detail}" if detail else fate.value)
        self.fate = fate
        self.detail = detail


class SessionBusy(OperatorError):
    """Another session is in the middle of something in that sandbox."""

    code = "session_busy"
    temporary = True


class Fenced(OperatorError):
    """A session with a higher epoch has taken over."""

    code = "fenced"


class RequestRefused(OperatorError):
    """The sandbox is well, and will not do this: a bad name, a full disk, an artifact that is too large or gone."""

    code = "request_refused"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
