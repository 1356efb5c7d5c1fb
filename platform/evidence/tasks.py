"""The worker's door: make bundles, and find those that nobody makes."""

from datetime import timedelta
from uuid import UUID

import structlog
from celery import shared_task
from django.utils import timezone

from audit import tree
from audit.tree import Head
from audit.waiting import NotSigned, until_cosigned, until_signed
from evidence import actions, hints, making, queries
from evidence.errors import Overtaken
from evidence.models import Export

# How long a worker waits for the sequencer before it lets the export wait instead.
SIGNED_WITHIN = 20.0
HINT_AGAIN = timedelta(seconds=15)
# Much longer than a worker is silent while it makes one.
DEAD_AFTER = timedelta(seconds=120)
log = structlog.get_logger("evidence")


@shared_task(name="evidence.tasks.make")
def make(export_id: str) -> None:
    """Make a queued export's bundle."""
    export = actions.claim(UUID(export_id), timezone.now())
    if export is None:
        return
    try:
        making.make(export, _head_of(export))
    except NotSigned:
        actions.give_back(export.pk)
    except Overtaken:
        log.warning("export_overtaken", export=export_id)
    except Exception as fault:
        log.error("export_failed", export=export_id, kind=type(fault).__name__)
        actions.fail(export, getattr(fault, "code", "internal_error"))


def _head_of(export: Export) -> Head:
    """The checkpoint that the bundle is made against, whoever began it. Raises NotSigned.

    No evidence leaves before the request is on record for good, and the witnesses went along.
    """
    if export.log_size is not None and (begun := tree.head_at(export.project_id, export.log_size)):
        return begun
    head = until_signed(export.entry, SIGNED_WITHIN)
    until_cosigned(head, SIGNED_WITHIN)
    actions.begin(export, head, head.size if export.end is None else export.end)
    return head


@shared_task(name="evidence.tasks.sweep_exports")
def sweep_exports() -> None:
    """Queue what a dead worker left, and send lost hints again."""
    for export_id in queries.abandoned(timezone.now() - DEAD_AFTER):
        actions.give_back(export_id)
    for export_id in queries.waiting(timezone.now() - HINT_AGAIN):
        hints.make(export_id)
