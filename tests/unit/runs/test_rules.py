"""Who may do what to a run."""

import uuid

import pytest

from config.errors import Invalid
from config.verdicts import Allowed, Denied
from identity.callers import Caller
from identity.states import Role, TokenKind
from policy.queries import Limit
from runs import rules
from runs.models import Run
from runs.states import FINISHED, RunState

PROJECT, OTHER = uuid.uuid4(), uuid.uuid4()
ME, SHE = uuid.uuid4(), uuid.uuid4()


def caller(*roles, user=ME, kind=TokenKind.PERSON, project=PROJECT):
    return Caller(user_id=user, username="x", kind=kind, roles={project: frozenset(roles)})


def run(state=RunState.READY, owner=ME, **fields):
    return Run(project_id=PROJECT, owner_id=owner, state=state, limits={"open_executions": 2}, **fields)


def code(verdict):
    return verdict.code if isinstance(verdict, Denied) else "allowed"


def test_only_analysts_of_the_project_ask_for_runs():
    assert {role: code(rules.may_request(PROJECT, caller(role))) for role in Role} == {
        Role.ANALYST: "allowed",
        Role.REVIEWER: "not_an_analyst",
        Role.POLICY_ADMIN: "not_an_analyst",
        Role.AUDITOR: "not_an_analyst",
        Role.PLATFORM_ADMIN: "not_an_analyst",
    }
    assert code(rules.may_request(PROJECT, caller(Role.ANALYST, project=OTHER))) == "not_an_analyst"


def test_code_is_added_by_the_owner_to_a_live_run():
    free, full = rules.Load(1), rules.Load(2)
    assert code(rules.may_execute(run(), caller(Role.ANALYST), free)) == "allowed"
    assert code(rules.may_execute(run(), caller(Role.ANALYST), full)) == "too_many_open_executions"
    assert code(rules.may_execute(run(owner=SHE), caller(Role.ANALYST, Role.PLATFORM_ADMIN), free)) == "not_yours"
    assert code(rules.may_execute(run(one_shot=True), caller(Role.ANALYST), free)) == "one_shot"
    for state in FINISHED:
        assert code(rules.may_execute(run(state), caller(Role.ANALYST), free)) == "already_finished"


def test_who_may_cancel():
    owner, admin = caller(Role.ANALYST), caller(Role.PLATFORM_ADMIN, user=SHE)
    model = caller(Role.PLATFORM_ADMIN, user=SHE, kind=TokenKind.MODEL)
    assert code(rules.may_cancel(run(), owner)) == "allowed"
    assert code(rules.may_cancel(run(), admin)) == "allowed"
    assert code(rules.may_cancel(run(), caller(Role.ANALYST, user=SHE))) == "not_yours"
    assert code(rules.may_cancel(run(), caller(Role.PLATFORM_ADMIN, user=SHE, project=OTHER))) == "not_yours"
    assert code(rules.may_cancel(run(), model)) == "not_yours"
    assert {code(rules.may_cancel(run(state), owner)) for state in FINISHED} == {"already_finished"}


def test_only_what_executes_is_interrupted_and_only_what_is_idle_is_closed():
    owner = caller(Role.ANALYST)
    assert {s for s in RunState if isinstance(rules.may_interrupt(run(s), owner), Allowed)} == {RunState.EXECUTING}
    assert {s for s in RunState if isinstance(rules.may_close(run(s), owner), Allowed)} == {RunState.READY}
    assert code(rules.may_interrupt(run(RunState.EXECUTING, owner=SHE), owner)) == "not_yours"
    assert code(rules.may_close(run(owner=SHE), owner)) == "not_yours"


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("sales 2026 (final).csv", "allowed"),
        ("Zürich-数据.parquet", "allowed"),
        ("a" * 255, "allowed"),
        ("", "file_name_empty"),
        (".", "file_name_empty"),
        ("..", "file_name_empty"),
        ("../x", "file_name_forbidden"),
        ("a/b.csv", "file_name_forbidden"),
        ("a\\b.csv", "file_name_forbidden"),
        ("a\x00.csv", "file_name_forbidden"),
        ("a\nb.csv", "file_name_forbidden"),
        ("a" * 300, "file_name_too_long"),
        ("é" * 128, "file_name_too_long"),
        ("\ud800.csv", "file_name_too_long"),
    ],
)
def test_file_names(name, verdict):
    assert code(rules.may_name_file(name)) == verdict


def test_limits_take_the_default_where_nothing_is_asked():
    known = {"memory_bytes": Limit(100.0, 200.0, 150.0, 0.0), "cpu_cores": Limit(1.0, 2.0, 1.0, 0.0)}
    resolved = rules.resolved_limits({"memory_bytes": 150.0}, known)
    assert resolved == {"memory_bytes": 150, "cpu_cores": 1.0}
    assert isinstance(resolved["memory_bytes"], int)


def test_exact_pins_alone():
    assert rules.parsed_pin(" Humanize == 4.9.0 ") == ("humanize", "4.9.0")
    assert rules.parsed_pin("python_slugify==8.0.4") == ("python-slugify", "8.0.4")
    for bad in ("humanize", "humanize>=4", "humanize==4.*", "humanize==4.9; x", "./x", "x @ file:///etc", "-r==1"):
        with pytest.raises(Invalid) as refused:
            rules.parsed_pin(bad)
        assert refused.value.code == "package_not_pinned"
