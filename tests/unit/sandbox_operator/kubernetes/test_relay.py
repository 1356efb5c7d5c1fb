"""The channel's pump against a real WebSocket server that plays the API server's part."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve

from sandbox_operator.kubernetes.cluster import ExecRequest
from sandbox_operator.kubernetes.relay import PROTOCOL, Relay, RelayFailed, Relays

Play = Callable[[ServerConnection], Awaitable[None]]


@contextmanager
def serving(play: Play) -> Iterator[ExecRequest]:
    loop = asyncio.new_event_loop()
    ready: list[int] = []
    up, done = threading.Event(), asyncio.Event()

    async def main() -> None:
        async with serve(play, "127.0.0.1", 0, subprotocols=[PROTOCOL], max_size=None) as server:
            ready.append(next(iter(server.sockets)).getsockname()[1])
            up.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    assert up.wait(10)
    yield ExecRequest(f"ws://127.0.0.1:{ready[0]}/exec", {"authorization": "Bearer x"}, None)
    loop.call_soon_threadsafe(done.set)
    thread.join(10)
    loop.close()


@contextmanager
def opened(play: Play) -> Iterator[tuple[Relay, socket.socket]]:
    with serving(play) as request:
        relay = Relays().open(request)
        with relay.end() as end:
            end.settimeout(10)
            yield relay, end
        relay.close()


def everything(end: socket.socket) -> bytes:
    return b"".join(iter(lambda: end.recv(1 << 16), b""))


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        assert isinstance(message, bytes) and message[0] == 0
        await connection.send(b"\x01" + message[1:])


def test_bytes_go_in_by_one_stream_and_come_out_by_another() -> None:
    with opened(echo) as (relay, end):
        sent = bytes(range(256)) * 20_000
        threading.Thread(target=end.sendall, args=(sent,)).start()
        got = bytearray()
        while len(got) < len(sent):
            got += end.recv(1 << 16)
        assert got == sent and relay.alive


def test_what_the_program_complains_of_is_no_part_of_the_channel() -> None:
    async def complain(connection: ServerConnection) -> None:
        await connection.send(b"\x02socat: error")
        await connection.send(b"\x01yes")
        await connection.send(b"\x01")
        await connection.wait_closed()

    with opened(complain) as (_, end):
        assert end.recv(100) == b"yes"


@pytest.mark.parametrize(
    "last",
    [b'\x03{"status":"Success"}', b'\x03{"status":"Failure"}', "text", b""],
    ids=["end", "failure", "text", "empty"],
)
def test_the_programs_end_is_the_channels(last: bytes | str) -> None:
    async def leave(connection: ServerConnection) -> None:
        await connection.send(b"\x01rest")
        await connection.send(last)
        await connection.wait_closed()

    with opened(leave) as (relay, end):
        assert everything(end) == b"rest"
        for _ in range(100):
            if not relay.alive:
                break
            threading.Event().wait(0.02)
        assert not relay.alive


def test_a_connection_that_breaks_is_the_channels_end() -> None:
    async def breaks(connection: ServerConnection) -> None:
        await connection.send(b"\x01half")
        connection.transport.abort()

    with opened(breaks) as (_, end):
        assert everything(end) in (b"half", b"")


def test_closing_it_is_seen_at_once_on_every_end_of_it() -> None:
    with opened(echo) as (relay, end):
        relay.close()
        assert everything(end) == b""


def test_a_session_that_closes_its_end_leaves_the_channel_open() -> None:
    with opened(echo) as (relay, end):
        with relay.end() as other:
            other.sendall(b"x")
        assert end.recv(10) == b"x" and relay.alive


def test_a_refused_channel_is_a_failure_that_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with pytest.raises(RelayFailed):
        Relays().open(ExecRequest(f"ws://127.0.0.1:{port}/", {}, None), timeout=2)
