"""The worker's door: finish erasures, and dispose of what is past its period."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

import redis
import structlog
from celery import shared_task
from django.db import close_old_connections
from django.utils import timezone

import identity.queries
import runs.queries
from gateways import blobs, events
from retention import actions, queries, register
from retention.register import Registered

# Of what is past its period, in one pass; the next one goes on.
_ROUNDS = 40
log = structlog.get_logger("retention")


@shared_task(name="retention.tasks.finish")
def finish(erasure_id: str) -> None:
    """Remove what an erasure left that nobody can open, and record that it is done."""
    erasure = actions.work_left(UUID(erasure_id))
    if erasure is None:
        return
    for name in runs.queries.unopenable_contents_of(erasure.user_id):
        blobs.delete(name)
    try:
        events.forget(runs.queries.runs_of(erasure.user_id))
    except redis.RedisError as fault:
        # They are sealed, and gone after a day.
        log.warning("events_not_forgotten", fault=type(fault).__name__)
    register.keep(Registered(erasure.pk, erasure.person, erasure.reason, erasure.keys))
    actions.finish(erasure.pk)


@shared_task(name="retention.tasks.finish_erasures")
def finish_erasures() -> None:
    """Finish what a dead worker, or a lost hint, left."""
    for erasure_id in queries.unfinished():
        _apart(finish, str(erasure_id))


@shared_task(name="retention.tasks.dispose")
def dispose() -> None:
    """Go over all projects and the data keys, and dispose of what is past its period."""
    now = timezone.now()
    actions.begin_pass(now)
    for project_id in identity.queries.every_project():
        _apart(_rounds, partial(actions.dispose_project, project_id, now))
    _apart(_rounds, partial(actions.dispose_keys, now))
    actions.end_pass(timezone.now())


def _rounds(step: Callable[[], bool]) -> None:
    for _ in range(_ROUNDS):
        if not step():
            return


def _apart[**P](step: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """What goes wrong with one keeps no other from being done."""
    try:
        step(*args, **kwargs)
    except Exception as fault:
        log.exception("retention_fault", step=step.__name__, fault=type(fault).__name__)
        close_old_connections()
