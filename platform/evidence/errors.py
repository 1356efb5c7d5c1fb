"""Why an export is not made, or not sent."""

from config.errors import BailiwickError


class Overtaken(Exception):
    """Another worker has taken the export over; this one's work is for nothing."""


class Unsatisfiable(BailiwickError):
    """The part of the bundle that was asked for is not there."""

    status = 416

    def __init__(self, size: int) -> None:
        super().__init__(
            "range_not_satisfiable",
            f"Range: the bundle has {size} bytes.",
            remedy="Ask for a part of it, or without Range for the whole.",
        )
        self.size = size
