"""How many sandboxes shall be warm: as many as were claimed in the last minute, between a floor and a ceiling."""

from __future__ import annotations

import threading
from collections import defaultdict

from sandbox_operator.kubernetes.environment import Environment

WINDOW_SECONDS = 60.0


def warm_wanted(environment: Environment, claims: int, claimed: int) -> int:
    """`claims` in the last minute; `claimed` sandboxes serve a run now and count towards the maximum."""
    return max(0, min(max(environment.floor, claims), environment.ceiling, environment.maximum - claimed))


class Demand:
    """The claims of the last minute, seen as they happen: a short run's sandbox is gone soon after. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._claims: defaultdict[str, dict[str, float]] = defaultdict(dict)

    def note(self, environment: str, uid: str, claimed_at: float, now: float) -> None:
        """A claimed sandbox was seen. A claimer whose clock is ahead is taken to have claimed it just now."""
        with self._lock:
            self._claims[environment].setdefault(uid, min(claimed_at, now))

    def claims(self, environment: str, now: float) -> int:
        """How many there were in the last minute."""
        with self._lock:
            recent = {uid: when for uid, when in self._claims[environment].items() if now - when < WINDOW_SECONDS}
            self._claims[environment] = recent
            return len(recent)
