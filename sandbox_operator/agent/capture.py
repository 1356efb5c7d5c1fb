"""Keeps an execution's output within its limits at the source: head and tail, and the full text up to its own limit."""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from . import tables
from .frames import DATA_BYTES, Kind, pack_json
from .live import Live, Send, grouped, stream_frames

MAX_OUTPUTS = 2000  # displays and results; text is bounded by its bytes alone
MAX_ERRORS = 100
MAX_TRACEBACK = 64 << 10
MAX_TRACEBACK_LINES = 1000
MAX_EVALUE = 8 << 10
MAX_ENAME = 256
ERROR_ROOM = 192 << 10  # for tracebacks beyond the limit: the one that ends a cell is never without
TAIL_TURNS = 200
TAIL_BYTES = 4 << 10  # of one stream in a row, kept as one part


def utf8(text: str) -> bytes:
    """As the outer end will have it: it takes no NUL and no lone surrogate."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace")


def weight(value: object) -> int:
    """Bytes as the outer end counts them."""
    return len(utf8(json.dumps(value, ensure_ascii=False, separators=(",", ":"))))


class Capture:
    """Live output goes out as it comes until the head is full; then text goes to the full text and the tail alone."""

    def __init__(self, send: Send, output_bytes: int, text_bytes: int) -> None:
        self._send = send
        self._live = Live(send)
        self._tail_size = output_bytes // 4
        self._head_left = output_bytes - self._tail_size
        self._text_left = text_bytes
        self._text = bytearray()
        self._tail: deque[tuple[str, bytes]] = deque()
        self._tail_bytes = 0
        self._outputs = 0
        self._errors = 0
        self._error_room = ERROR_ROOM
        self._late_errors: list[bytes] = []
        self.cut = False  # some text is not among the outputs
        self.dropped = 0  # bytes of text that are in no output
        self.text_cut = False  # the full text is incomplete

    async def stream(self, name: str, text: str) -> None:
        raw = utf8(text)
        if not self.cut:
            head = raw if len(raw) <= self._head_left else utf8(raw[: self._head_left].decode("utf-8", "ignore"))
            self._head_left -= len(head)
            await self._live.text(name, head)
            raw = raw[len(head) :]
            if raw:
                # The text kept outside is that of the outputs and then the full text: neither may overtake the other.
                await self._live.flush()
                self.cut = True
        if raw:
            await self._full_text(raw)
            self._keep_tail(name, raw)

    async def rich(self, output: dict[str, Any]) -> None:
        """A display or a result; a table loses rows until it fits, others are replaced by a sentence that says so."""
        kinds = ", ".join(sorted(output["data"]))[:200]
        if self._outputs >= MAX_OUTPUTS:
            note = f"[an output ({kinds}) is left out: a cell shows {MAX_OUTPUTS:,} of them]\n"
            return await self.stream("stderr", note)
        raw = pack_json(tables.fitted(output, self._head_left))
        if len(raw) > self._head_left:
            note = f"[an output of {len(raw):,} bytes ({kinds}) is over the output limit]\n"
            return await self.stream("stderr", note)
        self._head_left -= len(raw)
        self._outputs += 1
        await self._live.output(raw)

    async def error(self, output: dict[str, Any]) -> None:
        """A traceback goes out, cut to its own size, whatever came before it; of a great many, the rest as text."""
        output |= {"ename": output["ename"][:MAX_ENAME], "evalue": output["evalue"][:MAX_EVALUE]}
        output["traceback"] = _last_lines(output["traceback"])
        size = weight(output)
        fits = not self.cut and size <= self._head_left
        if self._errors >= MAX_ERRORS or not (fits or size <= self._error_room):
            return await self.stream("stderr", "\n".join(output["traceback"]) + "\n")
        self._errors += 1
        if fits:
            self._head_left -= size
        else:
            self._error_room -= size
        if self.cut:
            self._late_errors.append(pack_json(output))
        else:
            await self._live.output(pack_json(output))

    async def finish(self) -> None:
        """Send what was kept back: the last of the text, the tail, and the tracebacks that come after it."""
        await self._live.flush()
        await self._send_text(self._text)
        if self._tail:
            await self._send(Kind.OUTPUT, pack_json({"output_type": "gap", "bytes": self.dropped}))
        for name, raw in grouped(self._tail, TAIL_TURNS):
            for payload in stream_frames(name, raw):
                await self._send(Kind.OUTPUT, payload)
        for payload in self._late_errors:
            await self._send(Kind.OUTPUT, payload)

    async def _full_text(self, raw: bytes) -> None:
        kept = raw[: self._text_left]
        self.text_cut |= len(kept) < len(raw)
        self._text_left -= len(kept)
        self._text += kept
        whole = len(self._text) - len(self._text) % DATA_BYTES
        if whole:
            out, self._text = self._text[:whole], self._text[whole:]
            await self._send_text(out)

    async def _send_text(self, text: bytearray) -> None:
        for start in range(0, len(text), DATA_BYTES):
            await self._send(Kind.TEXT, bytes(text[start : start + DATA_BYTES]))

    def _keep_tail(self, name: str, raw: bytes) -> None:
        kept = raw[-self._tail_size :]
        self.dropped += len(raw) - len(kept)
        if self._tail and self._tail[-1][0] == name and len(self._tail[-1][1]) < TAIL_BYTES:
            self._tail[-1] = (name, self._tail[-1][1] + kept)
        else:
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


def _last_lines(lines: list[str]) -> list[str]:
    kept: list[str] = []
    size = 0
    for line in reversed(lines):
        size += weight(line)
        if size > MAX_TRACEBACK or len(kept) == MAX_TRACEBACK_LINES:
            kept.append(line[:MAX_EVALUE] + " … (the traceback is cut here)")
            break
        kept.append(line)
    return kept[::-1]
