"""Uploads in pieces: what is acknowledged is kept, sealed and once; what is not is gone; and none is anybody else's."""

import errno
import hashlib
import itertools
import os
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import audit
from audit.models import Entry
from config.environment import settings as configuration
from gateways import blobs
from identity import actions as identities
from identity.models import Project
from identity.states import Role
from runs import actions, receiving, rules, shown
from runs.models import Blob, File, Upload, UploadPart
from tests.configured import configured
from tests.people import Person, make_person, make_project, model_of
from tests.tus import PIECE, VERSION, creation, metadata

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("redis_server"),
]

CONTENT = b"secret-0451," * 10_000


@dataclass(frozen=True)
class Scene:
    """An analyst and everybody else."""

    project: Project
    people: dict[str, Person]


@pytest.fixture
def scene() -> Iterator[Scene]:
    project = make_project()
    owner = make_person((project, Role.ANALYST))
    people = {
        "owner": owner,
        "model": model_of(owner),
        "colleague": make_person((project, Role.ANALYST)),
        "reviewer": make_person((project, Role.REVIEWER)),
        "outsider": make_person((make_project(), Role.ANALYST)),
    }
    before = stored()
    yield Scene(project, people)
    # Whatever happened, every content that is left has its row.
    named = set(Blob.objects.values_list("name", flat=True))
    assert {name for name in stored() - before if name not in named} == set()


def store() -> Path:
    """Where contents lie."""
    return configuration().var / "blobs"


def stored() -> set[str]:
    """The names of all contents in the store."""
    return {str(path.relative_to(store())) for path in store().rglob("*") if path.is_file()}


def begin(scene: Scene, size: int = len(CONTENT), name: str = "data.csv", *, who: str = "owner", **headers: Any) -> Any:
    given = creation(scene.project.pk, name, size) | headers
    return scene.people[who].client().post("/api/v1/uploads", headers=given)


def begun(scene: Scene, size: int = len(CONTENT), *, who: str = "owner") -> str:
    answer = begin(scene, size, who=who)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def piece(scene: Scene, upload: str, offset: int, content: bytes, *, who: str = "owner", **headers: Any) -> Any:
    given = {**VERSION, "Upload-Offset": str(offset), **headers}
    client: Any = scene.people[who].client()
    return client.generic("PATCH", f"/api/v1/uploads/{upload}", content, content_type=PIECE, headers=given)


def head(scene: Scene, upload: str, *, who: str = "owner") -> Any:
    return scene.people[who].client().head(f"/api/v1/uploads/{upload}", headers=VERSION)


def show(scene: Scene, upload: str, *, who: str = "owner") -> Any:
    return scene.people[who].client().get(f"/api/v1/uploads/{upload}")


