"""Who may take evidence away."""

from uuid import UUID

from config.verdicts import Allowed, Denied
from identity.callers import Caller
from identity.states import Role


def may_export(project: UUID, by: Caller) -> Allowed | Denied:
    """The project's auditors, by a token or session of their own."""
    if Role.AUDITOR in by.roles_in(project):
        return Allowed()
    return Denied("not_an_auditor", "Only auditors export a project's log.", "Ask an auditor of the project.")


def may_be_exported(first: int, end: int | None, size: int) -> Allowed | Denied:
    """A part that the log has."""
    if first >= 0 and (end is None or first <= end) and (end or first) <= size:
        return Allowed()
    return Denied(
        "no_such_range",
        f"from, to: the log has {size} signed entries.",
        f"Name entries from 0 to {size}, or leave both out for all of them.",
    )
