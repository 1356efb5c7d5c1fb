"""Who may do what with tokens."""

import uuid
from datetime import timedelta

import pytest

from config.verdicts import Allowed, Denied
from identity import rules
from identity.callers import Caller, pseudonym_of
from identity.states import MODEL_ROLES, Role, TokenKind

ME, OTHER = uuid.uuid4(), uuid.uuid4()
PERSON = Caller(ME, "me")
MODEL = Caller(ME, "me", kind=TokenKind.MODEL, model_name="m")


def code(verdict: Allowed | Denied) -> str:
    return "" if isinstance(verdict, Allowed) else verdict.code


def test_a_model_manages_no_tokens() -> None:
    assert code(rules.may_manage_tokens(PERSON)) == ""
    assert code(rules.may_manage_tokens(MODEL)) == "model_may_not_manage_tokens"
    assert code(rules.may_revoke(ME, MODEL)) == "model_may_not_manage_tokens"


def test_tokens_of_others_are_not_mine_to_end() -> None:
    assert code(rules.may_revoke(ME, PERSON)) == ""
    assert code(rules.may_revoke(OTHER, PERSON)) == "not_yours"


@pytest.mark.parametrize(
    ("life", "fine"),
    [
        (timedelta(seconds=59), False),
        (timedelta(seconds=60), True),
        (timedelta(days=90), True),
        (timedelta(days=90, seconds=1), False),
        (timedelta(seconds=-1), False),
    ],
)
def test_every_token_ends_and_not_in_the_far_future(life: timedelta, fine: bool) -> None:
    assert code(rules.may_live(life, longest=timedelta(days=90))) == ("" if fine else "token_life_out_of_range")


@pytest.mark.parametrize(
    ("kind", "name", "fine"),
    [
        (TokenKind.PERSON, None, True),
        (TokenKind.PERSON, "m", False),
        (TokenKind.MODEL, "m", True),
        (TokenKind.MODEL, "", False),
        (TokenKind.MODEL, None, False),
    ],
)
def test_a_models_token_names_its_model(kind: TokenKind, name: str | None, fine: bool) -> None:
    assert code(rules.may_be_of_kind(kind, name)) == ("" if fine else "token_model_name_mismatch")


def test_a_model_has_an_analysts_role_at_most() -> None:
    assert {Role.ANALYST} == MODEL_ROLES


def test_a_callers_roles_are_those_of_the_project_asked_about() -> None:
    project, elsewhere = uuid.uuid4(), uuid.uuid4()
    caller = Caller(ME, "me", roles={project: frozenset({Role.ANALYST, Role.AUDITOR}), elsewhere: frozenset()})
    assert caller.roles_in(project) == {Role.ANALYST, Role.AUDITOR}
    assert caller.roles_in(uuid.uuid4()) == frozenset()
    assert caller.roles_in(None) == frozenset()
    assert caller.projects == {project}
    assert caller.projects_as(Role.AUDITOR, Role.REVIEWER) == {project}
    assert caller.projects_as(Role.REVIEWER) == frozenset()


def test_a_pseudonym_is_stable_and_tells_nothing() -> None:
    assert pseudonym_of(ME) == PERSON.pseudonym == MODEL.pseudonym
    assert len(pseudonym_of(ME)) == 64
    assert pseudonym_of(ME) != pseudonym_of(OTHER)
    assert ME.hex not in pseudonym_of(ME)


def test_a_closed_account_gets_no_role() -> None:
    assert code(rules.may_be_given_a_role(True)) == ""
    refused = rules.may_be_given_a_role(False)
    assert isinstance(refused, Denied)
    assert (refused.code, refused.conflict, bool(refused.remedy)) == ("account_closed", True, True)