def end(scene: Scene, upload: str, *, who: str = "owner") -> Any:
    return scene.people[who].client().delete(f"/api/v1/uploads/{upload}", headers=VERSION)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_file_comes_in_pieces(scene: Scene) -> None:
    answer = begin(scene)
    upload = answer.json()["id"]
    assert answer.headers["location"] == f"/api/v1/uploads/{upload}"
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert answer.headers["upload-expires"].endswith("GMT")
    assert (answer.json()["offset"], answer.json()["size"], answer.json()["file"]) == (0, len(CONTENT), None)
    place = 0
    for step in (1, 70_000, 0, 40_000, len(CONTENT)):
        content = CONTENT[place : place + step]
        answer = piece(scene, upload, place, content)
        place += len(content)
        assert (answer.status_code, answer.content, answer.headers["upload-offset"]) == (204, b"", str(place))
        asked = head(scene, upload)
        assert (asked.status_code, asked.headers["cache-control"]) == (200, "no-store")
        assert (asked.headers["upload-offset"], asked.headers["upload-length"]) == (str(place), str(len(CONTENT)))
    body = show(scene, upload).json()
    assert body["offset"] == body["size"] == body["file"]["size"] == len(CONTENT)
    assert body["file"]["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert body["file"]["name"] == "data.csv"
    file = File.objects.select_related("blob").get(pk=body["file"]["id"])
    assert shown.content(file.blob) == CONTENT
    # The pieces are gone; one content is left of them.
    assert (UploadPart.objects.count(), Blob.objects.count()) == (0, 1)


def test_pieces_lie_sealed(scene: Scene) -> None:
    before, upload = stored(), begun(scene)
    piece(scene, upload, 0, CONTENT[:50_000])
    (new,) = stored() - before
    assert b"secret-0451" not in (store() / new).read_bytes()


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(cuts=st.sets(st.integers(1, 299_999), max_size=8), seed=st.binary(min_size=1, max_size=8))
def test_however_it_is_cut_the_whole_is_the_same(scene: Scene, cuts: set[int], seed: bytes) -> None:
    content = hashlib.shake_256(seed).digest(300_000)
    by = scene.people["owner"].caller
    upload = actions.begin_upload(
        project_id=scene.project.pk, name="x", size=len(content), upload_id=uuid.uuid4(), by=by
    )
    places = [0, *sorted(cuts), len(content)]
    for start, stop in itertools.pairwise(places):
        assert receiving.receive(upload.id, start, content[start:stop], by=by).received == stop
    file = File.objects.select_related("blob").get(pk=upload.id)
    assert shown.content(file.blob) == content
    assert bytes(file.blob.sha256) == hashlib.sha256(content).digest()


def test_a_piece_at_another_place_is_refused_and_nothing_of_it_kept(scene: Scene) -> None:
    upload = begun(scene)
    piece(scene, upload, 0, CONTENT[:1000])
    before = stored()
    for offset in (0, 999, 1001, len(CONTENT), 10**18 - 1):
        answer = piece(scene, upload, offset, CONTENT[1000:2000])
        assert code(answer) == (409, "upload_offset_differs")
        assert "1000" in answer.json()["detail"]
    assert code(piece(scene, upload, 1000, CONTENT)) == (413, "upload_too_long")
    assert (stored(), head(scene, upload).headers["upload-offset"]) == (before, "1000")


def test_a_finished_upload_takes_no_more(scene: Scene) -> None:
    upload = begun(scene, 5)
    assert piece(scene, upload, 0, b"12345").status_code == 204
    assert piece(scene, upload, 5, b"").status_code == 204
    assert code(piece(scene, upload, 0, b"12345")) == (409, "upload_offset_differs")
    assert code(piece(scene, upload, 5, b"6")) == (413, "upload_too_long")
    assert code(end(scene, upload)) == (409, "already_finished")
    assert File.objects.count() == 1


def test_of_two_at_one_place_one_is_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken out for a try: `alone_at`; the second then waited for the first, and was refused for its place."""
    upload = begun(scene)
    inside, leave = threading.Event(), threading.Event()
    really = blobs.write

    def slow(*args: Any, **kwargs: Any) -> Any:
        inside.set()
        assert leave.wait(20)
        return really(*args, **kwargs)

    monkeypatch.setattr(blobs, "write", slow)
    answers: list[Any] = []

    def first() -> None:
        try:
            answers.append(piece(scene, upload, 0, CONTENT[:1000]))
        finally:
            connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(20)
    assert code(piece(scene, upload, 0, CONTENT[:1000])) == (409, "upload_busy")
    # Whoever may not know of it hears nothing of that.
    assert code(piece(scene, upload, 0, CONTENT[:1000], who="colleague")) == (404, "not_found")
    leave.set()
    thread.join()
    assert answers[0].status_code == 204
    assert piece(scene, upload, 1000, CONTENT[1000:]).status_code == 204


@pytest.mark.parametrize("rest", [CONTENT[1000:2000], CONTENT[1000:]])
def test_where_the_lock_does_not_hold_the_row_does(scene: Scene, monkeypatch: pytest.MonkeyPatch, rest: bytes) -> None:
    """A piece, or a whole, that was sealed for a place that another has taken meanwhile is thrown away."""
    upload, by = begun(scene), scene.people["owner"].caller
    piece(scene, upload, 0, CONTENT[:1000])
    really = blobs.write

    def overtaken(*args: Any, **kwargs: Any) -> Any:
        sealed = really(*args, **kwargs)
        actions.add_part(uuid.UUID(upload), 1000, really([b"other"]), by=by)
        return sealed

    with monkeypatch.context() as patch:
        patch.setattr(blobs, "write", overtaken)
        assert code(piece(scene, upload, 1000, rest)) == (409, "upload_offset_differs")
    assert list(UploadPart.objects.order_by("start").values_list("start", flat=True)) == [0, 1000]
    assert (File.objects.count(), head(scene, upload).headers["upload-offset"]) == (0, "1005")


def test_an_upload_is_its_persons_alone(scene: Scene) -> None:
    """Absent and of others are the same for every method, and a model shares its person's."""
    upload = begun(scene)
    piece(scene, upload, 0, b"abc")
    for who in ("colleague", "reviewer", "outsider"):
        for nowhere in (upload, str(uuid.uuid4())):
            assert head(scene, nowhere, who=who).status_code == 404
            assert code(show(scene, nowhere, who=who)) == (404, "not_found")
            assert code(piece(scene, nowhere, 3, b"def", who=who)) == (404, "not_found")
            assert code(end(scene, nowhere, who=who)) == (404, "not_found")
        assert scene.people[who].client().get("/api/v1/uploads").json()["results"] == []
    assert piece(scene, upload, 3, b"def", who="model").status_code == 204
    listed = scene.people["model"].client().get("/api/v1/uploads").json()["results"]
    assert [(one["id"], one["offset"]) for one in listed] == [(upload, 6)]


def test_who_has_lost_the_role_goes_no_further(scene: Scene) -> None:
    upload = begun(scene)
    owner = scene.people["owner"]
    identities.add_member(scene.project, owner.user, Role.REVIEWER, by=None)
    identities.remove_member(scene.project, owner.user, Role.ANALYST, by=None)
    assert code(piece(scene, upload, 0, b"abc")) == (403, "not_an_analyst")
    identities.remove_member(scene.project, owner.user, Role.REVIEWER, by=None)
    assert code(piece(scene, upload, 0, b"abc")) == (404, "not_found")


BEGINNINGS: list[tuple[dict[str, Any], int, str]] = [
    ({"Upload-Length": ""}, 400, "upload_length_missing"),
    ({"Upload-Length": "-1"}, 400, "upload_length_missing"),
    ({"Upload-Length": "1e3"}, 400, "upload_length_missing"),
    ({"Upload-Length": "9" * 19}, 400, "upload_length_missing"),
    ({"Upload-Length": "0"}, 400, "file_empty"),
    ({"Upload-Length": str(1024**3 + 1)}, 413, "file_too_large"),
    ({"Upload-Metadata": ""}, 400, "invalid_project"),
    ({"Upload-Metadata": metadata(project="x", filename="a")}, 400, "invalid_project"),
    ({"Upload-Metadata": "project x"}, 400, "upload_metadata"),
    ({"Upload-Metadata": "project /w=="}, 400, "upload_metadata"),
    ({"Upload-Metadata": metadata(project="x") + "," + metadata(project="y")}, 400, "upload_metadata"),
    ({"Upload-Metadata": metadata(project=str(uuid.uuid4()), filename="a")}, 404, "not_found"),
    ({"Tus-Resumable": ""}, 412, "protocol_version"),
    ({"Tus-Resumable": "0.2.2"}, 412, "protocol_version"),
    ({"Content-Length": "3"}, 400, "upload_begins_empty"),
]


@pytest.mark.parametrize(("headers", "status", "expected"), BEGINNINGS)
def test_a_beginning_that_is_none(scene: Scene, headers: dict[str, Any], status: int, expected: str) -> None:
    answer = begin(scene, **headers)
    assert code(answer) == (status, expected)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["tus-version"] == "1.0.0"
    assert Upload.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", "file_name_empty"),
        ("../x", "file_name_forbidden"),
        ("a\x00", "file_name_forbidden"),
        ("ä" * 128, "file_name_too_long"),
    ],
)
def test_a_name_that_no_file_may_have(scene: Scene, name: str, expected: str) -> None:
    assert code(begin(scene, name=name)) == (400, expected)


