"""The states of an export."""

from enum import StrEnum


class ExportState(StrEnum):
    """queued → making → ready | failed; an export whose worker died is queued again."""

    QUEUED = "queued"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


UNFINISHED = (ExportState.QUEUED, ExportState.MAKING)
