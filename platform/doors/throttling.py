"""Rates per person, counted in Redis for all processes together; in this process alone while Redis is away."""

import threading
import time
from functools import cache
from typing import Any

import redis
import structlog
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from config.environment import settings
from config.errors import TooMany
from identity.callers import Caller

log = structlog.get_logger("throttling")
_WINDOW = 60
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

# Count and, at the window's first, let it end: one round trip, and no counter without an end.
_COUNT = """
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {n, redis.call('TTL', KEYS[1])}
"""
_RETURN = """
local n = tonumber(redis.call('GET', KEYS[1]) or '0')
if n > 0 then redis.call('DECR', KEYS[1]) end
"""


class PersonThrottle(BaseThrottle):
    """So many reads and so many writes a minute for each person; their model's token counts as theirs."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """True, or raises TooMany rate_limited."""
        user: object = request.user
        if not isinstance(user, Caller):
            return True
        kind = "reads" if request.method in _SAFE else "writes"
        limit = _limit(kind)
        _check(f"rate:{kind}:{user.user_id}", limit, f"{limit} {kind} a minute for each person")
        return True


def count_failed_sign_in(address: str) -> None:
    """Count a token that is not ours against its address. Raises TooMany when there were too many."""
    limit = _limit("failed_sign_ins")
    _check(f"rate:failed:{address}", limit, f"{limit} failed sign-ins a minute for each address")


def take(key: str, window: int) -> tuple[int, int]:
    """Use one try: how many were used with it in this window of so many seconds, and when the window ends."""
    return _count(key, window)


def give_back(key: str, window: int) -> None:
    """Return a try that was no failure."""
    try:
        _script().registered_client.eval(_RETURN, 1, f"bailiwick:{key}")
    except redis.RedisError:
        _local.give_back(key, window)


def _limit(kind: str) -> int:
    return int(getattr(settings(), f"rate_{kind}_per_minute"))


def _check(key: str, limit: int, what: str) -> None:
    count, wait = _count(key)
    if count > limit:
        raise TooMany(
            "rate_limited",
            f"More than {what}.",
            retry_after=max(1, wait),
            remedy="Wait as Retry-After says; a platform admin can raise the limit.",
        )


def _count(key: str, window: int = _WINDOW) -> tuple[int, int]:
    try:
        count, wait = _script()(keys=[f"bailiwick:{key}"], args=[window])
        return int(count), int(wait)
    except redis.RedisError:
        log.warning("rates_are_counted_locally")
        return _local.count(key, window)


@cache
def _script() -> Any:
    client = redis.Redis.from_url(
        settings().redis_url.get_secret_value(), socket_timeout=0.5, socket_connect_timeout=0.5
    )
    return client.register_script(_COUNT)


class _Local:
    """The same windows in this process's memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By key and length of window: which window, and the count in it.
        self._counts: dict[tuple[str, int], tuple[int, int]] = {}

    def count(self, key: str, seconds: int) -> tuple[int, int]:
        now = int(time.monotonic())
        with self._lock:
            self._counts = {place: kept for place, kept in self._counts.items() if kept[0] == now // place[1]}
            window, n = self._counts.get((key, seconds), (now // seconds, 0))
            self._counts[key, seconds] = (window, n + 1)
            return n + 1, seconds - now % seconds

    def give_back(self, key: str, seconds: int) -> None:
        with self._lock:
            window, n = self._counts.get((key, seconds), (0, 0))
            if n > 0:
                self._counts[key, seconds] = (window, n - 1)


_local = _Local()
