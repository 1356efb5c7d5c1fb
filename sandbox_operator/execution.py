"""One cell's run as seen from outside: its events, its limits, its deadline."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from typing import Any, BinaryIO, Literal

from sandbox_operator import outputs
from sandbox_operator.agent.frames import DATA_BYTES, ChannelError, Kind, pack_json
from sandbox_operator.errors import RequestRefused
from sandbox_operator.outer_channel import OuterChannel
from sandbox_operator.protocol import Done, Event, ExecuteRequest, OutputEvent, Usage

Status = Literal["ok", "error", "interrupted", "timed_out"]

SPOOL_MEMORY = 1 << 20
SLACK_BYTES = 256 << 10  # a traceback goes out even when the output limit is reached, and so does the note on a gap
MAX_FRAMES = 20_000  # what is printed comes gathered: see agent/live.py
INTERRUPTED = frozenset({"KeyboardInterrupt", "CancelledError"})  # the second where the cell awaited something
KILL_SECONDS = 2.0  # the backend ends the sandbox half a second after its limit; this is for when it does not


class Execution:
    def __init__(self, request: ExecuteRequest, channel: OuterChannel) -> None:
        self._request = request
        self._channel = channel
        self._text: BinaryIO = tempfile.SpooledTemporaryFile(SPOOL_MEMORY)  # type: ignore[assignment]  # noqa: SIM115  the caller closes it
        self._kept = False
        self._text_bytes = 0
        self._text_cut = False
        self._beyond = 0  # text that came for the full text alone
        self._shown = 0
        self._frames = 0
        self._interrupting = threading.Lock()
        self._over = False
        self._cause: Literal["interrupted", "timed_out"] | None = None
        self._answer: dict[str, Any] = {}
        self._status: Status = "error"
        self._count: int | None = None

    def events(self) -> Iterator[Event]:
        """Yields outputs until the cell has ended. Raises ChannelError, TimeoutError or RequestRefused."""
        request = self._request
        ask = {
            "language": request.language,
            "code": request.code,
            "output_bytes": request.output_bytes,
            "text_bytes": request.output_artifact_bytes,
        }
        started = time.monotonic()
        self._channel.send(Kind.EXECUTE, pack_json(ask))
        while True:
            frame = self._next(started + request.wall_seconds)
            if frame.kind is Kind.OUTPUT:
                yield from self._output(frame.json())
            elif frame.kind is Kind.TEXT:
                self._beyond += len(frame.payload)
                self._keep(frame.payload)
            elif frame.kind is Kind.DONE:
                with self._interrupting:
                    self._over = True
                self._answer = frame.json()
                self._status = self._judge(self._answer)
                self._count = outputs.count(self._answer.get("execution_count"))
                return
            else:
                self._refused(frame.kind, frame.json())
            self._check_limits()

    def interrupt(self, cause: Literal["interrupted", "timed_out"] = "interrupted") -> None:
        """Safe from any thread; does nothing once the cell has ended."""
        with self._interrupting:
            if not self._over:
                self._cause = self._cause or cause
                self._channel.send(Kind.INTERRUPT)

    def done(self, usage: Usage) -> Done:
        answer = self._answer
        truncated = answer.get("truncated") is True
        text: BinaryIO | None = None
        if truncated and self._request.output_artifact_bytes:
            text, self._kept = self._text, True
            text.seek(0)
        return Done(
            status=self._status,
            usage=usage,
            truncated=truncated,
            full_text=text,
            full_text_bytes=self._text_bytes if truncated else 0,
            full_text_cut=truncated and (self._text_cut or answer.get("text_cut") is True),
            execution_count=self._count,
        )

    def discard(self) -> None:
        if not self._kept:
            self._text.close()

    def _next(self, deadline: float) -> Any:
        left = deadline - time.monotonic()
        if self._cause != "timed_out" and left <= 0:
            self.interrupt("timed_out")
        if self._cause != "timed_out":
            try:
                return self._channel.receive(left)
            except TimeoutError:
                self.interrupt("timed_out")
        return self._channel.receive(max(0.0, deadline + KILL_SECONDS - time.monotonic()))

    def _output(self, value: dict[str, Any]) -> Iterator[Event]:
        if value.get("output_type") == "gap":
            missing = value.get("bytes")
            text = f"\n[… {missing:,} bytes of output are left out here …]\n" if isinstance(missing, int) else "\n[…]\n"
            yield OutputEvent({"output_type": "stream", "name": "stderr", "text": text})
            return
        output = outputs.rebuild(value)
        self._shown += outputs.size_of(output)
        if output["output_type"] == "stream" and not self._beyond:
            self._keep(output["text"].encode())
        yield OutputEvent(output)

    def _keep(self, raw: bytes) -> None:
        kept = raw[: max(0, self._request.output_artifact_bytes - self._text_bytes)]
        self._text_cut |= len(kept) < len(raw)
        self._text_bytes += len(kept)
        self._text.write(kept)

    def _check_limits(self) -> None:
        self._frames += 1
        if self._shown > self._request.output_bytes + SLACK_BYTES:
            raise ChannelError("more output than its limit")
        if self._beyond > self._request.output_artifact_bytes:
            raise ChannelError("more text than its limit")
        if self._frames > MAX_FRAMES + self._request.output_artifact_bytes // DATA_BYTES:
            raise ChannelError("more frames than output could need")

    def _judge(self, answer: dict[str, Any]) -> Status:
        status = answer.get("status")
        if status not in ("ok", "error", "aborted"):
            raise ChannelError("an execution that ended in no known way")
        if self._cause == "timed_out":  # however it took the interrupt, it was over its limit
            return "timed_out"
        if status == "ok":
            return "ok"
        return "interrupted" if self._cause and answer.get("ename") in INTERRUPTED else "error"

    def _refused(self, kind: Kind, value: dict[str, Any]) -> None:
        if kind is Kind.REFUSED and value.get("code") == "unknown_language":
            raise RequestRefused("unknown_language", f"the image has no language {self._request.language!r}")
        raise ChannelError(f"{kind.name} in the middle of an execution")
