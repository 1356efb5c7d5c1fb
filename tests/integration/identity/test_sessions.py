"""A browser's session: who it is, how it ends, and that no page but our own can use it."""

import uuid
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from rest_framework.test import APIClient

from audit.models import Entry
from config.errors import Unauthenticated
from identity import actions, queries
from identity.callers import Caller
from identity.models import Session, User
from identity.sessions import SessionStore
from identity.states import Role, SessionEnd, TokenKind
from tests.browser import TOKEN, begin_session, browser, kept
from tests.configured import configured
from tests.people import give, make_person, make_project, take

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def entries(event: str) -> list[dict[str, Any]]:
    """The headers of the log's entries of one kind, oldest first."""
    found = Entry.objects.using("reader").filter(event=event).order_by("n")
    return [orjson.loads(bytes(entry.header)) for entry in found]


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def look(store: SessionStore) -> Any:
    return browser(store).get("/api/v1/me")


def write(client: APIClient) -> Any:
    return client.post("/api/v1/tokens", {"expires_in_seconds": 60}, format="json")


def test_a_session_is_its_person_with_the_roles_of_this_moment() -> None:
    project = make_project()
    person = make_person((project, Role.ANALYST))
    store = begin_session(person.user)
    caller = queries.caller_in_session(store.session_key or "")
    assert caller == Caller(
        user_id=person.user.pk,
        username=person.user.username,
        kind=TokenKind.PERSON,
        token_id=None,
        session_id=store.id,
        roles={project.pk: frozenset({Role.ANALYST})},
    )
    give(person.user, project, Role.PLATFORM_ADMIN)
    body = look(store).json()
    limits = body.pop("session")
    assert body == {
        "id": str(person.user.pk),
        "username": person.user.username,
        "display_name": "",
        "projects": [{"id": str(project.pk), "name": project.name, "roles": ["analyst", "platform_admin"]}],
        "platform_admin": True,
        "mfa": {"totp": False, "passkeys": 0},
    }
    assert limits["idle_expires_at"] < limits["absolute_expires_at"]
    take(person.user, project, Role.PLATFORM_ADMIN)
    assert look(store).json()["platform_admin"] is False


def test_nobody_is_not_somebody() -> None:
    anonymous = SessionStore()
    anonymous["something"] = 1
    anonymous.save()
    assert refused(APIClient().get("/api/v1/me")) == (401, "token_missing")
    assert refused(look(anonymous)) == (401, "token_missing")
    person = make_person()
    assert person.client().get("/api/v1/me").json()["session"] is None
    model = make_person(kind=TokenKind.MODEL).client()
    for address in ("/api/v1/me", "/api/v1/sessions"):
        assert refused(model.get(address)) == (403, "model_may_not_manage_sign_in")
    assert refused(model.post(f"/api/v1/sessions/{uuid.uuid4()}/end")) == (403, "model_may_not_manage_sign_in")


def test_the_cookie_is_opaque_and_the_database_cannot_use_what_it_holds() -> None:
    """Taken out for a try: the digest (the key stored as it is), and the seal."""
    store = begin_session(make_person().user)
    store["secret"] = "a-secret-of-the-visit"
    store.save()
    key = store.session_key or ""
    assert len(key) == 43
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(s)::text FROM identity_session s")
        rows = "".join(row for (row,) in cursor.fetchall())
    assert str(store.id) in rows
    for private in (key, key.encode().hex(), "a-secret-of-the-visit", b"a-secret-of-the-visit".hex()):
        assert private not in rows
    # A row's content in another's place does not open.
    other = begin_session(make_person().user)
    kept(other).update(data=kept(store).get().data)
    with pytest.raises(Exception, match="session"):
        SessionStore(other.session_key).get("secret")


def test_a_key_that_is_not_ours_is_never_taken_up() -> None:
    """Session fixation. Taken out for a try: load() forgets the key that it did not find."""
    planted = "planted-by-an-attacker-planted-by-an-attacker"
    store = SessionStore(planted)
    assert store.get("anything") is None
    store["anything"] = 1
    store.save()
    assert store.session_key != planted
    assert not SessionStore().exists(planted)


def test_signing_in_changes_the_key() -> None:
    """Session fixation. Taken out for a try: the new key in cycle_key()."""
    before = SessionStore()
    before["visit"] = 1
    before.save()
    planted = before.session_key or ""
    after = SessionStore(planted)
    after.cycle_key()
    after.save()
    assert (after.id, after["visit"]) == (before.id, 1)
    assert after.session_key != planted
    assert SessionStore(planted).get("visit") is None
    assert SessionStore(after.session_key).get("visit") == 1


