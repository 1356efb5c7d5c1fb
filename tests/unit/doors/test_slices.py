"""A long body in slices: each is asked about by itself, at its place, and what was accepted of a broken one counts."""

import asyncio
from typing import Any

import pytest

from doors import slices
from doors.bodies import BodyLimit

SLICE = 10
PATCH = {"type": "http", "method": "PATCH", "path": "/uploads/1"}
TYPE = (b"content-type", b"application/offset+octet-stream")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SLICE", SLICE)


class Store:
    """An application that keeps what is sent to it, as far as it likes."""

    def __init__(self, most: int = 1000) -> None:
        self.kept = bytearray()
        self.asked: list[tuple[bytes, int, int]] = []
        self._most = most

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        message = await receive()
        content = message["body"]
        assert not message["more_body"]
        assert int(headers[b"content-length"]) == len(content)
        assert b"transfer-encoding" not in headers
        self.asked.append((headers.get(b"upload-offset", b""), len(content), scope[slices.NUMBER]))
        fits = len(self.kept) + len(content) <= self._most
        if fits:
            self.kept += content
        stands = str(len(self.kept)).encode()
        start = {"type": "http.response.start", "status": 204 if fits else 413, "headers": [(b"upload-offset", stands)]}
        await send(start)
        await send({"type": "http.response.body", "body": b"" if fits else b"no"})


def send(store: Store, chunks: list[bytes], offset: bytes = b"0", *, breaks: bool = False, **scope: Any) -> list[Any]:
    sent: list[Any] = []
    messages: list[Any] = [
        {"type": "http.request", "body": chunk, "more_body": breaks or index < len(chunks) - 1}
        for index, chunk in enumerate(chunks)
    ] + [{"type": "http.disconnect"}]

    async def receive() -> Any:
        return messages.pop(0)

    async def take(message: Any) -> None:
        sent.append(message)

    headers = [TYPE, (b"transfer-encoding", b"chunked"), (b"upload-offset", offset)]
    door = BodyLimit(store, body_max=5, upload_max=500, upload_paths=frozenset())
    asyncio.run(door({**PATCH, "headers": headers, **scope}, receive, take))
    return sent


@pytest.mark.parametrize(
    ("chunks", "asked"),
    [
        ([b""], [(b"7", 0, 0)]),
        ([b"x" * 3], [(b"7", 3, 0)]),
        ([b"x" * 10], [(b"7", 10, 0)]),
        ([b"x" * 10, b""], [(b"7", 10, 0)]),
        ([b"x" * 25], [(b"7", 10, 0), (b"17", 10, 1), (b"27", 5, 2)]),
        ([b"x" * 4] * 5 + [b"y"], [(b"7", 10, 0), (b"17", 10, 1), (b"27", 1, 2)]),
    ],
)
def test_a_body_is_handed_on_piece_by_piece(chunks: list[bytes], asked: list[tuple[bytes, int, int]]) -> None:
    store = Store()
    sent = send(store, chunks, b"7")
    assert store.asked == asked
    assert bytes(store.kept) == b"".join(chunks)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert (sent[0]["status"], dict(sent[0]["headers"])[b"upload-offset"]) == (204, str(len(store.kept)).encode())


def test_what_is_refused_ends_it() -> None:
    store = Store(most=25)
    sent = send(store, [b"x" * 10] * 5)
    assert [size for _, size, _ in store.asked] == [10, 10, 10]
    assert len(store.kept) == 20
    assert (sent[0]["status"], sent[1]["body"]) == (413, b"no")
    assert (b"connection", b"close") in sent[0]["headers"]


def test_what_came_before_the_connection_broke_counts() -> None:
    """Taken out for a try: handing on what waits when a client goes away; its last bytes were then lost."""
    store = Store()
    send(store, [b"x" * 10, b"y" * 4], breaks=True)
    assert bytes(store.kept) == b"x" * 10 + b"y" * 4


@pytest.mark.parametrize("offset", [b"", b"-1", b"1.5", b"x", b"9" * 5000])
def test_an_offset_that_is_none_is_handed_on_as_it_came(offset: bytes) -> None:
    store = Store(most=0)
    send(store, [b"x" * 25], offset)
    assert store.asked == [(offset, 10, 0)]


def test_the_limit_of_an_upload_holds_all_the_same() -> None:
    store = Store()
    sent = send(store, [b"x" * 100] * 6)
    assert sent[0]["status"] == 413
    assert len(store.kept) <= 500


@pytest.mark.parametrize(
    ("method", "kind", "sliced"),
    [
        ("PATCH", b"application/offset+octet-stream", True),
        ("PATCH", b"Application/Offset+Octet-Stream; x=y", True),
        ("POST", b"application/offset+octet-stream", False),
        ("PATCH", b"application/json", False),
    ],
)
def test_only_pieces_of_uploads_are_sliced(method: str, kind: bytes, sliced: bool) -> None:
    assert slices.is_sliced({"method": method, "headers": [(b"content-type", kind)]}) is sliced
    assert not slices.is_sliced({"type": "http", "headers": []})
