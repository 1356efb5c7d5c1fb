"""Reads of exports, already cut down to what the caller may see."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet, Sum

from config.errors import NotFound
from evidence.models import Export, KeptPolicy, Withheld
from evidence.states import ExportState
from identity.callers import Caller
from identity.states import Role
from runs.models import Blob


def exports_visible_to(by: Caller) -> QuerySet[Export]:
    """The exports of the projects that the caller audits, newest first."""
    found = Export.objects.filter(project_id__in=list(by.projects_as(Role.AUDITOR))).select_related("blob")
    return found.order_by("-created_at", "-id")


def export(by: Caller, export_id: UUID, *, lock: bool = False) -> Export:
    """One of them. Raises NotFound. With `lock`, the row is held until the transaction ends."""
    visible = exports_visible_to(by)
    found = (visible.select_for_update(of=("self",)) if lock else visible).filter(pk=export_id).first()
    if found is None:
        raise NotFound("export")
    return found


def before(export: Export) -> Export | None:
    """The export of the same project that was finished last."""
    ready = Export.objects.filter(project_id=export.project_id, state=ExportState.READY)
    return ready.order_by("-finished_at").first()


class Part(NamedTuple):
    """A file of a bundle that is being made: what the archive must know of it, and how its content opens."""

    name: str
    crc: int
    size: int
    sha256: bytes
    place: str
    wrapped_key: bytes | None


_PART = ("name", "crc", "blob__size", "blob__sha256", "blob__name", "blob__wrapped_key")


def parts_of(export: Export) -> list[Part]:
    """What is made of the bundle, in its order."""
    return list(map(Part._make, export.files.order_by("pk").values_list(*_PART)))


def own_blobs(export: Export) -> dict[UUID, str]:
    """The contents that were made for the bundle alone: where each lies."""
    return dict(export.files.filter(own=True).values_list("blob_id", "blob__name"))


def names_made(export: Export, names: Iterable[str]) -> set[str]:
    """Those of the names that the bundle has already."""
    return set(export.files.filter(name__in=list(names)).values_list("name", flat=True))


def blobs_made(export: Export) -> int:
    """How many contents the bundle has."""
    return export.files.filter(name__startswith="blobs/").count()


def withheld(export: Export, most: int) -> tuple[list[Withheld], int]:
    """What policy does not let go with the bundle, up to so many; and how many contents that is in all."""
    total = export.withheld.aggregate(total=Sum("contents"))["total"]
    return list(export.withheld.order_by("pk")[:most]), total or 0


def policies(revisions: Iterable[str]) -> dict[str, Blob]:
    """The bundles of these revisions that were kept."""
    found = KeptPolicy.objects.filter(pk__in=list(revisions)).select_related("blob")
    return {each.revision: each.blob for each in found}


def waiting(since: datetime) -> list[UUID]:
    """The queued exports that nobody has touched since then."""
    found = Export.objects.filter(state=ExportState.QUEUED, touched_at__lt=since)
    return list(found.values_list("pk", flat=True))


def abandoned(since: datetime) -> list[UUID]:
    """The exports whose worker has shown no sign since then."""
    found = Export.objects.filter(state=ExportState.MAKING, touched_at__lt=since)
    return list(found.values_list("pk", flat=True))
