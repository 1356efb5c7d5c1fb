"""The end of bundles: they hold what was opened for them, and so do the parts of one that is being made."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

import audit
from audit import Event
from evidence.actions.making import forget_files
from evidence.models import Export
from evidence.states import UNFINISHED, ExportState
from runs.actions import Destroyed, destroy
from runs.models import Blob


def destroy_bundles(project_ids: Iterable[UUID], before: datetime | None = None) -> Destroyed:
    """Destroy the bundles of these projects that were made before then (or now: all), in the caller's own transaction.

    One that is being made is begun anew, without what its worker has made.
    """
    chosen = Export.objects.filter(project_id__in=list(project_ids))
    if before is None:
        for export in chosen.filter(state__in=UNFINISHED).select_for_update():
            export.state, export.touched_at = ExportState.QUEUED, timezone.now()
            export.save(update_fields=["state", "touched_at"])
            forget_files(export)
    ready = chosen.filter(state=ExportState.READY, blob__wrapped_key__isnull=False)
    old = ready if before is None else ready.filter(finished_at__lt=before)
    exports = list(old)
    done = destroy(Blob.objects.filter(pk__in=[export.blob_id for export in exports]))
    for export in exports:
        audit.append(
            Event.AUDIT_EXPORT_ERASED, tenant=export.project_id, actor=None, subject=f"export:{export.pk}", facts={}
        )
    return done
