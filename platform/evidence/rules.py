"""Who may take evidence away."""

from datetime import datetime
from uuid import UUID

from config.verdicts import Allowed, Denied
from evidence.states import ExportState
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


def may_be_filtered(since: datetime | None, until: datetime | None) -> Allowed | Denied:
    """A time that has a beginning before its end."""
    if since is None or until is None or since < until:
        return Allowed()
    return Denied("no_such_time", "filter: since must be before until.", "Exchange them, or leave one out.")


def may_take_away(state: str, *, erased: bool) -> Allowed | Denied:
    """A bundle that is whole, and still there."""
    if state != ExportState.READY:
        return Denied("export_not_ready", "The bundle is not made yet.", "Ask for its state first.", conflict=True)
    if erased:
        what = "What the bundle holds was erased since."
        return Denied("export_erased", what, "Ask for a new export.", conflict=True)
    return Allowed()
