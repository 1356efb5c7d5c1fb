"""The outer end of a sandbox's channel: blocking, with a deadline on every wait. Believes nothing."""

from __future__ import annotations

import os
import select
import socket
import threading
import time
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
from sandbox_operator.errors import Fenced, OperatorError, SessionBusy

GREETING_SECONDS = 10.0


class ChannelEnded(ChannelError):
    """The other end is gone; `ended` in its message lets the backend wait for the sandbox's own end to say why."""


class OuterChannel:
    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._sending = threading.Lock()
        self._counter = Counter(os.urandom(NONCE_BYTES))

    def greet(self, told: dict[str, Any]) -> None:
        """Start a session, telling what the agent has to know.

        Raises ChannelError when there are bytes that nobody asked for, or another version; SessionBusy or Fenced when
        the agent keeps to another session.
        """
        if self._ready(select.POLLIN, 0) and self._peek():
            raise ChannelError("the sandbox spoke before it was asked")
        self.send(Kind.HELLO, pack_json({"version": PROTOCOL_VERSION, **told}))
        frame = self.receive(GREETING_SECONDS)
        if frame.kind is Kind.REFUSED:
            raise _turned_away(frame)
        if frame.kind is not Kind.WELCOME or frame.json().get("version") != PROTOCOL_VERSION:
            raise ChannelError("the agent does not welcome this version")

    def ask(self, kind: Kind, value: dict[str, Any], answer: Kind, timeout: float) -> Frame:
        """Say one thing and hear what was due. Raises ChannelError or TimeoutError."""
        self.send(kind, pack_json(value))
        frame = self.receive(timeout)
        if frame.kind is not answer:
            raise ChannelError(f"{frame.kind.name} where {answer.name} was due")
        return frame

    def send(self, kind: Kind, payload: bytes = b"", stall: float = 30.0) -> None:
        """Raises ChannelError when the other end takes nothing for `stall` seconds."""
        with self._sending:
            view = memoryview(self._counter.seal(kind, payload) + payload)
            while view:
                try:
                    view = view[self._sock.send(view) :]
                except BlockingIOError:
                    if not self._ready(select.POLLOUT, stall):
                        raise ChannelError(f"the sandbox took nothing for {stall} s") from None
                except OSError as error:
                    raise ChannelEnded(f"the channel ended: {error}") from error

    def receive(self, timeout: float) -> Frame:
        """The next frame, whole within `timeout`. Raises TimeoutError before its first byte, or ChannelError."""
        deadline = time.monotonic() + timeout
        header = parse_header(self._exactly(HEADER.size, deadline, fresh=True))
        self._counter.check(header)
        return Frame(header.kind, self._exactly(header.length, max(deadline, time.monotonic() + 10.0), fresh=False))

    def close(self) -> None:
        self._sock.close()

    def _exactly(self, count: int, deadline: float, fresh: bool) -> bytes:
        buffer = bytearray(count)
        view = memoryview(buffer)
        got = 0
        while got < count:
            try:
                read = self._sock.recv_into(view[got:])
            except BlockingIOError:
                self._wait(deadline, quiet=fresh and not got)
                continue
            except OSError as error:
                raise ChannelEnded(f"the channel ended: {error}") from error
            if not read:
                raise ChannelEnded("the channel ended")
            got += read
        return bytes(buffer)

    def _wait(self, deadline: float, quiet: bool) -> None:
        left = deadline - time.monotonic()
        if left > 0 and self._ready(select.POLLIN, left):
            return
        if quiet:
            raise TimeoutError
        raise ChannelError("a frame stopped half way")

    def _ready(self, events: int, seconds: float) -> bool:
        poll = select.poll()  # select() cannot watch descriptors above 1023
        poll.register(self._sock, events)
        return bool(poll.poll(seconds * 1000))

    def _peek(self) -> bytes:
        try:
            return self._sock.recv(1, socket.MSG_PEEK)
        except OSError as error:
            raise ChannelEnded(f"the channel ended: {error}") from error


def _turned_away(frame: Frame) -> OperatorError:
    kinds: dict[object, type[OperatorError]] = {"busy": SessionBusy, "fenced": Fenced}
    code = frame.json().get("code")
    if not isinstance(code, str) or code not in kinds:
        raise ChannelError("a refusal of no known kind")
    return kinds[code]("the sandbox keeps to another session")
