"""A worker's connection to the daemon: one question, one answer."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

from sandbox_operator.errors import BackendUnavailable
from sandbox_operator.local import wire
from sandbox_operator.spec import Limits

CONNECT_SECONDS = 5.0


class Control:
    """Thread-safe; every failure to speak is BackendUnavailable."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._buffer = bytearray()
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._sock.settimeout(CONNECT_SECONDS)
        try:
            self._sock.connect(str(path))
        except OSError as error:
            self._sock.close()
            raise BackendUnavailable(f"the sandbox daemon does not answer at {path}: {error.strerror}") from error

    def ask(self, op: str, *, wait: float = 15.0, **fields: Any) -> Any:
        """The daemon's answer. Raises what it answered, or BackendUnavailable."""
        with self._lock:
            self._send(op, fields, wait)
            return self._answer()

    def open(self, handle: str, epoch: int) -> tuple[socket.socket, Limits]:
        """The channel of one sandbox and its limits; this connection is its session from now on."""
        with self._lock:
            self._send("open", {"handle": handle, "epoch": epoch}, 15.0)
            try:
                data, descriptors, _, _ = socket.recv_fds(self._sock, 1, 1)
            except OSError as error:
                raise BackendUnavailable(f"the sandbox daemon went away: {error}") from error
            if not descriptors:
                self._buffer += data
                self._answer()
                raise BackendUnavailable("the sandbox daemon sent no channel")
            channel = socket.socket(fileno=descriptors[0])
            channel.set_inheritable(False)
            try:
                return channel, Limits(**self._answer())
            except BaseException:
                channel.close()
                raise

    def close(self) -> None:
        self._sock.close()

    def _send(self, op: str, fields: dict[str, Any], timeout: float) -> None:
        try:
            self._sock.settimeout(timeout)
            self._sock.sendall(wire.pack({"op": op, **fields}))
        except OSError as error:
            raise BackendUnavailable(f"the sandbox daemon went away: {error}") from error

    def _answer(self) -> Any:
        try:
            while (end := self._buffer.find(b"\n")) < 0:
                part = self._sock.recv(1 << 16)
                if not part:
                    raise BackendUnavailable("the sandbox daemon went away")
                self._buffer += part
            answer = wire.unpack(bytes(self._buffer[:end]))
        except (OSError, ValueError) as error:
            raise BackendUnavailable(f"the sandbox daemon does not answer: {error}") from error
        del self._buffer[: end + 1]
        if "error" in answer:
            raise wire.unpack_error(answer["error"])
        return answer["ok"]
