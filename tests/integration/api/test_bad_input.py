"""Bad input gets a clear problem with a stable code, and takes nothing along: a run made before works on."""

import json
import socket
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.api.refusals import JSON, NOWHERE, denied, refused, same_but_for_ids
from tests.stack import Stack
from tests.work import Work, ok, problem, text


@pytest.fixture(scope="module")
def survivor(_whole_stack: Stack) -> Iterator[str]:
    """A run from before all the bad input, with something in its memory."""
    with Work(_whole_stack) as work:
        run = str(work.ready()["id"])
        work.done(run, "kept = 'still here'")
        yield run
        work.cancel(run)


@pytest.fixture(autouse=True)
def _nothing_lost(survivor: str, work: Work, stack: Stack) -> Iterator[None]:
    before = stack.log("web").count("internal_error")
    yield
    assert stack.log("web").count("internal_error") == before
    assert text(work.done(survivor, "print(kept)")) == "still here\n"


BODIES = [
    (b"{", "malformed_json"),
    (b"", "invalid"),
    (b"null", "malformed_json"),
    (b"[]", "malformed_json"),
    (b'"text"', "malformed_json"),
    (b'{"code": "1", "code": "2"}', "malformed_json"),
    (b'{"limits": {"memory_bytes": NaN}}', "malformed_json"),
    (b'{"limits": {"memory_bytes": Infinity}}', "malformed_json"),
    (b'{"limits": {"memory_bytes": 1e999}}', "malformed_json"),
    (b"[" * 100_000, "malformed_json"),
    (b'{"a":' * 50_000, "malformed_json"),
    (b'\xef\xbb\xbf{"purpose": "a byte order mark"}', "malformed_json"),
    (b'{"code": "\xff\xfe"}', "not_utf8"),
    (b'{"code": "\xed\xa0\x80"}', "not_utf8"),
    (b'{"code": "\\ud800"}', "malformed_json"),
    (b'{"purpose": "\\u0000"}', "nul_character"),
    (b'{"purpose": "x", "colour": "red"}', "unknown_field"),
    (b'{"__proto__": {}}', "unknown_field"),
]


def test_a_body_that_is_none(work: Work):
    for body, code in BODIES:
        answer = work.api.post("runs", content=body, headers=JSON)
        assert answer.status_code == 400, (body[:40], answer.text)
        refused(answer, 400, code)


def test_other_content_types_are_not_guessed_at(work: Work):
    wish = json.dumps(work.wish())
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "text/html"):
        refused(work.api.post("runs", content=wish, headers={"Content-Type": kind}), 415, "unsupported_media_type")


def test_unknown_fields_are_named_with_their_path(work: Work):
    wish = work.wish(code="1", origin={"model": "m", "propmt": "?"}, limitz={})
    body = refused(work.api.post("runs", json=wish), 400, "unknown_field")
    assert "limitz" in body["detail"]
    wish.pop("limitz")
    body = refused(work.api.post("runs", json=wish), 400, "unknown_field")
    assert "origin.propmt" in body["detail"]
    assert "origin.prompt" in body["remedy"]


def test_fields_of_the_wrong_kind(work: Work):
    wrong: list[dict[str, Any]] = [
        {"project": "demo"},
        {"project": None},
        {"purpose": ""},
        {"purpose": "x" * 1001},
        {"purpose": ["a"]},
        {"packages": "humanize==4.9.0"},
        {"packages": {"humanize": "4.9.0"}},
        {"packages": ["x" * 201]},
        {"packages": ["a==1"] * 101},
        {"files": ["../../etc/passwd"]},
        {"files": [str(uuid.uuid4())] * 201},
        {"environment": "x" * 64},
        {"limits": []},
        {"limits": {"memory_bytes": [1]}},
        {"language": "python"},
        {"origin": {"model": "m"}},
        {"code": "1", "origin": {"prompt": "no model"}},
        {"code": "1", "origin": {"model": "m", "corrects": 0}},
        {"code": "1", "origin": {"model": "m", "corrects": "first"}},
    ]
    for fields in wrong:
        body = refused(work.api.post("runs", json=work.wish(**fields)), 400, "invalid")
        assert body["reasons"], fields
        said = " ".join(reason["message"] for reason in body["reasons"])
        assert any(field in said for field in fields), (fields, body)


def test_a_project_of_others_looks_like_none(work: Work, stack: Stack):
    with Work(stack, "outsider") as outsider:
        foreign = outsider.project
    for door in ("runs", "files"):
        answers = []
        for project in (foreign, NOWHERE):
            if door == "runs":
                answers.append(work.api.post("runs", json=work.wish(project=project)))
            else:
                file = {"file": ("a.csv", b"a\n1\n")}
                answers.append(work.api.post("files", data={"project": project}, files=file))
        refused(answers[0], 404, "not_found")
        assert same_but_for_ids(answers[0], answers[1], foreign, NOWHERE)
    for door in ("runs", "decisions"):
        lists = [work.api.get(door, params={"project": project}) for project in (foreign, NOWHERE)]
        assert same_but_for_ids(lists[0], lists[1], foreign, NOWHERE)
        assert lists[0].json()["results"] == []


def test_files_of_others_look_like_none(work: Work, stack: Stack):
    with Work(stack, "outsider") as outsider:
        theirs = outsider.upload("secret.csv", b"a\n1\n")["id"]
    answers = [work.api.post("runs", json=work.wish(files=[file])) for file in (theirs, NOWHERE)]
    refused(answers[0], 404, "not_found")
    assert same_but_for_ids(answers[0], answers[1], theirs, NOWHERE)


