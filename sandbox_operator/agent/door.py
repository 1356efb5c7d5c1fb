"""Where there is no channel to inherit: a Unix socket that serves one session at a time.

Whoever runs code in the sandbox can connect, too. That keeps the platform out or ends the sandbox, which such code can
do anyway, and gains nothing: outside nothing is believed.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
from typing import NoReturn

from .channel import Channel
from .frames import ChannelError, Frame, Kind
from .serving import Agent

# A worker opens a channel to a warm sandbox before it has claimed it, and says nothing until then.
HELLO_SECONDS = 300.0


async def listen(agent: Agent, path: str) -> NoReturn:
    """Get warm, then let in whoever says hello. The socket is there when a session can begin."""
    await agent.start()
    await agent.warm()
    fall_silent()
    with suppress(FileNotFoundError):
        os.unlink(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as listener:
        listener.bind(path)
        os.chmod(path, 0o600)
        listener.listen(8)
        door = Door(agent)
        guests: set[asyncio.Task[None]] = set()
        while True:
            sock, _ = await asyncio.get_running_loop().sock_accept(listener)
            guests.add(task := asyncio.create_task(door.admit(sock)))
            task.add_done_callback(guests.discard)


def fall_silent() -> None:
    """Leave the container's streams, which its node writes to disk, before there is any code that could find them."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)


class Door:
    """An idle session gives way to the next; one in the middle of something does not, and an older one is refused."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._session: asyncio.Task[None] | None = None

    async def admit(self, sock: socket.socket) -> None:
        """Hear one hello and begin its session, or refuse it. What says anything else is cut off alone."""
        channel = Channel(sock)
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                hello = await channel.receive()
                if hello.kind is not Kind.HELLO:
                    raise ChannelError(f"{hello.kind.name} where a hello was due")
                if objection := self._agent.objection(hello.json()):
                    await channel.refuse(*objection)
                    return sock.close()
        except (ChannelError, EOFError, OSError, TimeoutError, TypeError):
            return sock.close()
        before, self._session = self._session, asyncio.create_task(self._serve(channel, hello, sock))
        if before is not None:
            before.cancel()

    async def _serve(self, channel: Channel, hello: Frame, sock: socket.socket) -> None:
        """Whoever leaves between two requests may come back; who leaves within one, or lies, ends the sandbox."""
        try:
            await self._agent.serve(channel, hello)
        except EOFError:
            if self._agent.busy:
                _end()
        except Exception:
            _end()
        finally:
            sock.close()


def _end() -> NoReturn:
    os._exit(70)
