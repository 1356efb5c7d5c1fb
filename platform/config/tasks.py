"""Looking at the platform's own parts, whether or not anybody asks."""

from celery import shared_task

from config import health


@shared_task(name="config.tasks.look_at_parts")
def look_at_parts() -> None:
    """Note which part is well, so that a change has its moment."""
    health.report()