def test_addresses_that_lead_nowhere(work: Work, survivor: str):
    for address in (
        "nothing",
        "runs/",
        "runs/7",
        "runs/not-a-uuid",
        f"runs/{NOWHERE}",
        f"runs/{NOWHERE}/events",
        f"runs/{NOWHERE}/notebook",
        f"runs/{survivor}/executions/0",
        f"runs/{survivor}/executions/99999999999999999999999999",
        f"runs/{survivor}/executions/-1",
        f"runs/{survivor}/artifacts/nothing.csv",
        f"runs/{survivor}/artifacts/..%2f..%2f..%2fetc%2fpasswd",
        f"runs/{survivor}/artifacts/%2fetc%2fpasswd",
        f"runs/{survivor}/artifacts/%00",
        f"runs/{survivor}/artifacts/" + "x" * 3000,
        f"runs/{survivor}/artifacts/%ff",
        f"decisions/{NOWHERE}",
    ):
        answer = work.api.get(address)
        assert answer.status_code == 404, (address, answer.text)
        refused(answer, 404, "not_found")


def test_methods_that_a_door_does_not_know(work: Work, survivor: str):
    for method, address in (
        ("DELETE", f"runs/{survivor}"),
        ("PUT", f"runs/{survivor}"),
        ("PATCH", f"runs/{survivor}/executions/1"),
        ("GET", f"runs/{survivor}/cancel"),
        ("POST", f"runs/{survivor}/events"),
        ("TRACE", "runs"),
    ):
        refused(work.api.request(method, address), 405, "method_not_allowed")


@pytest.mark.parametrize("wait", ["-1", "nan", "inf", "1e9", "soon", "0x1", ""])
def test_a_wait_that_is_none(work: Work, survivor: str, wait: str):
    answer = work.api.get(f"runs/{survivor}/executions/1", params={"wait": wait})
    if wait == "":
        assert answer.status_code == 200
        return
    refused(answer, 400, "invalid_wait")
    before = len(ok(work.api.get(f"runs/{survivor}"))["executions"])
    refused(
        work.api.post(f"runs/{survivor}/executions", params={"wait": wait}, json={"code": "1"}), 400, "invalid_wait"
    )
    assert len(ok(work.api.get(f"runs/{survivor}"))["executions"]) == before
    refused(work.api.post("runs", params={"wait": wait}, json=work.wish(code="1")), 400, "invalid_wait")


def test_lists_take_only_what_they_gave(work: Work):
    for params, code in (
        ({"limit": "0"}, "invalid_limit"),
        ({"limit": "201"}, "invalid_limit"),
        ({"limit": "many"}, "invalid_limit"),
        ({"cursor": "cD1ub3doZXJl"}, "invalid_cursor"),
        ({"state": "asleep"}, "unknown_state"),
        ({"project": "demo"}, "invalid_project"),
    ):
        refused(work.api.get("runs", params=params), 400, code)


def test_code_that_is_too_much(work: Work, survivor: str):
    """A 10 MB cell is more than any body; one over its own limit says which limit that is."""
    huge = json.dumps({"code": "#" * 10_000_000})
    body = problem(work.api.post(f"runs/{survivor}/executions", content=huge, headers=JSON), 413, "too_large")
    assert "2097152" in body["detail"].replace(",", "")
    body = refused(work.api.post(f"runs/{survivor}/executions", json={"code": "#" * 1_500_000}), 413, "code_too_large")
    assert "1,048,576" in body["detail"]
    body = refused(work.api.post("runs", json=work.wish(code="#" * 1_500_000)), 413, "code_too_large")
    assert "Upload" in body["remedy"]
    answer = work.api.post(f"runs/{survivor}/executions", json={"code": "pass\n" * 30_000})
    assert set(denied(answer)) == {"code_too_large"}
    answer = work.api.post(f"runs/{survivor}/executions", json={"code": ""})
    assert set(denied(answer)) == {"code_too_large"}


def test_a_body_without_a_length_is_cut_off_at_the_limit(stack: Stack, work: Work):
    """Chunked, so nothing is announced. Taken out for a try: the counting in BodyLimit; then all three MiB are read."""
    request = (
        f"POST /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {work.api.headers['authorization']}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", stack.state.ports.web), timeout=20) as talk:
        talk.sendall(request.encode())
        for _ in range(33):
            talk.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        # Two MiB and a little have been sent, and the body has not ended.
        answer = b""
        while b'"too_large"' not in answer and (part := talk.recv(65536)):
            answer += part
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"2097152" in answer


def test_an_announced_body_is_refused_before_it_is_sent(stack: Stack, work: Work):
    """Two GiB of a file are announced, and not one byte of them has to be sent to hear the limit."""
    head = (
        f"POST /api/v1/files HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {work.api.headers['authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n"
        f"Content-Length: {2 << 30}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", stack.state.ports.web), timeout=20) as talk:
        talk.sendall(head.encode())
        answer = b""
        while b'"too_large"' not in answer and (part := talk.recv(65536)):
            answer += part
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert str((1 << 30) + 65536).encode() in answer


def test_unknown_language_and_environment(work: Work, survivor: str):
    body = refused(work.api.post("runs", json=work.wish(environment="cobol")), 400, "unknown_environment")
    assert "cobol" in body["detail"]
    assert "there is: python" in body["detail"]
    for language in ("cobol", "PYTHON", "", "../python"):
        answer = work.api.post(f"runs/{survivor}/executions", json={"code": "1", "language": language})
        if language == "":
            refused(answer, 400, "invalid")
        else:
            reasons = denied(answer)
            assert set(reasons) == {"language_not_allowed"}, language
            assert "python" in reasons["language_not_allowed"]["remedy"]
    answer = work.api.post("runs", json=work.wish(code="1", language="cobol"))
    assert "language_not_allowed" in denied(answer)
