"""Files that are none, and names that no file may have: refused by name, and nothing of them is kept."""

import hashlib
import uuid
from pathlib import Path

import httpx
import pytest

from tests.integration.api.refusals import NOWHERE, refused
from tests.stack import Stack
from tests.work import Work, ok

BOUNDARY = "0123456789"
PLAIN = b"a,b\n1,2\n"


def raw_upload(work: Work, disposition: bytes, content: bytes = PLAIN, project: str | None = None) -> httpx.Response:
    """A multipart body written by hand: clients would mend the names."""
    body = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="project"\r\n\r\n{project or work.project}\r\n'.encode()
        + f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode()
        + disposition
        + b"\r\nContent-Type: text/csv\r\n\r\n"
        + content
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return work.api.post("files", content=body, headers=headers)


def blobs(stack: Stack) -> set[Path]:
    """Everything that lies in the blob store."""
    return {path for path in (stack.state.var / "blobs").rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (b"../x.csv", "file_name_forbidden"),
        (b"/etc/passwd", "file_name_forbidden"),
        (b"a/b.csv", "file_name_forbidden"),
        (b"a\\b.csv", "file_name_forbidden"),
        (b"..\\x.csv", "file_name_forbidden"),
        (b"a\x00b.csv", "file_name_forbidden"),
        (b"a\tb.csv", "file_name_forbidden"),
        (b"a\x1b[31m.csv", "file_name_forbidden"),
        (b"a\x7f.csv", "file_name_forbidden"),
        (b"..", "file_name_empty"),
        (b".", "file_name_empty"),
        (b"x" * 300, "file_name_too_long"),
        ("ä".encode() * 128, "file_name_too_long"),
    ],
)
def test_a_name_that_no_file_may_have(work: Work, stack: Stack, name: bytes, code: str):
    """Taken out for a try: `sanitize_file_name` of runs.uploads; then path parts are cut off."""
    before = blobs(stack)
    body = refused(raw_upload(work, b'name="file"; filename="' + name + b'"'), 400, code)
    assert body["remedy"]
    assert blobs(stack) == before


@pytest.mark.parametrize("name", [b"..%2Fx.csv", b"%2Fetc%2Fpasswd", b"a%00b", b"a%0Ab", b"x" * 300])
def test_an_encoded_name_is_no_way_round(work: Work, name: bytes):
    answer = raw_upload(work, b"name=\"file\"; filename*=UTF-8''" + name)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] in {"file_name_forbidden", "file_name_too_long"}


def test_names_that_are_merely_odd_are_kept(work: Work):
    for name in ("données 2026.csv", "数据.csv", "-rf.csv", "$(reboot).csv", "<b>.csv", "con", ".hidden", "x" * 255):
        file = work.upload(name, PLAIN)
        assert file["name"] == name
        assert file["sha256"] == hashlib.sha256(PLAIN).hexdigest()


def test_an_empty_file(work: Work, stack: Stack):
    before = blobs(stack)
    refused(raw_upload(work, b'name="file"; filename="empty.csv"', b""), 400, "file_empty")
    assert blobs(stack) == before


def test_a_body_that_is_no_upload(work: Work, stack: Stack):
    before = blobs(stack)
    refused(raw_upload(work, b'name="data"; filename="a.csv"'), 400, "unknown_field")
    refused(raw_upload(work, b'name="file"; filename=""'), 400, "invalid")
    refused(raw_upload(work, b'name="file"'), 400, "invalid")
    project = {"project": work.project}
    both = [("file", ("a.csv", PLAIN)), ("file", ("b.csv", PLAIN))]
    answer = work.api.post("files", data=project, files=both)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] in {"one_file_only", "malformed_multipart"}
    refused(work.api.post("files", json=project), 415, "unsupported_media_type")
    headers = {"Content-Type": "multipart/form-data"}
    refused(work.api.post("files", content=b"x", headers=headers), 400, "malformed_multipart")
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    cut = work.api.post("files", content=f"--{BOUNDARY}\r\nContent-Disp".encode(), headers=headers)
    assert cut.status_code == 400, cut.text
    answer = work.api.post("files", data={"project": "\ud800".encode("utf-8", "surrogatepass")}, files={"file": PLAIN})
    assert answer.status_code == 400, answer.text
    assert blobs(stack) == before


def test_nothing_of_a_refused_file_is_kept(work: Work, stack: Stack):
    before = blobs(stack)
    refused(raw_upload(work, b'name="file"; filename="a.csv"', project=NOWHERE), 404, "not_found")
    with Work(stack, "auditor") as auditor:
        refused(raw_upload(auditor, b'name="file"; filename="a.csv"'), 403, "not_an_analyst")
    assert blobs(stack) == before


def test_what_is_kept_is_sealed(work: Work, stack: Stack):
    """Neither the content nor the name lies anywhere below the state directory in plain."""
    content = b"secret-content-0451 " * 4000
    work.upload("secret-name-0451.csv", content)
    for path in blobs(stack):
        assert b"secret-content-0451" not in path.read_bytes()
        assert "secret-name" not in str(path)


def test_an_upload_is_done_once_for_its_key(work: Work, stack: Stack):
    key = str(uuid.uuid4())

    def send(content: bytes, name: str = "once.csv") -> httpx.Response:
        files = {"file": (name, content, "text/csv")}
        headers = {"Idempotency-Key": key}
        return work.api.post("files", data={"project": work.project}, files=files, headers=headers)

    first = ok(send(PLAIN), 201)
    before = blobs(stack)
    again = send(PLAIN)
    assert ok(again, 201) == first
    assert again.headers["idempotency-replayed"] == "true"
    refused(send(PLAIN + b"3,4\n"), 409, "idempotency_key_reused")
    refused(send(PLAIN, "other.csv"), 409, "idempotency_key_reused")
    # The bytes that came a second time are gone again.
    assert blobs(stack) == before


def test_two_files_of_one_name_do_not_replace_each_other(work: Work):
    """Taken out for a try: `may_lie_together`; then the run sees one of the two and nobody is told."""
    one, two = (work.upload("same.csv", content)["id"] for content in (PLAIN, PLAIN * 2))
    refused(work.api.post("runs", json=work.wish(files=[one, two])), 400, "file_name_twice")
    reserved = work.upload("outputs", PLAIN)["id"]
    refused(work.api.post("runs", json=work.wish(files=[reserved])), 400, "file_name_reserved")
    work.cancel(work.run(files=[one, one])["id"])
