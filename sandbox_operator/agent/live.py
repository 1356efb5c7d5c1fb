"""Live text on its way out: what is printed in a row leaves in one frame, soon, and in a bounded number of frames."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator

from .frames import Kind, pack_json

PIECE_BYTES = 64 << 10  # what is kept back for a moment
FRAME_CHARS = 256 << 10  # escaped, they are far from the largest frame
# Changes between the streams that are kept exactly; after them, only from one frame's moment to the next.
TURNS = 2000

Send = Callable[[Kind, bytes], Awaitable[None]]


def pause(frames: int) -> float:
    """Seconds between two frames of text, after so many of them.

    Live for whoever watches, and the slower the more there were: however long a cell prints, it stays below the number
    of frames at which the outer end gives the sandbox up.
    """
    return 0.05 if frames < 2000 else 0.1 * 2.0 ** min(60, max(0, (frames - 5500) // 500))


def stream_frames(name: str, raw: bytes) -> Iterator[bytes]:
    text = raw.decode("utf-8", "ignore")
    for start in range(0, len(text), FRAME_CHARS):
        yield pack_json({"output_type": "stream", "name": name, "text": text[start : start + FRAME_CHARS]})


def grouped(parts: Iterable[tuple[str, bytes]], turns: int) -> list[tuple[str, bytes]]:
    """Neighbours of one stream together; of more than `turns` changes the last are kept, and what was before them is
    sorted by stream, so that all of it is there."""
    merged: list[tuple[str, bytearray]] = []
    for name, raw in parts:
        if merged and merged[-1][0] == name:
            merged[-1][1].extend(raw)
        else:
            merged.append((name, bytearray(raw)))
    early, late = merged[: max(0, len(merged) - turns)], merged[-turns:]
    by_stream: dict[str, bytearray] = {}
    for name, part in early:
        by_stream.setdefault(name, bytearray()).extend(part)
    return [(name, bytes(part)) for name, part in [*by_stream.items(), *late]]


class Live:
    """Text goes out at once after a silence, else with what follows it, a moment later."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._sending = asyncio.Lock()
        self._parts: list[tuple[str, bytearray]] = []
        self._bytes = 0
        self._turns = 0
        self._frames = 0
        self._due = 0.0
        self._timer: asyncio.Task[None] | None = None

    async def text(self, name: str, raw: bytes) -> None:
        """Take text, and send it when its moment has come."""
        if not raw:
            return
        async with self._sending:
            self._part(name).extend(raw)
            self._bytes += len(raw)
            wait = self._due - asyncio.get_running_loop().time()
            if self._bytes >= PIECE_BYTES or wait <= 0:
                await self._flush()
            elif self._timer is None:
                self._timer = asyncio.create_task(self._later())

    async def output(self, payload: bytes) -> None:
        """Send something else, after all text that came before it."""
        async with self._sending:
            await self._flush()
            await self._send(Kind.OUTPUT, payload)

    async def flush(self) -> None:
        """Send what was kept back."""
        async with self._sending:
            await self._flush()

    async def _later(self) -> None:
        # A send that fails here means that the channel is gone: who reads it sees the same and ends the agent.
        clock = asyncio.get_running_loop().time
        while self._timer:
            await asyncio.sleep(self._due - clock())
            async with self._sending:
                # On a busy machine this wakes late, after other text went out: the next has a moment of its own.
                if clock() >= self._due:
                    self._timer = None
                    await self._flush()

    def _part(self, name: str) -> bytearray:
        if self._parts and self._parts[-1][0] == name:
            return self._parts[-1][1]
        if self._parts:
            self._turns += 1
            if self._turns > TURNS:
                for known, part in reversed(self._parts):
                    if known == name:
                        return part
        self._parts.append((name, bytearray()))
        return self._parts[-1][1]

    async def _flush(self) -> None:
        parts, self._parts, self._bytes = self._parts, [], 0
        for name, part in parts:
            for payload in stream_frames(name, bytes(part)):
                self._frames += 1
                await self._send(Kind.OUTPUT, payload)
        if parts:
            self._due = asyncio.get_running_loop().time() + pause(self._frames)
