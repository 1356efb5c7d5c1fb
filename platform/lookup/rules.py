"""Who may find what."""

from collections.abc import Collection
from uuid import UUID

from config.verdicts import Allowed, Denied
from identity.callers import Caller
from identity.states import LOG_READERS, Role


def may_recall(by: Caller, projects: Collection[UUID]) -> Allowed | Denied:
    """Auditors and platform admins of every project that is searched, by a token or session of their own."""
    if projects and by.projects_as(*LOG_READERS).issuperset(projects):
        return Allowed()
    return Denied(
        "not_an_auditor",
        "Only auditors and platform admins of a project ask what its runs used.",
        "Ask an auditor of the project.",
    )


def opens_all(by: Caller, project: UUID) -> bool:
    """Whether the caller reads everybody's sealed fields in the project's log: its auditors, who may export them too.

    Everybody else reads what is about themselves.
    """
    return Role.AUDITOR in by.roles_in(project)
