"""Work of identity that no request waits for."""

from celery import shared_task

from identity import actions


@shared_task(name="identity.tasks.end_overdue_sessions")
def end_overdue_sessions() -> None:
    """End the sessions whose time is up; forget those that ended long ago, and codes that are no use any more."""
    actions.end_overdue()
    actions.forget_ended()
    actions.forget_used()
