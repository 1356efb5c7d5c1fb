"""A session over a framed channel, the same for every backend: it checks all that comes in and ends what lies."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, NoReturn, Protocol, Self

from sandbox_operator import outputs
from sandbox_operator.agent.frames import DATA_BYTES, ChannelError, Frame, Kind, pack_json
from sandbox_operator.agent.names import name_fault
from sandbox_operator.errors import Fate, Fenced, OperatorError, RequestRefused, SandboxLost, SessionBusy
from sandbox_operator.execution import Execution
from sandbox_operator.listing import make_listing, size_in
from sandbox_operator.outer_channel import OuterChannel
from sandbox_operator.protocol import ArtifactList, Event, ExecuteRequest, Usage
from sandbox_operator.spec import Limits

STALL_SECONDS = 30.0
MAX_REFUSAL = 500
REFUSALS = frozenset(
    ["bad_name", "disk_full", "file_error", "artifact_gone", "artifact_changed", "artifact_too_large", "not_a_file"]
)


class Holder(Protocol):
    """The backend's side of a session: fencing, deadlines and measurements, all from outside the sandbox."""

    def begin(self, wall_seconds: float | None) -> None: ...

    def end(self) -> Usage: ...

    def lost(self, detail: str) -> Fate: ...

    def close(self) -> None: ...


class ChannelSession:
    def __init__(self, channel: OuterChannel, holder: Holder, limits: Limits) -> None:
        self._channel = channel
        self._limits = limits
        self._holder = holder
        self._operation = threading.Lock()
        self._execution: Execution | None = None

    @classmethod
    def start(cls, sock: socket.socket, holder: Holder, limits: Limits, *, epoch: int | None = None) -> Self:
        """Raises SandboxLost when the agent does not answer as it should; both ends are closed then.

        `epoch` is for an agent that may be reached by others, and then raises SessionBusy or Fenced for their sake.
        """
        session = cls(OuterChannel(sock), holder, limits)
        told = {"memory_bytes": limits.memory_bytes, "processes": limits.processes}
        if epoch is not None:
            told["epoch"] = epoch
        try:
            with _Operation(session, None) as operation:
                operation.guard(lambda: session._channel.greet(told))
        except BaseException:
            session.close()
            raise
        return session

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._holder.close()
        self._channel.close()

    def put_file(self, name: str, chunks: Iterable[bytes], size: int) -> None:
        _require_name(name)
        with _Operation(self, None) as operation:
            operation.ask(Kind.PUT, {"name": name, "size": size}, Kind.OK)
            sent = 0
            for chunk in chunks:
                for start in range(0, len(chunk), DATA_BYTES):
                    operation.send(Kind.DATA, chunk[start : start + DATA_BYTES])
                sent += len(chunk)
            answer = operation.ask(Kind.END, {}, Kind.OK)
            if answer.json().get("size") != size or sent != size:
                raise RequestRefused("size_differs", f"{sent} bytes were sent, {size} announced")

    def execute(self, request: ExecuteRequest) -> Iterator[Event]:
        with _Operation(self, request.wall_seconds) as operation:
            self._execution = execution = Execution(request, self._channel)
            try:
                yield from operation.guard_all(execution.events())
                yield execution.done(operation.finish())
            finally:
                self._execution = None
                execution.discard()

    def interrupt(self) -> None:
        execution = self._execution
        if execution is not None:
            execution.interrupt()

    def artifacts(self) -> ArtifactList:
        with _Operation(self, None) as operation:
            listing = operation.ask(Kind.LIST, {}, Kind.LISTING).json()
            return operation.guard(lambda: make_listing(listing, self._limits))

    def read_artifact(self, name: str) -> Iterator[bytes]:
        _require_name(name)
        with _Operation(self, None) as operation:
            answer = operation.ask(Kind.READ, {"name": name, "limit": self._limits.artifact_bytes}, Kind.OK)
            size = operation.guard(lambda: size_in(answer.json(), self._limits.artifact_bytes))
            got = 0
            while (frame := operation.receive()).kind is Kind.DATA:
                got += len(frame.payload)
                if got > size:
                    operation.fail(ChannelError("an artifact is longer than it said"))
                yield frame.payload
            if frame.kind is not Kind.END or got != size:
                operation.fail(ChannelError("an artifact ended before its time"))


class _Operation:
    """One exchange: begun and ended with the holder; whatever breaks it half way ends the sandbox."""

    def __init__(self, session: ChannelSession, wall_seconds: float | None) -> None:
        self._session = session
        self._wall_seconds = wall_seconds
        self._open = False

    def __enter__(self) -> Self:
        if not self._session._operation.acquire(blocking=False):
            raise RequestRefused("session_in_use", "this session does something else at the moment")
        try:
            self._session._holder.begin(self._wall_seconds)
        except BaseException:
            self._session._operation.release()
            raise
        self._open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not self._open:
                return
            if error is None or isinstance(error, RequestRefused | Fenced | SessionBusy):
                self.finish()
            else:
                self._open = False
                self._session._holder.lost(f"left half way: {type(error).__name__}")
        finally:
            self._session._operation.release()

    def finish(self) -> Usage:
        self._open = False
        return self._session._holder.end()

    def send(self, kind: Kind, payload: bytes) -> None:
        self.guard(lambda: self._session._channel.send(kind, payload))

    def receive(self) -> Frame:
        """The next frame; a refusal is raised as RequestRefused."""
        frame = self.guard(lambda: self._session._channel.receive(STALL_SECONDS))
        if frame.kind is Kind.REFUSED:
            raise self.guard(lambda: refusal(frame))
        return frame

    def ask(self, kind: Kind, value: dict[str, Any], answer: Kind) -> Frame:
        self.send(kind, pack_json(value))
        frame = self.receive()
        if frame.kind is not answer:
            self.fail(ChannelError(f"{frame.kind.name} where {answer.name} was due"))
        return frame

    def guard[T](self, work: Callable[[], T]) -> T:
        try:
            return work()
        except (ChannelError, TimeoutError) as error:
            self.fail(error)

    def guard_all(self, events: Iterator[Event]) -> Iterator[Event]:
        try:
            yield from events
        except (ChannelError, TimeoutError) as error:
            self.fail(error)

    def fail(self, error: Exception) -> NoReturn:
        self._open = False
        detail = str(error) or "the sandbox said nothing in time"
        raise SandboxLost(self._session._holder.lost(detail), detail) from error


def refusal(frame: Frame) -> OperatorError:
    """Raises ChannelError when the refusal is of no known kind."""
    value = frame.json()
    code = value.get("code")
    if code not in REFUSALS:
        raise ChannelError("a refusal of no known kind")
    return RequestRefused(code, outputs.clean(value.get("message"))[:MAX_REFUSAL])


def _require_name(name: str) -> None:
    if fault := name_fault(name):
        raise RequestRefused("bad_name", f"the name {fault}")
