"""Who may erase and hold, and how far back a period reaches."""

import uuid
from datetime import UTC, datetime

import pytest

from config.verdicts import Allowed, Denied
from identity.callers import Caller
from identity.states import Role
from retention import rules

A, B = uuid.uuid4(), uuid.uuid4()
SOMEBODY = uuid.uuid4()


def caller(**roles: Role) -> Caller:
    projects = {"a": A, "b": B}
    return Caller(uuid.uuid4(), "admin", roles={projects[name]: frozenset({role}) for name, role in roles.items()})


def code(verdict: Allowed | Denied) -> str:
    return verdict.code if isinstance(verdict, Denied) else ""


ADMIN = caller(a=Role.PLATFORM_ADMIN)


@pytest.mark.parametrize(
    ("by", "person", "touched", "lifters", "said"),
    [
        (ADMIN, SOMEBODY, {A}, (), ""),
        (ADMIN, SOMEBODY, set(), (), ""),
        (ADMIN, ADMIN.user_id, {A}, (), "not_oneself"),
        (ADMIN, SOMEBODY, {A, B}, (), "not_platform_admin_everywhere"),
        (caller(a=Role.PLATFORM_ADMIN, b=Role.AUDITOR), SOMEBODY, {A, B}, (), "not_platform_admin_everywhere"),
        (caller(a=Role.PLATFORM_ADMIN, b=Role.PLATFORM_ADMIN), SOMEBODY, {A, B}, (), ""),
        (ADMIN, SOMEBODY, {A}, {ADMIN.user_id}, "lifted_the_hold"),
        (ADMIN, SOMEBODY, {A}, {SOMEBODY}, ""),
    ],
)
def test_who_may_erase_whom(
    by: Caller, person: uuid.UUID, touched: set[uuid.UUID], lifters: set[uuid.UUID], said: str
) -> None:
    assert code(rules.may_erase(person, touched, lifters, by)) == said


@pytest.mark.parametrize("role", list(Role))
def test_each_role_for_itself(role: Role) -> None:
    by = caller(a=role)
    assert code(rules.may_ask_for_erasures(by)) == ("" if role is Role.PLATFORM_ADMIN else "not_a_platform_admin")
    assert code(rules.may_hold(A, by)) == ("" if role is Role.AUDITOR else "not_an_auditor")
    assert code(rules.may_hold(B, by)) == "not_an_auditor"
    seen = role in (Role.AUDITOR, Role.PLATFORM_ADMIN)
    assert code(rules.may_see_retention(by)) == ("" if seen else "not_an_auditor")


def test_nobody_lifts_a_hold_on_themselves_or_twice() -> None:
    auditor = caller(a=Role.AUDITOR)
    assert code(rules.may_lift(A, auditor.user_id, False, auditor)) == "not_oneself"
    assert code(rules.may_lift(A, SOMEBODY, True, auditor)) == "already_lifted"
    assert code(rules.may_lift(A, None, False, auditor)) == ""
    assert code(rules.may_lift(A, None, False, ADMIN)) == "not_an_auditor"


@pytest.mark.parametrize(
    ("reason", "said"),
    [("case 17", ""), ("for ADA.L", "reason_names_the_person"), ("Ada Lovelace asks", "reason_names_the_person")],
)
def test_a_reason_names_nobody(reason: str, said: str) -> None:
    assert code(rules.names_nobody(reason, ["ada.l", "Ada Lovelace", "as"])) == said


@pytest.mark.parametrize(
    ("moment", "months", "earlier"),
    [
        ((2026, 11, 30), 6, (2026, 5, 30)),
        ((2026, 8, 31), 6, (2026, 2, 28)),
        ((2028, 8, 31), 6, (2028, 2, 29)),
        ((2026, 1, 15), 1, (2025, 12, 15)),
        ((2026, 12, 1), 12, (2025, 12, 1)),
        ((2026, 3, 1), 27, (2023, 12, 1)),
    ],
)
def test_months_are_those_of_the_calendar(
    moment: tuple[int, int, int], months: int, earlier: tuple[int, int, int]
) -> None:
    assert rules.months_before(datetime(*moment, 12, tzinfo=UTC), months) == datetime(*earlier, 12, tzinfo=UTC)
