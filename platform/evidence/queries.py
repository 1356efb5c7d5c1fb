"""Reads of exports, already cut down to what the caller may see."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from config.errors import NotFound
from evidence.models import Export
from evidence.states import ExportState
from identity.callers import Caller
from identity.states import Role


def exports_visible_to(by: Caller) -> QuerySet[Export]:
    """The exports of the projects that the caller audits, newest first."""
    found = Export.objects.filter(project_id__in=list(by.projects_as(Role.AUDITOR))).select_related("blob")
    return found.order_by("-created_at", "-id")


def export(by: Caller, export_id: UUID) -> Export:
    """One of them. Raises NotFound."""
    found = exports_visible_to(by).filter(pk=export_id).first()
    if found is None:
        raise NotFound("export")
    return found


def before(export: Export) -> Export | None:
    """The export of the same project that was finished last."""
    ready = Export.objects.filter(project_id=export.project_id, state=ExportState.READY)
    return ready.order_by("-finished_at").first()


def waiting(since: datetime) -> list[UUID]:
    """The queued exports that nobody has touched since then."""
    found = Export.objects.filter(state=ExportState.QUEUED, touched_at__lt=since)
    return list(found.values_list("pk", flat=True))


def abandoned(since: datetime) -> list[UUID]:
    """The exports whose worker has shown no sign since then."""
    found = Export.objects.filter(state=ExportState.MAKING, touched_at__lt=since)
    return list(found.values_list("pk", flat=True))