@pytest.mark.parametrize(
    ("field", "limit"), [("last_seen_at", timedelta(minutes=60)), ("created_at", timedelta(hours=12))]
)
def test_idle_and_old_sessions_are_over(field: str, limit: timedelta) -> None:
    """Each limit alone. Taken out for a try: the idle comparison in session_lives; limits.longest in session_ends."""
    store = begin_session(make_person().user)

    def move(by: timedelta) -> None:
        kept(store).update(**{field: F(field) - by})

    move(limit - timedelta(minutes=2))
    assert look(store).status_code == 200
    # Looking put off the idle end.
    if field == "last_seen_at":
        move(limit - timedelta(minutes=2))
        assert look(store).status_code == 200
        move(limit - timedelta(minutes=2))
    move(timedelta(minutes=2))
    caller = Caller(uuid.uuid4(), "", session_id=store.id)
    assert refused(look(store)) == (401, "session_expired")
    with pytest.raises(Unauthenticated):
        queries.caller_again(caller)
    assert SessionStore(store.session_key).get("_auth_user_id") is None


def test_what_a_page_asks_by_itself_puts_nothing_off() -> None:
    """Taken out for a try: `attended` in queries.caller_in_session."""
    store = begin_session(make_person().user)
    aged = kept(store).get().last_seen_at - timedelta(minutes=40)
    kept(store).update(last_seen_at=aged)
    by_itself = browser(store, **{"X-Unattended": "true"})
    assert by_itself.get("/api/v1/me").status_code == 200
    caller = queries.caller_in_session(store.session_key or "", attended=False)
    assert caller is not None
    queries.caller_again(caller)
    assert kept(store).get().last_seen_at == aged
    assert look(store).status_code == 200
    assert kept(store).get().last_seen_at > aged


def test_the_limits_are_settings() -> None:
    store = begin_session(make_person().user)
    kept(store).update(last_seen_at=F("last_seen_at") - timedelta(minutes=10))
    with configured(session_idle_minutes="5"):
        assert refused(look(store)) == (401, "session_expired")
    with configured(session_idle_minutes="15"):
        assert look(store).status_code == 200
    kept(store).update(created_at=F("created_at") - timedelta(hours=3))
    with configured(session_max_hours="2"):
        assert refused(look(store)) == (401, "session_expired")


def test_sessions_are_listed_and_ended_by_their_person_alone() -> None:
    person = make_person()
    here, there = begin_session(person.user), begin_session(person.user)
    others = begin_session(make_person().user)
    client = browser(here)
    listed = client.get("/api/v1/sessions").json()["results"]
    assert [(one["id"], one["current"]) for one in listed] == [(str(there.id), False), (str(here.id), True)]
    assert set(listed[0]) == {"id", "created_at", "last_seen_at", "address", "user_agent", "current", "ended_at"}
    for unknown in (others.id, uuid.uuid4()):
        assert refused(client.post(f"/api/v1/sessions/{unknown}/end")) == (404, "not_found")
    key = {"Idempotency-Key": str(uuid.uuid4())}
    ended = client.post(f"/api/v1/sessions/{there.id}/end", headers=key)
    assert ended.status_code == 200 and ended.json()["ended_at"]
    again = client.post(f"/api/v1/sessions/{there.id}/end", headers=key)
    assert again.json() == ended.json()
    assert refused(look(there)) == (401, "session_ended")
    assert [one["id"] for one in client.get("/api/v1/sessions").json()["results"]] == [str(here.id)]
    assert look(others).status_code == 200
    assert client.post(f"/api/v1/sessions/{here.id}/end").status_code == 200
    assert refused(look(here)) == (401, "session_ended")
    (last,) = [entry for entry in entries("identity:session:ended") if entry["subject"] == f"session:{there.id}"]
    assert (last["actor"], last["facts"]["how"]) == (person.caller.pseudonym, "ended_by_owner")


def test_an_ended_session_ends_a_long_answer() -> None:
    """Streams ask caller_again every 15 s. Taken out for a try: in queries._caller_present the look at
    ended_at and at the password's mark, either of which would do."""
    store = begin_session(make_person().user)
    caller = queries.caller_in_session(store.session_key or "")
    assert caller is not None
    assert queries.caller_again(caller) == caller
    actions.end_session(store.id or uuid.uuid4(), SessionEnd.SIGNED_OUT)
    with pytest.raises(Unauthenticated) as caught:
        queries.caller_again(caller)
    assert caught.value.code == "session_ended"
    Session.objects.all().delete()
    with pytest.raises(Unauthenticated):
        queries.caller_again(caller)


