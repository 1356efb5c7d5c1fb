"""Tokens and projects: what a bearer may, for how long, and what the log says of it."""

import json
import uuid
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from audit.models import Entry
from config.errors import Conflict, NotFound, Refused, Unauthenticated
from identity import actions, queries
from identity.callers import Caller, pseudonym_of
from identity.models import Membership, Token, User
from identity.states import Role, TokenKind
from tests.configured import configured
from tests.people import Person, give, make_person, make_project, take
from tests.stack import secret_of

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def code(bearer: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        queries.authenticate(bearer)
    return caught.value.code


def token_of(person: Person) -> Token:
    return Token.objects.get(user=person.user)


def last_entry() -> dict[str, Any]:
    header: dict[str, Any] = orjson.loads(bytes(Entry.objects.using("reader").latest("n").header))
    return header


def test_a_token_says_who_holds_it() -> None:
    project = make_project()
    person = make_person((project, Role.ANALYST), (project, Role.AUDITOR))
    caller = queries.authenticate(person.bearer)
    assert caller == Caller(
        user_id=person.user.pk,
        username=person.user.username,
        kind=TokenKind.PERSON,
        model_name=None,
        token_id=caller.token_id,
        roles={project.pk: frozenset({Role.ANALYST, Role.AUDITOR})},
    )


def test_a_models_token_is_never_wider_than_an_analyst() -> None:
    project, audited = make_project(), make_project()
    person = make_person(
        (project, Role.ANALYST), (project, Role.REVIEWER), (audited, Role.AUDITOR), kind=TokenKind.MODEL
    )
    assert person.caller.audience_model
    assert person.caller.model_name == "model-1"
    assert dict(person.caller.roles) == {project.pk: frozenset({Role.ANALYST})}
    assert person.caller.pseudonym == pseudonym_of(person.user.pk)


def test_a_models_token_manages_no_tokens_and_reads_no_log() -> None:
    project = make_project()
    person = make_person((project, Role.ANALYST), (project, Role.AUDITOR), kind=TokenKind.MODEL)
    client = person.client()
    token_id = person.caller.token_id
    answers = [
        client.get("/api/v1/tokens"),
        client.post("/api/v1/tokens", {"expires_in_seconds": 3600}, format="json"),
        client.post(f"/api/v1/tokens/{token_id}/revoke"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (403, "model_may_not_manage_tokens")
    ] * 3
    assert client.get("/api/v1/audit/entries").json()["code"] == "not_an_auditor"
    assert last_entry()["facts"]["code"] == "model_may_not_manage_tokens"
    assert last_entry()["facts"]["model"] == "model-1"


def test_a_role_that_was_taken_away_is_gone_at_once() -> None:
    project = make_project()
    person = make_person((project, Role.ANALYST))
    assert len(person.client().get("/api/v1/projects").json()["results"]) == 1
    take(person.user, project, Role.ANALYST)
    assert person.client().get("/api/v1/projects").json()["results"] == []
    with pytest.raises(NotFound):
        actions.remove_member(project, person.user, Role.ANALYST, by=None)


def test_expired_revoked_unknown_and_inactive_tokens_are_told_apart() -> None:
    person = make_person()
    token = token_of(person)
    assert code(person.bearer[:-1] + ("A" if person.bearer[-1] != "A" else "B")) == "token_unknown"
    assert code(f"bwk_{uuid.uuid4().hex}_{'A' * 43}") == "token_unknown"
    assert code("") == code("bwk_") == code(person.bearer + "x") == "token_unknown"
    now = timezone.now()
    Token.objects.filter(pk=token.pk).update(created_at=now - timedelta(hours=2), expires_at=now)
    assert code(person.bearer) == "token_expired"
    Token.objects.filter(pk=token.pk).update(revoked_at=now)
    assert code(person.bearer) == "token_revoked"
    Token.objects.filter(pk=token.pk).update(revoked_at=None, expires_at=now + timedelta(hours=1))
    User.objects.filter(pk=person.user.pk).update(is_active=False)
    assert code(person.bearer) == "user_inactive"


def test_a_long_answer_asks_again_who_listens() -> None:
    person = make_person()
    assert queries.caller_again(person.caller).token_id == person.caller.token_id
    actions.revoke_token(person.caller.token_id or uuid.uuid4(), by=person.caller)
    with pytest.raises(Unauthenticated):
        queries.caller_again(person.caller)
    without_token = queries.caller_for(person.user)
    assert queries.caller_again(without_token) == without_token
    User.objects.filter(pk=person.user.pk).update(is_active=False)
    with pytest.raises(Unauthenticated):
        queries.caller_again(without_token)


def test_the_database_holds_no_secret() -> None:
    person = make_person()
    secret = secret_of(person.bearer)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM identity_token t")
        rows = [row for (row,) in cursor.fetchall()]
    assert rows
    assert all(secret not in row for row in rows)
    assert all(secret.encode().hex() not in row for row in rows)


def test_a_token_is_issued_listed_used_and_revoked_through_the_door() -> None:
    person = make_person()
    client = person.client()
    made = client.post("/api/v1/tokens", {"expires_in_seconds": 3600, "name": "laptop"}, format="json")
    assert made.status_code == 201
    bearer, token_id = made.json()["token"], made.json()["id"]
    assert last_entry()["event"] == "identity:token:issued"
    assert last_entry()["actor"] == person.caller.pseudonym
    assert secret_of(bearer) not in json.dumps(last_entry())
    listed = client.get("/api/v1/tokens").json()["results"]
    assert [token["id"] for token in listed] == [token_id, str(person.caller.token_id)]
    assert all("token" not in token and "digest" not in token for token in listed)
    assert APIClient(headers={"Authorization": f"Bearer {bearer}"}).get("/api/v1/projects").status_code == 200
    revoked = client.post(f"/api/v1/tokens/{token_id}/revoke")
    assert revoked.status_code == 200
    assert client.post(f"/api/v1/tokens/{token_id}/revoke").json()["revoked_at"] == revoked.json()["revoked_at"]
    assert code(bearer) == "token_revoked"


def test_tokens_of_others_are_not_there() -> None:
    one, other = make_person(), make_person()
    answer = one.client().post(f"/api/v1/tokens/{other.caller.token_id}/revoke")
    absent = one.client().post(f"/api/v1/tokens/{uuid.uuid4()}/revoke")
    assert (answer.status_code, answer.json()["detail"]) == (404, absent.json()["detail"])
    queries.authenticate(other.bearer)
    with pytest.raises(Refused, match="somebody else"):
        actions.issue_token(other.user, TokenKind.PERSON, timedelta(hours=1), by=one.caller)


def test_no_token_lives_longer_than_is_set() -> None:
    client = make_person().client()
    with configured(token_max_days="2"):
        body = {"expires_in_seconds": 2 * 86_400 + 1}
        answer = client.post("/api/v1/tokens", body, format="json")
        assert (answer.status_code, answer.json()["code"]) == (403, "token_life_out_of_range")
        body = {"expires_in_seconds": 2 * 86_400}
        assert client.post("/api/v1/tokens", body, format="json").status_code == 201


def test_projects_are_those_of_the_caller() -> None:
    mine, others = make_project("mine"), make_project("others")
    person = make_person((mine, Role.ANALYST), (mine, Role.REVIEWER))
    make_person((others, Role.ANALYST))
    answer = person.client().get("/api/v1/projects").json()
    assert answer["results"] == [
        {
            "id": str(mine.pk),
            "slug": mine.slug,
            "name": mine.name,
            "classification": "internal",
            "roles": ["analyst", "reviewer"],
        }
    ]
    assert queries.project(person.caller, mine.pk) == mine
    with pytest.raises(NotFound):
        queries.project(person.caller, others.pk)
    with pytest.raises(NotFound):
        queries.project(person.caller, uuid.uuid4())


def test_names_are_taken_once() -> None:
    project, person = make_project(), make_person()
    with pytest.raises(Conflict, match="username"):
        actions.create_user(person.user.username, by=None)
    with pytest.raises(Conflict, match="slug"):
        actions.create_project(project.slug, "Again", by=None)
    first = give(person.user, project, Role.ANALYST)
    assert actions.add_member(project, person.user, Role.ANALYST, by=None) == first


def test_a_password_is_kept_as_a_slow_hash() -> None:
    user = actions.create_user("with-password", password="correct horse battery", by=None)
    assert user.password.startswith("scrypt$")
    assert User.objects.get(pk=user.pk).check_password("correct horse battery")
    assert not actions.create_user("without-password", by=None).has_usable_password()


def test_the_database_knows_the_roles_and_kinds() -> None:
    project, person = make_project(), make_person()
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(project=project, user=person.user, role="owner")
    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.filter(pk=token_of(person).pk).update(kind="model")


def test_every_token_use_does_not_write() -> None:
    person = make_person()
    first = token_of(person).last_used_at
    assert first is not None
    queries.authenticate(person.bearer)
    assert token_of(person).last_used_at == first
