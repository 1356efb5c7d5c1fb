"""A limit on bodies that holds before a byte of them is kept: Django's own ASGI handler spools the whole body first."""

from collections.abc import MutableMapping
from typing import Any

import orjson

from doors.problems import CONTENT_TYPE, problem
from doors.slices import Application, Message, Receive, Send, is_sliced, pass_on


class _TooLarge(Exception):
    """More came than is taken."""


class BodyLimit:
    """ASGI middleware: 413 `too_large` at once by the announced length, else by the counted one.

    The pieces of resumable uploads are handed on in slices.
    """

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
        sliced = is_sliced(scope)
        limit = self.upload_max if sliced or scope["path"] in self.upload_paths else self.body_max
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
            if sliced:
                await pass_on(self.application, scope, _counting(receive, limit), counted_send)
            else:
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
