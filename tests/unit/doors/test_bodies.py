"""The limit on bodies, at the ASGI border: nothing beyond it is kept, announced or not."""

import asyncio
from typing import Any

import orjson
import pytest

from doors.bodies import BodyLimit

LIMIT = 100


class Reader:
    """An application that reads the whole body, as Django does."""

    def __init__(self) -> None:
        self.kept = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            self.kept += len(message.get("body", b""))
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


def post(path: str, chunks: list[bytes], announced: bytes | None) -> tuple[list[Any], Reader]:
    reader, sent = Reader(), []
    headers = [] if announced is None else [(b"content-length", announced)]
    messages = iter(
        {"type": "http.request", "body": chunk, "more_body": index < len(chunks) - 1}
        for index, chunk in enumerate(chunks)
    )

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    door = BodyLimit(reader, body_max=LIMIT, upload_max=10 * LIMIT, upload_paths=frozenset({"/files"}))
    asyncio.run(door({"type": "http", "path": path, "headers": headers}, receive, send))
    return sent, reader


@pytest.mark.parametrize(
    ("path", "size", "announce", "status"),
    [
        ("/runs", LIMIT, True, 200),
        ("/runs", LIMIT, False, 200),
        ("/runs", LIMIT + 1, True, 413),
        ("/runs", LIMIT + 1, False, 413),
        ("/files", 10 * LIMIT, True, 200),
        ("/files", 10 * LIMIT + 1, True, 413),
        ("/files", 10 * LIMIT + 1, False, 413),
    ],
)
def test_the_limit_holds(path: str, size: int, announce: bool, status: int) -> None:
    sent, _ = post(path, [b"x"] * size, str(size).encode() if announce else None)
    assert sent[0]["status"] == status


def test_an_announced_body_is_refused_unread_and_the_limit_named() -> None:
    sent, reader = post("/runs", [b"x" * 1000], b"1000")
    assert reader.kept == 0
    body = orjson.loads(sent[1]["body"])
    assert (body["code"], body["detail"]) == ("too_large", "body: larger than the limit of 100 bytes.")
    assert (b"content-type", b"application/problem+json") in sent[0]["headers"]


def test_a_lie_about_the_length_does_not_help() -> None:
    sent, reader = post("/runs", [b"x" * 60] * 3, b"10")
    assert sent[0]["status"] == 413
    assert reader.kept <= LIMIT
