"""Idempotency keys: a POST happens once, whatever is repeated, crossed or cut off."""

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from config.errors import NotFound, Refused
from doors import idempotency
from doors.idempotency import ABANDONED_AFTER, KEPT_FOR, idempotent
from doors.models import IdempotencyKey
from doors.parsing import StrictMultiPartParser
from identity.callers import Caller
from identity.models import Token
from tests.people import Person, make_person
from tests.stack import secret_of

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

WISH = {"expires_in_seconds": 3600}


def ask(person: Person, body: dict[str, Any], key: str = "key-1") -> Any:
    return person.client().post("/api/v1/tokens", body, format="json", headers={"Idempotency-Key": key})


def test_a_replay_renders_afresh_and_shows_no_secret_again() -> None:
    person = make_person()
    first = ask(person, WISH)
    again = ask(person, WISH)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert "token" in first.json()
    assert "token" not in again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert Token.objects.filter(user=person.user).count() == 2
    # Afresh: what has changed since shows.
    person.client().post(f"/api/v1/tokens/{first.json()['id']}/revoke")
    assert ask(person, WISH).json()["revoked_at"] is not None


def test_another_order_of_fields_is_the_same_body() -> None:
    person = make_person()
    first = ask(person, {"expires_in_seconds": 3600, "name": "n"})
    assert ask(person, {"name": "n", "expires_in_seconds": 3600}).json()["id"] == first.json()["id"]


def test_another_body_under_the_key_is_a_conflict() -> None:
    person = make_person()
    ask(person, WISH)
    answer = ask(person, {"expires_in_seconds": 3601})
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")
    assert Token.objects.filter(user=person.user).count() == 2


def test_a_key_is_its_persons_own() -> None:
    one, other = make_person(), make_person()
    assert ask(one, WISH).json()["id"] != ask(other, WISH).json()["id"]


def test_a_replay_is_authorised_anew() -> None:
    person = make_person()
    created = ask(person, WISH).json()
    Token.objects.filter(pk=created["id"]).update(user=make_person().user)
    assert ask(person, WISH).status_code == 404


@pytest.mark.parametrize("key", ["", " ", "two words", "x" * 256, "k\u00e9y"])
def test_a_malformed_key_is_refused(key: str) -> None:
    answer = ask(make_person(), WISH, key)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_malformed")


def test_a_refusal_is_not_kept() -> None:
    person = make_person()
    refused = ask(person, {"kind": "model", "expires_in_seconds": 3600})
    assert (refused.status_code, refused.json()["code"]) == (403, "token_model_name_mismatch")
    assert ask(person, {"expires_in_seconds": 0}).status_code == 400
    assert IdempotencyKey.objects.count() == 0
    assert ask(person, WISH).status_code == 201


def test_a_success_leaves_its_id_alone() -> None:
    answer = ask(make_person(), WISH)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(k)::text FROM doors_idempotencykey k")
        ((row,),) = cursor.fetchall()
    assert answer.json()["id"] in row
    assert secret_of(answer.json()["token"]) not in row
    assert "3600" not in row


def test_old_keys_promise_nothing() -> None:
    person = make_person()
    first = ask(person, WISH)
    IdempotencyKey.objects.update(created_at=timezone.now() - KEPT_FOR - timedelta(seconds=1))
    assert ask(person, WISH).json()["id"] != first.json()["id"]
    IdempotencyKey.objects.update(created_at=timezone.now() - KEPT_FOR - timedelta(seconds=1))
    assert idempotency.forget_old() == 1
    assert IdempotencyKey.objects.count() == 0


class Shelf(APIView):
    """A door with one shelf of things behind it."""

    authentication_classes = []
    throttle_classes = []
    things: dict[str, int] = {}
    pause: threading.Event | None = None
    entered: threading.Event | None = None
    fault: BaseException | None = None

    @idempotent
    def post(self, request: Request) -> Response:
        thing = str(idempotency.reserved_id(request))
        if self.entered is not None:
            self.entered.set()
        if self.pause is not None:
            assert self.pause.wait(10)
        self.things[thing] = self.things.get(thing, 0) + 1
        if self.fault is not None:
            raise self.fault
        return Response({"id": thing}, status=201)

    def replay(self, request: Request, resource: str) -> Response:
        if resource not in self.things:
            raise NotFound("thing")
        return Response({"id": resource}, status=201)


