"""Who may erase, who may hold, and what is past its period. Pure."""

import calendar
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from config.verdicts import Allowed, Denied
from identity.callers import Caller
from identity.states import Role

type Verdict = Allowed | Denied

# Names shorter than this stand in too many words.
_SHORTEST_NAME = 3
READERS = (Role.AUDITOR, Role.PLATFORM_ADMIN)


def may_ask_for_erasures(by: Caller) -> Verdict:
    """Platform admins, by a token or session of their own; asked before anybody is looked for."""
    if by.projects_as(Role.PLATFORM_ADMIN):
        return Allowed()
    return Denied("not_a_platform_admin", "Only platform admins erase people.", "Ask a platform admin of the project.")


def may_erase(person: UUID, touched: Collection[UUID], lifters: Collection[UUID], by: Caller) -> Verdict:
    """A platform admin of every project that has anything of the person (`touched`): the key that goes is one for all.

    Never oneself, and never whoever lifted a hold that stood in the way (`lifters`): evidence takes two to destroy.
    """
    if by.user_id == person:
        return Denied("not_oneself", "Nobody erases themselves.", "Ask another platform admin.")
    if not set(touched) <= by.projects_as(Role.PLATFORM_ADMIN):
        return Denied(
            "not_platform_admin_everywhere",
            "Other projects, too, have something of this person, and you are not platform admin of all of them.",
            "Ask somebody who is, or the operator, who has `manage.py erase_person`.",
        )
    if by.user_id in lifters:
        return Denied(
            "lifted_the_hold", "You lifted a hold on what this would destroy.", "Ask another platform admin to erase."
        )
    return Allowed()


def may_hold(project: UUID, by: Caller) -> Verdict:
    """The project's auditors place holds and lift them: not those who erase."""
    if Role.AUDITOR in by.roles_in(project):
        return Allowed()
    return Denied("not_an_auditor", "Only auditors place and lift holds.", "Ask an auditor of the project.")


def may_lift(project: UUID, person: UUID | None, lifted: bool, by: Caller) -> Verdict:
    """An auditor, but not the person whose own contents are held; once."""
    if person is not None and by.user_id == person:
        return Denied("not_oneself", "Nobody lifts a hold on themselves.", "Ask another auditor of the project.")
    if lifted:
        return Denied("already_lifted", "The hold was lifted before.", conflict=True)
    return may_hold(project, by)


def may_see_retention(by: Caller) -> Verdict:
    """Auditors and platform admins of any project."""
    if by.projects_as(*READERS):
        return Allowed()
    return Denied(
        "not_an_auditor", "Only auditors and platform admins see how long things are kept.", "Ask one of the project."
    )


def names_nobody(reason: str, names: Collection[str]) -> Verdict:
    """A reason outlives the person's erasure, so it must not say who they were."""
    told = reason.casefold()
    if any(len(name) >= _SHORTEST_NAME and name.casefold() in told for name in names):
        return Denied(
            "reason_names_the_person",
            "reason: names the person, and would be kept when they are erased.",
            "Give the number of the case.",
        )
    return Allowed()


def months_before(moment: datetime, months: int) -> datetime:
    """So many calendar months earlier; on the month's last day where that one is shorter."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
