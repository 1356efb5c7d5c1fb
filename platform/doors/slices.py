"""A long body in slices, each a request of its own: authorised by itself, held in memory, acknowledged before the next.

Django's ASGI handler takes in a whole body, on disk where it is large, before it asks who sends it. Whoever adds to a
resumable upload (tus 1.0, `PATCH` with an offset) may send gigabytes in one body, and must find what arrived when the
connection breaks.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

type Message = MutableMapping[str, Any]
type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Any, Any, Any], Awaitable[None]]

CONTENT_TYPE = "application/offset+octet-stream"
# Django keeps a body of so many bytes in memory (FILE_UPLOAD_MAX_MEMORY_SIZE), and writes a larger one to a file.
SLICE = 4 * 1024**2
NUMBER = "bailiwick.slice"
_REWRITTEN = frozenset({b"content-length", b"transfer-encoding", b"upload-offset"})


def is_sliced(scope: Scope) -> bool:
    """Whether a request's body is handed on in slices."""
    given = dict(scope["headers"]).get(b"content-type", b"")
    return scope.get("method") == "PATCH" and given.partition(b";")[0].strip().lower() == CONTENT_TYPE.encode()


class _Body:
    """What comes in, cut to slices. A client that goes away ends it: what it sent counts."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._waiting = bytearray()
        self.ended = False

    async def slice(self) -> bytes:
        while not self.ended and len(self._waiting) < SLICE:
            message = await self._receive()
            self._waiting += message.get("body", b"")
            self.ended = message["type"] != "http.request" or not message.get("more_body", False)
        content = bytes(self._waiting[:SLICE])
        del self._waiting[:SLICE]
        return content

    @property
    def empty(self) -> bool:
        """Whether nothing more will come."""
        return self.ended and not self._waiting


class _Answer:
    """The application's answer to one slice, kept until it is known whether it is the last."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def take(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def accepted(self) -> bool:
        return bool(self.messages) and self.messages[0]["status"] == 204


async def pass_on(application: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Hand a body on, slice by slice while each is accepted; the last answer is the answer."""
    given = dict(scope["headers"]).get(b"upload-offset", b"")
    body = _Body(receive)
    content = await body.slice()
    answer = await _ask(application, _one(scope, content, given, 0), content)
    taken, number = len(content), 1
    while answer.accepted and (content := await body.slice()):
        offset = str(int(given) + taken).encode()
        answer = await _ask(application, _one(scope, content, offset, number), content)
        taken, number = taken + len(content), number + 1
    if not body.empty:
        # Nobody reads the rest of what comes.
        answer.messages[0]["headers"] = [*answer.messages[0]["headers"], (b"connection", b"close")]
    for message in answer.messages:
        await send(message)


def _one(scope: Scope, content: bytes, offset: bytes, number: int) -> Scope:
    kept = [(name, value) for name, value in scope["headers"] if name not in _REWRITTEN]
    own = [(b"content-length", str(len(content)).encode()), (b"upload-offset", offset)]
    return {**scope, "headers": [*kept, *own], NUMBER: number}


async def _ask(application: Application, scope: Scope, content: bytes) -> _Answer:
    answer = _Answer()
    messages: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive() -> Message:
        # That the client went away shows in the body, and never undoes a slice that came whole.
        return messages.pop() if messages else await asyncio.Future()

    await application(scope, receive, answer.take)
    return answer
