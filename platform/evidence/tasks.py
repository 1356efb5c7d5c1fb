"""The worker's door: make bundles, and find those that nobody makes."""

import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import IO
from uuid import UUID

import structlog
from celery import shared_task
from django.utils import timezone

from audit import bundle, tree
from audit.bundle import Contents, Earlier
from audit.waiting import NotSigned, until_cosigned, until_signed
from config.environment import settings
from evidence import actions, hints, queries
from evidence.errors import Overtaken
from evidence.models import Export
from gateways import blobs

# How long a worker waits for the sequencer before it lets the export wait instead.
SIGNED_WITHIN = 20.0
HINT_AGAIN = timedelta(seconds=15)
# Much longer than a worker is silent while it makes one.
DEAD_AFTER = timedelta(seconds=120)
SHOW_EVERY = 0.5
_CHUNK = 1 << 20
log = structlog.get_logger("evidence")


@shared_task(name="evidence.tasks.make")
def make(export_id: str) -> None:
    """Make a queued export's bundle."""
    export = actions.claim(UUID(export_id), timezone.now())
    if export is None:
        return
    try:
        # No evidence leaves before the request is on record for good, and the witnesses went along.
        head = until_signed(export.entry, SIGNED_WITHIN)
        until_cosigned(head, SIGNED_WITHIN)
        _make(export, head)
    except NotSigned:
        actions.give_back(export.pk)
    except Overtaken:
        log.warning("export_overtaken", export=export_id)
    except Exception as fault:
        log.error("export_failed", export=export_id, kind=type(fault).__name__)
        actions.fail(export, getattr(fault, "code", "internal_error"))


def _make(export: Export, head: tree.Head) -> None:
    export.end = head.size if export.end is None else export.end
    last = queries.before(export)
    earlier = Earlier(last.log_size, bytes(last.log_root)) if last and last.log_size and last.log_root else None
    contents = Contents(export.pk, head, export.first, export.end, earlier)
    shown = 0.0

    def progress(done: int) -> None:
        nonlocal shown
        if time.monotonic() - shown > SHOW_EVERY:
            actions.show_progress(export, done)
            shown = time.monotonic()

    # Without a name, and gone with this process.
    with tempfile.TemporaryFile(dir=settings().var) as file:
        bundle.write(file, contents, progress)
        file.seek(0)
        sealed = blobs.write(_chunks(file))
    try:
        actions.finish(export, sealed, head)
    except BaseException:
        blobs.delete(sealed.name)
        raise


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


@shared_task(name="evidence.tasks.sweep_exports")
def sweep_exports() -> None:
    """Queue what a dead worker left, and send lost hints again."""
    for export_id in queries.abandoned(timezone.now() - DEAD_AFTER):
        actions.give_back(export_id)
    for export_id in queries.waiting(timezone.now() - HINT_AGAIN):
        hints.make(export_id)
