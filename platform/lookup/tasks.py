"""The worker's door: keep the projection up with the log."""

from celery import shared_task

from lookup import actions

# Beat sends the next before long; what is left then is taken on.
MOST = 20_000


@shared_task(name="lookup.tasks.keep_up")
def keep_up() -> None:
    """Lay out what the log's trees took in."""
    actions.keep_up(MOST)
