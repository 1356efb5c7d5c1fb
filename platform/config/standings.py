"""Since when each part has been well, or unwell: known to this process, and to all of them through Redis.

Whoever looks at the parts notes what it found; a worker looks all the time, so that a change has its moment though
nobody watches. Redis keeps what one process saw for the others and for the next start. It may be away, or have
forgotten: then what this process remembers counts, and a part is as it is since it was first seen so.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import redis
import structlog

from config import heartbeats

KEY = "bailiwick:standings"
# Redis itself is a part: where it is unwell, it is not asked once more.
REDIS = "redis"
log = structlog.get_logger("health")


@dataclass(frozen=True)
class Standing:
    """A part is well or not, since then."""

    ok: bool
    since: datetime

    def written(self) -> str:
        """As Redis keeps it."""
        return f"{int(self.ok)} {self.since.isoformat()}"

    @classmethod
    def read(cls, text: str) -> "Standing | None":
        """What was written; None for anything else."""
        ok, _, since = text.partition(" ")
        try:
            found = datetime.fromisoformat(since)
        except ValueError:
            return None
        return cls(ok == "1", found) if ok in {"0", "1"} and found.tzinfo is not None else None


def concluded(ok: bool, now: datetime, *known: Standing | None) -> Standing:
    """How a part stands that was just found well or not, given what several remember of it.

    Who remembers the same is right, the latest of them most, unless somebody saw the contrary later than that: then it
    has changed and changed back, and nobody saw when.
    """
    same = [each.since for each in known if each is not None and each.ok == ok]
    contrary = [each.since for each in known if each is not None and each.ok != ok]
    if not same or (contrary and max(contrary) > max(same)):
        return Standing(ok, now)
    return Standing(ok, max(same))


class Standings:
    """What this process remembers, brought together with what Redis does. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._own: dict[str, Standing] = {}

    def note(self, found: Mapping[str, bool], now: datetime) -> dict[str, datetime]:
        """Since when each part has been as it was found. Never raises."""
        with self._lock:
            shared = self._shared(found)
            for name, ok in found.items():
                self._own[name] = concluded(ok, now, self._own.get(name), shared.get(name))
            self._share({name: self._own[name] for name in found if self._own[name] != shared.get(name)}, found)
            return {name: self._own[name].since for name in found}

    def _shared(self, found: Mapping[str, bool]) -> dict[str, Standing]:
        if not found.get(REDIS, True):
            return {}
        try:
            kept: Mapping[str, str] = heartbeats.client().hgetall(KEY)  # type: ignore[assignment]
        except redis.RedisError:
            return {}
        read = {name: Standing.read(text) for name, text in kept.items()}
        return {name: standing for name, standing in read.items() if standing is not None}

    def _share(self, changed: Mapping[str, Standing], found: Mapping[str, bool]) -> None:
        if not changed or not found.get(REDIS, True):
            return
        try:
            heartbeats.client().hset(KEY, mapping={name: each.written() for name, each in changed.items()})
        except redis.RedisError as fault:
            log.warning("standing_not_shared", kind=type(fault).__name__)
