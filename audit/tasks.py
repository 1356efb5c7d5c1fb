"""The worker's door: look after the logs, whether or not anybody asks."""

import time

from celery import shared_task

from audit import checking

_STARTED = time.monotonic()


@shared_task(name="audit.tasks.check_logs")
def check_logs() -> None:
    """Check the logs that are due: once a day, and once after a start."""
    checking.check_due(time.monotonic() - _STARTED)
