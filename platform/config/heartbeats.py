"""Signs of life of the worker and beat: in Redis under keys that end by themselves, and by the age of a file."""

import os
import socket
import time
from functools import cache
from typing import Any

import redis
import structlog
from celery import signals

from config.environment import settings

FRESH_FOR = 10
WORKER = "bailiwick:alive:worker:"
BEAT = "bailiwick:alive:beat:"
log = structlog.get_logger("heartbeats")


@cache
def client() -> "redis.Redis":
    """This process's Redis client for small, quick questions."""
    return redis.Redis.from_url(
        settings().redis_url.get_secret_value(),
        socket_timeout=1,
        socket_connect_timeout=1,
        decode_responses=True,
    )


def connect() -> None:
    """Beat's sign is a message that it sent; a worker's is its consumer's heartbeat, which stops when that hangs."""
    signals.worker_init.connect(_started, weak=False)
    signals.heartbeat_sent.connect(_worker_lives, weak=False)
    signals.beat_init.connect(_started, weak=False)
    signals.beat_init.connect(_watch_beat, weak=False)


def _started(**kwargs: Any) -> None:
    _touch()


def _watch_beat(**kwargs: Any) -> None:
    signals.after_task_publish.connect(_beat_lives, weak=False)


def _worker_lives(**kwargs: Any) -> None:
    _show(WORKER)


def _beat_lives(**kwargs: Any) -> None:
    _show(BEAT)


def _show(prefix: str) -> None:
    try:
        client().set(f"{prefix}{socket.gethostname()}:{os.getpid()}", str(time.time()), ex=FRESH_FOR)
    except redis.RedisError:
        log.warning("heartbeat_not_sent")
    _touch()


def _touch() -> None:
    if file := settings().sign_of_life:
        file.touch()


def ages(prefix: str) -> list[float]:
    """Seconds since each process of the kind last showed itself, freshest first. Raises redis.RedisError."""
    keys = list(client().scan_iter(f"{prefix}*", count=1000))
    values = client().mget(keys) if keys else []
    return sorted(max(0.0, time.time() - float(value)) for value in values if value is not None)
