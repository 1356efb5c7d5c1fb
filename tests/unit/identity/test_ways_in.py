"""How long sessions last, and what a failed try uses up: never what its victim needs."""

from datetime import UTC, datetime, timedelta

import pytest

from config.verdicts import Allowed, Denied
from identity import rules
from identity.rules import Budget, Limits

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
LIMITS = Limits(idle=timedelta(minutes=60), longest=timedelta(hours=12))


def lives(age: timedelta, idle: timedelta) -> str:
    verdict = rules.session_lives(NOW - age, NOW - idle, LIMITS, now=NOW)
    return "" if isinstance(verdict, Allowed) else verdict.message


@pytest.mark.parametrize(
    ("age", "idle", "message"),
    [
        (timedelta(0), timedelta(0), ""),
        (timedelta(hours=11, minutes=59), timedelta(minutes=59), ""),
        (timedelta(hours=2), timedelta(minutes=60), "The session was idle for too long."),
        (timedelta(hours=12), timedelta(0), "You signed in too long ago."),
        (timedelta(hours=12), timedelta(hours=12), "You signed in too long ago."),
    ],
)
def test_a_session_ends_for_idleness_and_for_age(age: timedelta, idle: timedelta, message: str) -> None:
    assert lives(age, idle) == message


def test_the_ends_that_are_told_are_those_that_are_held() -> None:
    idle, absolute = rules.session_ends(NOW, NOW + timedelta(hours=1), LIMITS)
    assert (idle, absolute) == (NOW + timedelta(hours=2), NOW + timedelta(hours=12))
    late, _ = rules.session_ends(NOW, NOW + timedelta(hours=11, minutes=30), LIMITS)
    assert late == absolute
    for seen, end in ((NOW + timedelta(hours=1), idle), (NOW + timedelta(hours=11, minutes=30), absolute)):
        assert isinstance(rules.session_lives(NOW, seen, LIMITS, now=end - timedelta(seconds=1)), Allowed)
        assert isinstance(rules.session_lives(NOW, seen, LIMITS, now=end), Denied)


def names(budgets: list[Budget]) -> set[str]:
    return {budget.name for budget in budgets}


def test_what_a_password_uses_up() -> None:
    assert rules.password_budgets("ada", "home", None, tries=5, at_address=50) == [
        Budget("pair:ada:home", 5, 900),
        Budget("address:home", 50, 900),
    ]
    assert rules.password_budgets("ada", "home", "laptop", tries=5, at_address=50) == [
        Budget("device:ada:laptop", 10, 900)
    ]


def test_nobody_uses_up_what_another_needs() -> None:
    """No budget is the account's alone, and a known device shares none with anybody."""
    attacker = names(rules.password_budgets("ada", "elsewhere", None, tries=5, at_address=50))
    at_home = names(rules.password_budgets("ada", "home", None, tries=5, at_address=50))
    on_her_laptop = names(rules.password_budgets("ada", "elsewhere", "laptop", tries=5, at_address=50))
    assert attacker.isdisjoint(at_home)
    assert attacker.isdisjoint(on_her_laptop)


def test_six_digits_cannot_be_guessed_from_everywhere() -> None:
    """All unknown devices share a budget a day; a known one is free of it."""
    spent = rules.code_budgets("ada", "elsewhere", None, tries=5)
    assert spent == [Budget("code-pair:ada:elsewhere", 5, 900), Budget("code-unknown:ada", 100, 86_400)]
    assert rules.code_budgets("ada", "elsewhere", "laptop", tries=5) == [Budget("code-device:ada:laptop", 10, 900)]
