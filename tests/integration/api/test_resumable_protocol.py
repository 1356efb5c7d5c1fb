"""Uploads in pieces as tus 1.0 has them: what begins one, what does not, and what is said of the protocol."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from runs import rules
from runs.models import Upload
from tests.configured import configured
from tests.integration.api.resuming import Scene, begin, begun, code, head, piece, set_up
from tests.tus import PIECE, VERSION, metadata

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("redis_server"),
]


@pytest.fixture
def scene() -> Iterator[Scene]:
    with set_up() as scene:
        yield scene


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
