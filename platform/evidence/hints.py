"""Hints that follow a commit: an export is to be made. The sweep sends a lost one again."""

from uuid import UUID

import structlog
from kombu.exceptions import OperationalError
from redis import RedisError

from config.celery import app

_log = structlog.get_logger(__name__)


def make(export_id: UUID) -> None:
    """An export waits for a worker. A queue that is away is no error: what was committed stands."""
    try:
        app.send_task("evidence.tasks.make", args=[str(export_id)], ignore_result=True, retry=False)
    except (OperationalError, RedisError, OSError) as fault:
        _log.warning("hint_lost", fault=type(fault).__name__)
