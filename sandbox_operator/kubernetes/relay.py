"""A sandbox's channel over the network: an exec of one fixed program, its streams pumped to a socket of ours.

Unlike attach, nothing that an exec carries lands in a node's logs. In the protocol `v4.channel.k8s.io` the first byte
of each message names a stream.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from sandbox_operator.kubernetes.cluster import ExecRequest

PROTOCOL = Subprotocol("v4.channel.k8s.io")
STDIN, STDOUT, STDERR, STATUS = range(4)
CHUNK_BYTES = 1 << 18
OPEN_SECONDS = 15.0
CLOSE_SECONDS = 1.0
# Pings keep a load balancer from dropping an idle connection, and show whether the other end still takes what is sent.
# Their answers prove nothing: they wait behind output that nobody has read yet.
PING_SECONDS = 20.0
DEAD_MILLISECONDS = 30_000

log = logging.getLogger("bailiwick.sandboxes")


class RelayFailed(Exception):
    """The channel could not be opened; nothing was sent."""


class Relay:
    """One open channel. Its end is the end of what runs in the pod, of the connection, or `close`."""

    def __init__(self, ours: socket.socket, pump: asyncio.Task[None], loop: asyncio.AbstractEventLoop) -> None:
        self._ours = ours
        self._pump = pump
        self._loop = loop

    @property
    def alive(self) -> bool:
        return not self._pump.done()

    def end(self) -> socket.socket:
        """A descriptor of its own for one session; closing it leaves the channel open."""
        return self._ours.dup()

    def close(self) -> None:
        """Whoever uses the channel sees its end at once."""
        with suppress(OSError):
            self._ours.shutdown(socket.SHUT_RDWR)
        self._ours.close()
        with suppress(RuntimeError):  # the loop is gone with its process
            self._loop.call_soon_threadsafe(self._pump.cancel)


class Relays:
    """Opens channels. One thread moves the bytes of all of them; it starts with the first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self, request: ExecRequest, timeout: float = OPEN_SECONDS) -> Relay:
        """Raises RelayFailed."""
        work = self._open(request, timeout)
        try:
            return asyncio.run_coroutine_threadsafe(work, self._running()).result(timeout + CLOSE_SECONDS)
        except (OSError, TimeoutError, WebSocketException, asyncio.CancelledError) as error:
            raise RelayFailed(f"the channel to a sandbox does not open: {error!r}") from error

    async def _open(self, request: ExecRequest, timeout: float) -> Relay:
        connection = await connect(
            request.url,
            additional_headers=request.headers,
            subprotocols=[PROTOCOL],
            ssl=request.context,
            compression=None,
            proxy=None,
            max_size=None,
            open_timeout=timeout,
            close_timeout=CLOSE_SECONDS,
            ping_interval=PING_SECONDS,
            ping_timeout=None,
        )
        plain: socket.socket = connection.transport.get_extra_info("socket")
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_MILLISECONDS)
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        loop = asyncio.get_running_loop()
        pump = loop.create_task(_pump(connection, theirs))
        await asyncio.sleep(0)  # a task that is cancelled before its first step closes nothing
        return Relay(ours, pump, loop)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="sandbox-channels", daemon=True).start()
            return self._loop


async def _pump(connection: ClientConnection, inner: socket.socket) -> None:
    """Until either side ends; then both."""
    ways = [asyncio.ensure_future(way) for way in (_inwards(inner, connection), _outwards(connection, inner))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # It may be told to end a second time while it does.
        with suppress(asyncio.CancelledError):
            await _stop(ways)
        inner.close()
        with suppress(OSError, WebSocketException, asyncio.CancelledError):
            await connection.close()


async def _stop(ways: Sequence[asyncio.Future[None]]) -> None:
    for way in ways:
        way.cancel()
    for outcome in await asyncio.gather(*ways, return_exceptions=True):
        if outcome is not None and not isinstance(outcome, (OSError, WebSocketException, asyncio.CancelledError)):
            log.error("a channel ended by a fault of ours: %r", outcome)


async def _inwards(inner: socket.socket, connection: ClientConnection) -> None:
    loop, stdin = asyncio.get_running_loop(), bytes([STDIN])
    while raw := await loop.sock_recv(inner, CHUNK_BYTES):
        await connection.send(stdin + raw)


async def _outwards(connection: ClientConnection, inner: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    async for message in connection:
        if not isinstance(message, bytes) or not message:
            return
        if message[0] == STDOUT:
            await loop.sock_sendall(inner, memoryview(message)[1:])
        elif message[0] in (STDERR, STATUS):
            log.info("a channel's program says: %s", ascii(message[1:301].decode("utf-8", "replace")))
            if message[0] == STATUS:
                return
