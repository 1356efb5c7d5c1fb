"""`python -m config.alive worker|beat`: whether the one of this pod showed itself lately, for a liveness probe."""

import socket
import sys

import redis

from config.environment import settings
from config.heartbeats import BEAT, WORKER


def alive(prefix: str, host: str) -> bool:
    """Whether such a process on that host shows signs of life; true while Redis is away: an end would mend nothing."""
    url = settings().redis_url.get_secret_value()
    try:
        with redis.Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as client:
            return any(True for _ in client.scan_iter(f"{prefix}{host}:*", count=1000))
    except redis.RedisError:
        return True


if __name__ == "__main__":
    sys.exit(not alive({"worker": WORKER, "beat": BEAT}[sys.argv[1]], socket.gethostname()))
