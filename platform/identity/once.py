"""Django's cache, of which sign-in uses one thing: that something can be done once. PostgreSQL decides who was first.

A code of an authenticator app, or an ID token, opens nothing a second time, whichever process it comes to and whatever
was restarted in between.
"""

from datetime import timedelta
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

from identity import actions

# A code is taken one step early or late, so it must be remembered for longer than its own 30 seconds.
LEAST = timedelta(minutes=5)


class Once(BaseCache):
    """`add` and nothing else: what is asked of it beyond that raises NotImplementedError."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """True for the first who adds the key, until well after `timeout` seconds."""
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        life = max(LEAST, timedelta(seconds=float(seconds or 0)))
        return actions.use_once(self.make_and_validate_key(key, version=version), life)
