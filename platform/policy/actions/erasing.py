"""Destroying what decisions were asked on."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from policy.models import Decision


def erase_inputs(person: str) -> int:
    """Destroy the inputs of the decisions on what a person asked, in the caller's own transaction; how many.

    The decisions stay, and so do the log's commitments to their inputs, which nothing opens any more.
    """
    found = Decision.objects.filter(input__person__pseudonym=person)
    return found.update(input={}, salt=b"")


def dispose_inputs(project_id: UUID, before: datetime, exempt: Collection[str], most: int) -> int:
    """The same for decisions of a project from before then, but for those on held people; at most so many."""
    old = Decision.objects.filter(project_id=project_id, created_at__lt=before).exclude(input={})
    ids = old.exclude(input__person__pseudonym__in=list(exempt)).values_list("pk", flat=True)[:most]
    return Decision.objects.filter(pk__in=list(ids)).update(input={}, salt=b"")
