"""Memory of a part that did not answer, so that whoever can do without it does not wait for it again at once."""

import time


class Absence:
    """One part's. Thread-safe: threads that find out at the same time each waited once."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = 0.0

    @property
    def lasts(self) -> bool:
        """Whether the part was missed so recently that it is not worth another try."""
        return time.monotonic() < self._until

    def note(self) -> None:
        """The part did not answer just now."""
        self._until = time.monotonic() + self._seconds