def test_a_person_who_was_deactivated_is_out_at_once() -> None:
    """Taken out for a try: the look at is_active in queries._caller_present."""
    person = make_person()
    store = begin_session(person.user)
    caller = queries.caller_in_session(store.session_key or "")
    assert caller is not None
    User.objects.filter(pk=person.user.pk).update(is_active=False)
    assert refused(look(store)) == (401, "user_inactive")
    with pytest.raises(Unauthenticated):
        queries.caller_again(caller)


def test_another_password_ends_every_session_whoever_set_it() -> None:
    """Taken out for a try: the comparison of the password's mark in queries._caller_present."""
    person = make_person()
    store = begin_session(person.user)
    user = User.objects.get(pk=person.user.pk)
    user.set_password("set by hand, in the database")
    user.save()
    assert refused(look(store)) == (401, "session_ended")


def test_an_ended_session_cannot_be_written_again() -> None:
    """A request that was under way when its session ended must not bring it back."""
    store = begin_session(make_person().user)
    late = SessionStore(store.session_key)
    late["something"] = 1
    store.flush()
    with pytest.raises(UpdateError):
        late.save()
    row = kept(late).get()
    assert (row.digest, bytes(row.data)) == (None, b"")
    with pytest.raises(IntegrityError), transaction.atomic():
        kept(late).update(data=b"again")


def test_the_sweep_ends_what_is_over_and_forgets_what_ended() -> None:
    idle, old, fresh = (begin_session(make_person().user) for _ in range(3))
    anonymous = SessionStore()
    anonymous["visit"] = 1
    anonymous.save()
    kept(idle).update(last_seen_at=F("last_seen_at") - timedelta(minutes=60))
    kept(old).update(created_at=F("created_at") - timedelta(hours=12))
    kept(anonymous).update(last_seen_at=F("last_seen_at") - timedelta(minutes=20))
    assert actions.end_overdue() == 2
    assert actions.end_overdue() == 0
    assert set(Session.objects.filter(ended_at=None).values_list("pk", flat=True)) == {fresh.id}
    assert {entry["facts"]["how"] for entry in entries("identity:session:ended")[-2:]} == {"expired"}
    actions.forget_ended()
    assert Session.objects.count() == 3
    kept(old).update(ended_at=F("ended_at") - timedelta(hours=24))
    actions.forget_ended()
    assert Session.objects.count() == 2


NO_PROOF: list[dict[str, str]] = [
    {"X-CSRFToken": ""},
    {"X-CSRFToken": "d" * 32},
    {"X-CSRFToken": "short"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://testserver:8081"},
    {"Origin": "http://testserver.evil.example"},
]


@pytest.mark.parametrize("headers", NO_PROOF)
def test_a_change_needs_proof_that_it_comes_from_our_page(headers: dict[str, str]) -> None:
    """CSRF. Taken out for a try: csrf.require_proof in SessionAuthentication."""
    store = begin_session(make_person().user)
    assert write(browser(store)).status_code == 201
    answer = write(browser(store, **headers))
    assert refused(answer) == (403, "csrf_failed")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["remedy"]


def test_the_token_alone_and_the_cookie_alone_prove_nothing() -> None:
    """Taken out for a try: csrf.require_proof in SessionAuthentication."""
    store = begin_session(make_person().user)
    no_cookie = browser(store)
    del no_cookie.cookies["csrftoken"]
    assert refused(write(no_cookie)) == (403, "csrf_failed")
    # A form of another page can send the token as a field; this door does not look there.
    client = browser(store, **{"X-CSRFToken": ""})
    form = client.post("/api/v1/files", {"csrfmiddlewaretoken": TOKEN}, format="multipart")
    assert refused(form) == (403, "csrf_failed")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_origin_reads_nothing(site: str) -> None:
    """The cookie goes along to another port of this host, too. Taken out for a try: csrf.require_own_page."""
    store = begin_session(make_person().user)
    embedded = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}
    framed = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
    link = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    for headers in (embedded, framed):
        assert refused(browser(store, **headers).get("/api/v1/me")) == (403, "cross_origin")
    assert refused(write(browser(store, **link))) == (403, "cross_origin")
    answer = browser(store, **link).get("/api/v1/me")
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers
    ours = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
    assert browser(store, **ours).get("/api/v1/me").status_code == 200


def test_a_token_is_taken_before_a_cookie_and_needs_no_proof() -> None:
    person = make_person()
    store = begin_session(make_person().user)
    client = browser(store, **{"X-CSRFToken": "", "Origin": "https://evil.example"})
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {person.bearer}")
    assert write(client).status_code == 201
    assert client.get("/api/v1/me").json()["id"] == str(person.user.pk)
    client.credentials(HTTP_AUTHORIZATION="Bearer nonsense")
    assert refused(client.get("/api/v1/me")) == (401, "token_unknown")
