"""Uploads in pieces: what is acknowledged is kept, sealed and once; what is not is gone; and none is anybody else's."""

import errno
import hashlib
import itertools
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import audit
from audit.models import Entry
from gateways import blobs
from identity.states import Role
from runs import actions, receiving, rules, shown
from runs.models import Blob, File, Upload, UploadPart
from tests.integration.api.resuming import (
    CONTENT,
    Scene,
    begin,
    begun,
    code,
    end,
    head,
    piece,
    set_up,
    show,
    store,
    stored,
)
from tests.people import give, take

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("redis_server"),
]


@pytest.fixture
def scene() -> Iterator[Scene]:
    with set_up() as scene:
        yield scene


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
    give(owner.user, scene.project, Role.REVIEWER)
    take(owner.user, scene.project, Role.ANALYST)
    assert code(piece(scene, upload, 0, b"abc")) == (403, "not_an_analyst")
    take(owner.user, scene.project, Role.REVIEWER)
    assert code(piece(scene, upload, 0, b"abc")) == (404, "not_found")


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