def put(caller: Caller, body: Any = None, *, format: str = "json", **view: Any) -> Any:
    request = APIRequestFactory().post("/shelf", body or {}, format=format, headers={"Idempotency-Key": "k"})
    force_authenticate(request, user=caller)  # type: ignore[arg-type]
    return Shelf.as_view(**view)(request)


def someone() -> Caller:
    return Caller(uuid.uuid4(), "someone")


def test_a_concurrent_repeat_is_told_to_wait() -> None:
    caller, things = someone(), {}  # type: ignore[var-annotated]
    pause, entered = threading.Event(), threading.Event()
    answers: list[Any] = []

    def first() -> None:
        answers.append(put(caller, things=things, pause=pause, entered=entered))
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(10)
    meanwhile = put(caller, things=things)
    pause.set()
    thread.join(10)
    assert (meanwhile.status_code, meanwhile.data["code"]) == (409, "idempotency_in_progress")
    assert answers[0].status_code == 201
    assert put(caller, things=things).data["id"] == answers[0].data["id"]
    assert list(things.values()) == [1]


def test_of_many_at_once_one_makes_the_thing() -> None:
    caller, things, codes = someone(), {}, []  # type: ignore[var-annotated]
    start = threading.Barrier(6)

    def race() -> None:
        start.wait(10)
        codes.append(put(caller, things=things).status_code)
        connection.close()

    threads = [threading.Thread(target=race) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert set(codes) <= {201, 409}
    assert list(things.values()) == [1]


class Killed(BaseException):
    """The process ends here."""


def test_a_try_that_died_after_it_made_the_thing_is_found_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    caller, things = someone(), {}  # type: ignore[var-annotated]
    die(monkeypatch, caller, things, fault=Killed())
    assert put(caller, things=things).data["code"] == "idempotency_in_progress"
    abandon()
    answer = put(caller, things=things)
    assert answer.status_code == 201
    assert things == {answer.data["id"]: 1}


def test_a_try_that_died_before_it_made_the_thing_is_done_under_the_same_id(monkeypatch: pytest.MonkeyPatch) -> None:
    caller, things = someone(), {}  # type: ignore[var-annotated]
    die(monkeypatch, caller, things, fault=Killed())
    things.clear()
    abandon()
    answer = put(caller, things=things)
    assert things == {answer.data["id"]: 1}
    assert str(IdempotencyKey.objects.get().reserved) == answer.data["id"]


def die(monkeypatch: pytest.MonkeyPatch, caller: Caller, things: dict[str, int], fault: BaseException) -> None:
    """Make the first try end without a word, as a killed process does: its key stays taken."""
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("doors.idempotency._leave", lambda record: None)
        put(caller, things=things, fault=fault)
    assert IdempotencyKey.objects.get().resource == ""


def abandon() -> None:
    IdempotencyKey.objects.update(created_at=timezone.now() - ABANDONED_AFTER - timedelta(seconds=1))


def test_after_a_fault_the_next_try_looks_first() -> None:
    caller, things = someone(), {}  # type: ignore[var-annotated]
    assert put(caller, things=things, fault=ZeroDivisionError()).status_code == 500
    answer = put(caller, things=things)
    assert answer.status_code == 201
    assert things == {answer.data["id"]: 1}


def test_a_refusal_inside_frees_the_key() -> None:
    caller, things = someone(), {}  # type: ignore[var-annotated]
    assert put(caller, things=things, fault=Refused("no", "No.")).status_code == 403
    assert IdempotencyKey.objects.count() == 0


class FileShelf(Shelf):
    """The same for uploads."""

    parser_classes = [StrictMultiPartParser]


def upload(caller: Caller, content: bytes, name: str = "a.csv") -> Any:
    body = {"project": "p", "file": SimpleUploadedFile(name, content)}
    request = APIRequestFactory().post("/files", body, format="multipart", headers={"Idempotency-Key": "k"})
    force_authenticate(request, user=caller)  # type: ignore[arg-type]
    return FileShelf.as_view(things=things_of_files)(request)


things_of_files: dict[str, int] = {}


def test_an_upload_is_known_by_its_content() -> None:
    caller = someone()
    first = upload(caller, b"a,b\n1,2\n")
    assert first.status_code == 201
    # Another boundary, the same content.
    assert upload(caller, b"a,b\n1,2\n").data["id"] == first.data["id"]
    assert upload(caller, b"a,b\n1,3\n").data["code"] == "idempotency_key_reused"
    assert upload(caller, b"a,b\n1,2\n", name="b.csv").data["code"] == "idempotency_key_reused"