def test_others_begin_nothing(scene: Scene) -> None:
    assert code(begin(scene, who="reviewer")) == (403, "not_an_analyst")
    assert code(begin(scene, who="outsider")) == (404, "not_found")
    assert begin(scene, who="model").status_code == 201


def test_a_beginning_is_done_once_for_its_key(scene: Scene) -> None:
    key: dict[str, Any] = {"Idempotency-Key": str(uuid.uuid4())}
    first, again = begin(scene, **key), begin(scene, **key)
    assert (again.status_code, again.json(), again.headers["location"]) == (
        201,
        first.json(),
        first.headers["location"],
    )
    assert again.headers["idempotency-replayed"] == "true"
    assert code(begin(scene, 7, **key)) == (409, "idempotency_key_reused")
    assert code(begin(scene, name="other.csv", **key)) == (409, "idempotency_key_reused")
    assert Upload.objects.count() == 1


def test_a_person_has_only_so_many_unfinished(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_UPLOADS", 2)
    one, _ = begun(scene, 3), begun(scene, 3)
    refused = begin(scene)
    assert code(refused) == (409, "too_many_uploads")
    assert refused.json()["remedy"]
    assert begin(scene, who="colleague").status_code == 201
    quota = scene.people["owner"].client().get("/api/v1/quota").json()["quotas"]
    assert {each["name"]: (each["used"], each["left"]) for each in quota}["uploads"] == (2, 0)
    piece(scene, one, 0, b"abc")
    assert begin(scene).status_code == 201


def test_the_protocol_is_kept(scene: Scene) -> None:
    client: Any = scene.people["owner"].client()
    upload = begun(scene)
    offers = client.options("/api/v1/uploads")
    assert (offers.status_code, offers.headers["tus-version"]) == (204, "1.0.0")
    assert offers.headers["tus-extension"] == "creation,termination,expiration"
    assert offers.headers["tus-max-size"] == str(1024**3)
    address = f"/api/v1/uploads/{upload}"
    for method in ("PATCH", "HEAD", "DELETE"):
        answer = client.generic(method, address, b"", content_type=PIECE, headers={"Upload-Offset": "0"})
        assert (answer.status_code, answer.headers["tus-version"]) == (412, "1.0.0")
    for offset in ("", "-1", "x", "1.0", "9" * 19):
        assert code(piece(scene, upload, 0, b"abc", **{"Upload-Offset": offset})) == (400, "upload_offset_missing")
    headers = {**VERSION, "Upload-Offset": "0"}
    answer = client.generic("PATCH", address, b"abc", content_type="application/octet-stream", headers=headers)
    assert code(answer) == (415, "unsupported_media_type")
    assert head(scene, upload).headers["upload-offset"] == "0"


def test_what_is_given_up_is_gone(scene: Scene) -> None:
    before, upload = stored(), begun(scene)
    for place in range(0, 3000, 1000):
        piece(scene, upload, place, CONTENT[place : place + 1000])
    assert len(stored() - before) == 3
    answer = end(scene, upload)
    assert (answer.status_code, answer.content) == (204, b"")
    assert stored() == before
    assert (Upload.objects.count(), UploadPart.objects.count(), Blob.objects.count()) == (0, 0, 0)
    assert code(end(scene, upload)) == (404, "not_found")
    assert head(scene, upload).status_code == 404


def test_what_is_not_finished_in_time_is_swept(scene: Scene) -> None:
    before = stored()
    late, young, finished = begun(scene), begun(scene), begun(scene, 3)
    for upload in (late, young):
        piece(scene, upload, 0, b"abc")
    piece(scene, finished, 0, b"abc")
    file = File.objects.get(pk=finished)
    Upload.objects.filter(pk__in=[late, finished]).update(expires_at=timezone.now())
    # Over before it is swept: nobody goes on with it in between.
    assert code(piece(scene, late, 3, b"def")) == (404, "not_found")
    assert actions.expire_uploads(timezone.now(), 10) == 2
    assert [str(one) for one in Upload.objects.values_list("id", flat=True)] == [young]
    assert len(stored() - before) == 2
    assert shown.content(File.objects.select_related("blob").get(pk=file.pk).blob) == b"abc"
    assert actions.expire_uploads(timezone.now() + timedelta(hours=25), 10) == 1


def test_a_store_that_is_full_loses_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = begun(scene)
    piece(scene, upload, 0, CONTENT[:1000])
    with monkeypatch.context() as patch:

        def full(self: Any, name: str, content: Any) -> str:
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr("django.core.files.storage.FileSystemStorage._save", full)
        for content in (CONTENT[1000:2000], CONTENT[1000:]):
            assert code(piece(scene, upload, 1000, content)) == (503, "blob_store_full")
    assert head(scene, upload).headers["upload-offset"] == "1000"
    assert piece(scene, upload, 1000, CONTENT[1000:]).status_code == 204


def test_without_an_entry_there_is_no_file(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pieces stay, and the last one can be sent again."""
    upload = begun(scene)
    piece(scene, upload, 0, CONTENT[:1000])
    before = stored()

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise audit.NotRecorded("full")

    with monkeypatch.context() as patch:
        patch.setattr(audit, "append", refuse)
        assert code(piece(scene, upload, 1000, CONTENT[1000:])) == (503, "not_recorded")
        assert code(begin(scene)) == (503, "not_recorded")
    assert (stored(), File.objects.count(), head(scene, upload).headers["upload-offset"]) == (before, 0, "1000")
    assert piece(scene, upload, 1000, CONTENT[1000:]).status_code == 204


def test_a_piece_that_was_changed_where_it_lies_makes_no_file(scene: Scene) -> None:
    upload = begun(scene)
    before = stored()
    piece(scene, upload, 0, CONTENT[:1000])
    (name,) = stored() - before
    path = store() / name
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert code(piece(scene, upload, 1000, CONTENT[1000:])) == (500, "blob_damaged")
    assert File.objects.count() == 0
    assert len(stored() - before) == 1


def test_pieces_are_not_as_fine_as_dust(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SPARE_PARTS", 3)
    upload = begun(scene)
    for place in range(3):
        assert piece(scene, upload, place, b"x").status_code == 204
    assert code(piece(scene, upload, 3, b"x")) == (409, "upload_too_fine")


def test_the_log_tells_of_each_and_names_none(scene: Scene) -> None:
    upload = begun(scene, 3)
    piece(scene, upload, 0, b"abc")
    given_up = begun(scene)
    end(scene, given_up)

    def told(subject: str) -> list[str]:
        found = Entry.objects.using("reader").filter(subject=subject).order_by("n")
        text = b"".join(bytes(entry.header) for entry in found)
        assert b"data.csv" not in text
        assert scene.people["owner"].caller.pseudonym.encode() in text
        return [entry.event for entry in found]

    assert told(f"upload:{upload}") == ["runs:upload:begun"]
    assert told(f"file:{upload}") == ["runs:file:stored"]
    assert told(f"upload:{given_up}") == ["runs:upload:begun", "runs:upload:ended"]


def test_a_body_counts_once_in_however_many_slices(scene: Scene) -> None:
    from doors import slices
    from runs.api.resumable import OncePerBody

    class Asked:
        method = "PATCH"

        def __init__(self, number: int) -> None:
            self.user = scene.people["owner"].caller
            self._request = type("Plain", (), {"scope": {slices.NUMBER: number}})()

    with configured(rate_writes_per_minute="2"):
        assert all(OncePerBody().allow_request(Asked(number), None) for number in range(1, 50))  # type: ignore[arg-type]


def test_random_content_survives(scene: Scene) -> None:
    content = os.urandom(200_001)
    upload = begun(scene, len(content))
    half = len(content) // 2
    piece(scene, upload, 0, content[:half])
    piece(scene, upload, half, content[half:])
    assert show(scene, upload).json()["file"]["sha256"] == hashlib.sha256(content).hexdigest()
