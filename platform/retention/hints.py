"""Hints that follow a commit: an erasure is to be finished. The sweep finds it all the same."""

from uuid import UUID

import structlog
from kombu.exceptions import OperationalError
from redis import RedisError

from config.celery import app

_log = structlog.get_logger(__name__)


def finish(erasure_id: UUID) -> None:
    """An erasure waits for a worker. A queue that is away is no error: what was committed stands."""
    try:
        app.send_task("retention.tasks.finish", args=[str(erasure_id)], ignore_result=True, retry=False)
    except (OperationalError, RedisError, OSError) as fault:
        _log.warning("hint_lost", fault=type(fault).__name__)
