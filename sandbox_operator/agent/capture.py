"""Keeps an execution's output within its limits at the source: head and tail, and the full text up to its own limit."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from . import tables
from .frames import DATA_BYTES, Kind, pack_json

MAX_OUTPUTS = 2000
MAX_TRACEBACK = 64 << 10
MAX_EVALUE = 8 << 10

Send = Callable[[Kind, bytes], Awaitable[None]]


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def pieces(raw: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(raw), size):
        yield raw[start : start + size]


class Capture:
    """Live output goes out as it comes until the head is full; then text goes to the full text and the tail alone."""

    def __init__(self, send: Send, output_bytes: int, text_bytes: int) -> None:
        self._send = send
        self._tail_size = output_bytes // 4
        self._head_left = output_bytes - self._tail_size
        self._text_left = text_bytes
        self._tail: deque[tuple[str, bytes]] = deque()
        self._tail_bytes = 0
        self._outputs = 0
        self.cut = False  # some text is not among the outputs
        self.dropped = 0  # bytes of text that are in no output
        self.text_cut = False  # the full text is incomplete

    async def stream(self, name: str, text: str) -> None:
        raw = utf8(text)
        if not self.cut and (len(raw) > self._head_left or self._outputs >= MAX_OUTPUTS):
            head = raw[: self._head_left] if self._outputs < MAX_OUTPUTS else b""
            head = head.decode("utf-8", "ignore").encode()
            await self._live(name, head)
            raw = raw[len(head) :]
            self.cut = True
        if not self.cut:
            await self._live(name, raw)
            return
        await self._full_text(raw)
        self._keep_tail(name, raw)

    async def rich(self, output: dict[str, Any]) -> None:
        """A display or a result; a table loses rows until it fits, others are replaced by a sentence that says so."""
        raw = pack_json(tables.fitted(output, self._head_left))
        if len(raw) > self._head_left or self._outputs >= MAX_OUTPUTS:
            kinds = ", ".join(sorted(output["data"]))[:200]
            await self.stream("stderr", f"[an output of {len(raw):,} bytes ({kinds}) is over the output limit]\n")
            return
        self._head_left -= len(raw)
        self._outputs += 1
        await self._send(Kind.OUTPUT, raw)

    async def error(self, output: dict[str, Any]) -> None:
        """A traceback always goes out, cut to its own size, whatever came before it."""
        await self.finish_text()
        output["evalue"] = output["evalue"][:MAX_EVALUE]
        kept, size = [], 0
        for line in reversed(output["traceback"]):
            size += len(utf8(line))
            if size > MAX_TRACEBACK:
                kept.append(line[:MAX_EVALUE] + " … (the traceback is cut here)")
                break
            kept.append(line)
        output["traceback"] = kept[::-1]
        await self._send(Kind.OUTPUT, pack_json(output))

    async def finish_text(self) -> None:
        """Send the tail that was kept."""
        tail, self._tail = self._tail, deque()
        self._tail_bytes = 0
        if tail:
            await self._send(Kind.OUTPUT, pack_json({"output_type": "gap", "bytes": self.dropped}))
        merged: list[tuple[str, bytes]] = []
        for name, raw in tail:
            if merged and merged[-1][0] == name:
                merged[-1] = (name, merged[-1][1] + raw)
            else:
                merged.append((name, raw))
        for name, raw in merged[-200:]:
            await self._output(name, raw)

    async def _live(self, name: str, raw: bytes) -> None:
        self._head_left -= len(raw)
        if raw:
            self._outputs += 1
            await self._output(name, raw)

    async def _output(self, name: str, raw: bytes) -> None:
        text = raw.decode("utf-8", "ignore")
        await self._send(Kind.OUTPUT, pack_json({"output_type": "stream", "name": name, "text": text}))

    async def _full_text(self, raw: bytes) -> None:
        kept = raw[: self._text_left]
        self.text_cut |= len(kept) < len(raw)
        self._text_left -= len(kept)
        for piece in pieces(kept, DATA_BYTES):
            await self._send(Kind.TEXT, piece)

    def _keep_tail(self, name: str, raw: bytes) -> None:
        kept = raw[-self._tail_size :]
        self.dropped += len(raw) - len(kept)
        self._tail.append((name, kept))
        self._tail_bytes += len(kept)
        while self._tail_bytes > self._tail_size:
            oldest_name, oldest = self._tail.popleft()
            over = self._tail_bytes - self._tail_size
            rest = oldest[over:]
            if rest:
                self._tail.appendleft((oldest_name, rest))
            self._tail_bytes -= len(oldest) - len(rest)
            self.dropped += len(oldest) - len(rest)
