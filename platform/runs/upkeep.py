"""What has to be done now and then, and nobody waits for."""

import structlog
from django.utils import timezone

from config.celery import app
from runs import actions

_MOST = 200
_log = structlog.get_logger(__name__)


@app.task(name="runs.upkeep.expire_uploads")
def expire_uploads() -> None:
    """Remove what was uploaded in part and not finished in time."""
    done = actions.expire_uploads(timezone.now(), _MOST)
    if done:
        _log.info("uploads_expired", count=done)
