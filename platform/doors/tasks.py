"""Work of the doors that no request waits for."""

from celery import shared_task

from doors import idempotency


@shared_task(name="doors.tasks.forget_old_keys")
def forget_old_keys() -> None:
    """Remove the idempotency keys that no longer promise anything."""
    idempotency.forget_old()
