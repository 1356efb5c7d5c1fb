"""The states of an erasure."""

from enum import StrEnum


class ErasureState(StrEnum):
    """erasing → done. From the first on nothing opens any more; what is left is to remove what nobody can read."""

    ERASING = "erasing"
    DONE = "done"
