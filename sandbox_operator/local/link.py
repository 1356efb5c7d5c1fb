"""The daemon's end of a sandbox's channel, used before the claim alone: start-up, warming and probing."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

from sandbox_operator.agent import PROTOCOL_VERSION
from sandbox_operator.agent.frames import (
    HEADER,
    NONCE_BYTES,
    ChannelError,
    Counter,
    Frame,
    Kind,
    pack_json,
    parse_header,
)


class Link:
    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self._counter = Counter(os.urandom(NONCE_BYTES))

    async def greet(self) -> None:
        """Returns when the agent's kernel is ready. Raises ChannelError for another protocol version."""
        welcome = (await self.ask(Kind.HELLO, {"version": PROTOCOL_VERSION}, Kind.WELCOME)).json()
        if welcome.get("version") != PROTOCOL_VERSION:
            raise ChannelError(f"the image's agent speaks version {welcome.get('version')!r}")

    async def ask(self, kind: Kind, value: dict[str, Any], answer: Kind) -> Frame:
        payload = pack_json(value)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self.sock, self._counter.seal(kind, payload) + payload)
        header = parse_header(await self._exactly(HEADER.size))
        self._counter.check(header)
        frame = Frame(header.kind, await self._exactly(header.length))
        if frame.kind is not answer:
            raise ChannelError(f"{frame.kind.name} where {answer.name} was due")
        return frame

    async def _exactly(self, count: int) -> bytes:
        loop = asyncio.get_running_loop()
        parts = bytearray()
        while len(parts) < count:
            part = await loop.sock_recv(self.sock, count - len(parts))
            if not part:
                raise ChannelError("the channel ended")
            parts += part
        return bytes(parts)
