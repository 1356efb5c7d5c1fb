"""What limits are called, and what an analyst is told when a run meets one: what it was, how to get more."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a limit counts."""

    CORES = "cores"
    BYTES = "bytes"
    SECONDS = "seconds"
    COUNT = "count"


# In the order in which people think of them.
DESCRIBED = {
    "cpu_cores": (Unit.CORES, "Processor cores"),
    "memory_bytes": (Unit.BYTES, "Memory"),
    "disk_bytes": (Unit.BYTES, "Disk, input files included"),
    "wall_seconds": (Unit.SECONDS, "Time of one execution"),
    "idle_seconds": (Unit.SECONDS, "Time without anything to do"),
    "life_seconds": (Unit.SECONDS, "Life of the run"),
    "processes": (Unit.COUNT, "Processes"),
    "open_executions": (Unit.COUNT, "Executions that wait or run"),
    "output_bytes": (Unit.BYTES, "Text that one execution shows"),
    "output_artifact_bytes": (Unit.BYTES, "Text of one execution kept as a file"),
    "artifact_count": (Unit.COUNT, "Files that one execution leaves"),
    "artifact_bytes": (Unit.BYTES, "Size of a file that an execution leaves"),
}


@dataclass(frozen=True)
class Ending:
    """Why something ended: a stable code, a sentence, and the way on."""

    code: str
    message: str
    remedy: str = ""


def _size(value: float) -> str:
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if value >= factor:
            return f"{value / factor:g} {unit}"
    return f"{value:g} bytes"


def _more(name: str, example: str) -> str:
    return f'Ask for more with "limits": {{"{name}": {example}}}, up to the ceiling that policy sets.'


def timed_out(limits: Mapping[str, float]) -> Ending:
    """The execution's wall time is used up."""
    seconds = limits["wall_seconds"]
    return Ending(
        "wall_time_exceeded",
        f"wall_seconds: the execution was stopped at its limit of {seconds:g} s.",
        _more("wall_seconds", f"{seconds * 2:g}"),
    )


def timed_out_by_force(limits: Mapping[str, float]) -> Ending:
    """The execution would not be interrupted, so its sandbox was ended."""
    ending = timed_out(limits)
    return Ending(
        ending.code, ending.message + " It ignored the interrupt, so its sandbox was ended too.", ending.remedy
    )


def out_of_memory(limits: Mapping[str, float]) -> Ending:
    """The sandbox went past its memory."""
    most = limits["memory_bytes"]
    return Ending(
        "memory_exceeded",
        f"memory_bytes: the sandbox needed more than its limit of {_size(most)} and was ended.",
        _more("memory_bytes", f"{int(most) * 2}") + " Reading in chunks or with DuckDB needs less.",
    )


def life_over(limits: Mapping[str, float]) -> Ending:
    """The run's whole life is used up."""
    seconds = limits["life_seconds"]
    return Ending(
        "life_exceeded",
        f"life_seconds: the run reached its limit of {seconds:g} s of life.",
        _more("life_seconds", f"{seconds * 2:g}"),
    )


def idle_too_long(limits: Mapping[str, float]) -> Ending:
    """Nobody used the run for too long."""
    seconds = limits["idle_seconds"]
    return Ending(
        "idle_exceeded",
        f"idle_seconds: the run was idle for its limit of {seconds:g} s.",
        _more("idle_seconds", f"{seconds * 2:g}") + " Its notebook can still be downloaded.",
    )


LOST = Ending(
    "sandbox_lost",
    "The sandbox ended before its work did; nothing it did after the last finished execution counts.",
    "Ask for a new run with the same code.",
)
CONTAINMENT_FAILED = Ending(
    "containment_failed",
    "The sandbox was not sealed: a probe got through before any of your code ran, so the run was ended.",
    "Tell a platform admin; the audit entry names what was reached.",
)
NOT_READY = Ending(
    "start_failed", "No sandbox could be made ready for the run.", "Ask again, or tell a platform admin."
)
CANCELLED = Ending("cancelled", "The run was cancelled.")
CLOSED = Ending("closed", "The run was closed.")
NOT_STARTED = Ending("not_started", "The run ended before this execution began.", "Ask for a new run.")
QUEUED_TOO_LONG = Ending(
    "queued_too_long", "No sandbox became free in time.", "Ask again later, or ask an administrator for a larger pool."
)
NOT_APPROVED = Ending("not_approved", "Nobody approved the request in time.", "Ask again.")
