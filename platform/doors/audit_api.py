"""Whose log a caller reads, for the doors of the log. It stands here because the log knows no users."""

from uuid import UUID

from config.errors import Invalid, NotFound, Refused
from identity.callers import Caller
from identity.states import LOG_READERS

READERS = LOG_READERS


def tenants(by: Caller, asked: str | None) -> frozenset[UUID]:
    """The projects whose log the caller may read, cut down to the one asked for."""
    readable = by.projects_as(*READERS)
    if asked is not None:
        try:
            project = UUID(asked)
        except ValueError:
            raise Invalid("invalid_project", "project: must be a project's id.") from None
        if project not in by.projects:
            raise NotFound("project")
        readable &= {project}
    if not readable:
        raise Refused(
            "not_an_auditor",
            "Only auditors and platform admins read the log, with a token of their own.",
            remedy="Ask an auditor of the project.",
        )
    return readable
