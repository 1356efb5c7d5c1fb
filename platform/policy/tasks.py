"""Looking at the policy engine, whether or not anybody asks it."""

from celery import shared_task

from policy import actions, queries


@shared_task(name="policy.tasks.note_policy")
def note_policy() -> None:
    """Record the revision that the engine decides by, once for each change."""
    if revision := queries.active():
        actions.note_active(revision)
