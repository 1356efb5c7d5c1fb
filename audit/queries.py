"""Reads of the log, through the role that can only read it."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from audit.models import Entry

READER = "reader"


def entries(tenants: Iterable[UUID]) -> QuerySet[Entry]:
    """The entries of these tenants, newest first. An entry without a tenant belongs to nobody's project."""
    return Entry.objects.using(READER).filter(tenant__in=list(tenants)).order_by("-n")


def first_of_platform(subject: str) -> UUID | None:
    """The first entry about a subject that is no project's."""
    found = Entry.objects.using(READER).filter(tenant=None, subject=subject).order_by("n")
    return found.values_list("id", flat=True).first()


def about(found: QuerySet[Entry], subject: str) -> QuerySet[Entry]:
    """Of these, the entries about one subject."""
    return found.filter(subject=subject)
