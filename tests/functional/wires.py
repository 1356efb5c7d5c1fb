"""Between a browser and the world: a wire that can be cut, and an address that nobody may ask."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Self

CHUNK = 1 << 16


class Wire:
    """A relay of bytes to the control plane, for a browser that takes it for its proxy: cut, it drops what flows."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._whole = True

    @property
    def address(self) -> str:
        """Where the browser connects to."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._drop()

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Every connection breaks at once, in the middle of whatever it carries, and none comes about."""
        self._whole = False
        self._drop()
        try:
            yield
        finally:
            self._whole = True

    def _drop(self) -> None:
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._whole:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._port))
                with self._lock:
                    self._ends |= {near, far}
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while chunk := one.recv(CHUNK):
                other.sendall(chunk)
            other.shutdown(socket.SHUT_WR)


class Lure:
    """An address outside of the console's origin. What reaches it got out of a page."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.forget()

    def forget(self) -> None:
        """Nobody has come yet."""
        # A connection alone is not a question: a hint opens one, and so does a frame before its policy is looked at.
        self.opened = 0
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        """To be named in payloads."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                self.opened += 1
                with closing(caller), suppress(OSError):
                    caller.settimeout(2)
                    if said := caller.recv(CHUNK):
                        self.asked.append(said.decode(errors="replace").partition("\r\n")[0])
                    caller.sendall(
                        b"HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n"
                    )
