"""Taking a bundle away: on record before its first byte leaves, and once, in however many pieces it is taken."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

import audit
from audit import Event
from config.errors import concerning
from config.verdicts import require
from evidence import queries, rules
from evidence.models import Download, Export
from identity.callers import Caller

# How long a download that broke off may go on as the same one.
GOES_ON = timedelta(hours=24)


@audit.refusals
@transaction.atomic
def take_away(export_id: UUID, start: int, *, by: Caller) -> Export:
    """Record that the bundle, from that byte on, leaves with this person. Raises NotFound, Conflict `export_not_ready`.

    A later piece of what the same person began lately is no download of its own.
    """
    export = queries.export(by, export_id, lock=True)
    with concerning(export.project_id, f"export:{export.pk}"):
        require(rules.may_take_away(export.state, erased=export.erased))
    begun = Download.objects.filter(export=export, person_id=by.user_id, begun_at__gt=timezone.now() - GOES_ON)
    if start == 0 or not begun.exists():
        Download.objects.create(export=export, person_id=by.user_id)
        audit.append(
            Event.AUDIT_EXPORT_DOWNLOADED,
            tenant=export.project_id,
            actor=by.pseudonym,
            subject=f"export:{export.pk}",
        )
    return export
