"""The agent's end of the channel: asyncio over the one socket that it was started with."""

from __future__ import annotations

import asyncio
import socket

from .frames import HEADER, ChannelError, Counter, Frame, Kind, pack_json, parse_header


class Channel:
    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._loop = asyncio.get_running_loop()
        self._counter = Counter(bytes(8))
        self._sending = asyncio.Lock()

    async def receive(self) -> Frame:
        """The next frame. HELLO starts a new session. Raises ChannelError, or EOFError at the end."""
        header = parse_header(await self._exactly(HEADER.size))
        if header.kind is Kind.HELLO:
            self._counter = Counter(header.nonce)
        self._counter.check(header)
        return Frame(header.kind, await self._exactly(header.length))

    async def send(self, kind: Kind, payload: bytes = b"") -> None:
        """A frame that was begun goes out whole, whatever becomes of who sends it: half of one ends the session."""
        await asyncio.shield(self._send(kind, payload))

    async def _send(self, kind: Kind, payload: bytes) -> None:
        async with self._sending:
            await self._loop.sock_sendall(self._sock, self._counter.seal(kind, payload) + payload)

    async def send_json(self, kind: Kind, value: object) -> None:
        await self.send(kind, pack_json(value))

    async def refuse(self, code: str, message: str) -> None:
        await self.send_json(Kind.REFUSED, {"code": code, "message": message[:2000]})

    async def _exactly(self, count: int) -> bytes:
        buffer = bytearray(count)
        view = memoryview(buffer)
        while view:
            got = await self._loop.sock_recv_into(self._sock, view)
            if not got:
                raise EOFError
            view = view[got:]
        return bytes(buffer)


__all__ = ["Channel", "ChannelError"]
