"""The queue's transport: kombu's own for Redis, with one client a channel where kombu makes one for each command."""

from typing import Any

from kombu import transport
from kombu.transport import redis


class Channel(redis.Channel):
    """A channel that keeps the client of its connection pool: making one takes as long as several commands."""

    _kept: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return super()._create_client(asynchronous=True)  # type: ignore[misc]
        kept = self._kept
        # A pool that was thrown away took its connections along.
        if kept is None or kept.connection_pool is not self.pool:
            kept = self._kept = super()._create_client()  # type: ignore[misc]
        return kept


class Transport(redis.Transport):
    """Redis through such channels."""

    Channel = Channel


def register() -> None:
    """Let every Redis URL lead to this transport."""
    ours = f"{Transport.__module__}:{Transport.__qualname__}"
    transport.TRANSPORT_ALIASES.update(redis=ours, rediss=ours)
