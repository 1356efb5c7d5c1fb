"""A limit on bodies that holds before a byte of them is kept: Django's own ASGI handler spools the whole body first."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson

from doors.problems import CONTENT_TYPE, problem

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Any, Any, Any], Awaitable[None]]


class _TooLarge(Exception):
    """More came than is taken."""


class BodyLimit:
    """ASGI middleware: 413 `too_large` at once by the announced length, else by the counted one."""

    def __init__(
        self, application: Application, *, body_max: int, upload_max: int, upload_paths: frozenset[str]
    ) -> None:
        self.application = application
        self.body_max = body_max
        self.upload_max = upload_max
        self.upload_paths = upload_paths

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        limit = self.upload_max if scope["path"] in self.upload_paths else self.body_max
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > limit:
            await _refuse(limit, send)
            return
        started = False

        async def counted_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.application(scope, _counting(receive, limit), counted_send)
        except _TooLarge:
            if not started:
                await _refuse(limit, send)


def _counting(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _TooLarge
        return message

    return counted


async def _refuse(limit: int, send: Send) -> None:
    body = problem(413, "too_large", f"body: larger than the limit of {limit} bytes.", remedy="Send less at once.")
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(body)})
