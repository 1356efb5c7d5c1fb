"""A session against an agent that user code has taken over: whatever it sends, the run ends as lost.

The other end of each channel is a thread that plays the hostile agent.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest

from sandbox_operator.agent import PROTOCOL_VERSION
from sandbox_operator.agent.frames import HEADER, MAGIC, MAX_PAYLOAD, Counter, Frame, Kind, pack_json, parse_header
from sandbox_operator.errors import Fate, Fenced, OperatorError, RequestRefused, SandboxLost, SessionBusy
from sandbox_operator.listing import make_listing
from sandbox_operator.protocol import ArtifactList, ArtifactSkipped, Done, ExecuteRequest, OutputEvent, Usage
from sandbox_operator.session import ChannelSession
from sandbox_operator.spec import DEFAULT_LIMITS

REQUEST = ExecuteRequest(1, "python", "1", wall_seconds=5, output_bytes=1000, output_artifact_bytes=5000)
DONE = {"status": "ok", "ename": None, "execution_count": 1, "truncated": False, "text_cut": False}


class Holder:
    """Stands in for the backend's side; it remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def begin(self, wall_seconds: float | None) -> None:
        self.told.append("begin")

    def end(self) -> Usage:
        self.told.append("end")
        return Usage(wall_seconds=0.5)

    def lost(self, detail: str) -> Fate:
        self.told.append(f"lost: {detail}")
        return Fate.LOST

    def close(self) -> None:
        self.told.append("close")


class Peer:
    """The agent's end, with nothing to stop it."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.counter = Counter(bytes(8))

    def receive(self) -> Frame:
        header = parse_header(self._exactly(HEADER.size))
        if header.kind is Kind.HELLO:
            self.counter = Counter(header.nonce)
        return Frame(header.kind, self._exactly(header.length))

    def send(self, kind: Kind, payload: bytes = b"") -> None:
        self.raw(self.counter.seal(kind, payload) + payload)

    def say(self, kind: Kind, value: object) -> None:
        self.send(kind, pack_json(value))

    def raw(self, data: bytes) -> None:
        self.sock.sendall(data)

    def welcome(self) -> None:
        assert self.receive().kind is Kind.HELLO
        self.say(Kind.WELCOME, {"version": PROTOCOL_VERSION, "languages": []})

    def _exactly(self, count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            part = self.sock.recv(count - len(parts))
            if not part:
                raise EOFError
            parts += part
        return bytes(parts)


@contextmanager
def playing(script: Callable[[Peer], None]) -> Iterator[tuple[socket.socket, Holder]]:
    ours, theirs = socket.socketpair()

    def play() -> None:
        with theirs, suppress(OSError, EOFError):
            script(Peer(theirs))

    thread = threading.Thread(target=play)
    thread.start()
    try:
        yield ours, Holder()
    finally:
        with suppress(OSError):
            ours.shutdown(socket.SHUT_RDWR)
        ours.close()
        thread.join(10)


@contextmanager
def session_with(script: Callable[[Peer], None]) -> Iterator[tuple[ChannelSession, Holder]]:
    def greeting_first(peer: Peer) -> None:
        peer.welcome()
        script(peer)

    with playing(greeting_first) as (sock, holder):
        with ChannelSession.start(sock, holder, DEFAULT_LIMITS) as session:
            yield session, holder
        sock.detach()


def answer_with(*frames: tuple[Kind, Any]) -> Callable[[Peer], None]:
    def script(peer: Peer) -> None:
        peer.receive()
        for kind, value in frames:
            peer.send(kind, value if isinstance(value, bytes) else pack_json(value))
        peer.receive()

    return script


def assert_lost(holder: Holder, error: SandboxLost) -> None:
    assert error.fate is Fate.LOST
    assert holder.told[-1].startswith("lost") or holder.told[-2].startswith("lost")
    assert "end" not in holder.told[2:]


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def test_an_honest_agent_is_heard() -> None:
    with session_with(answer_with((Kind.OUTPUT, stream("hi")), (Kind.DONE, DONE))) as (session, holder):
        assert list(session.execute(REQUEST)) == [
            OutputEvent(stream("hi")),
            Done("ok", Usage(wall_seconds=0.5), execution_count=1),
        ]
        assert holder.told == ["begin", "end", "begin", "end"]


def test_of_a_run_that_keeps_no_text_there_is_none() -> None:
    told = DONE | {"truncated": True, "text_cut": True}
    with session_with(answer_with((Kind.OUTPUT, stream("head")), (Kind.DONE, told))) as (session, _):
        *_, done = session.execute(replace(REQUEST, output_artifact_bytes=0))
        assert done == Done("ok", Usage(wall_seconds=0.5), truncated=True, full_text_cut=True, execution_count=1)
    with session_with(answer_with((Kind.TEXT, b"x"))) as (session, holder):
        with pytest.raises(SandboxLost) as lost:
            list(session.execute(replace(REQUEST, output_artifact_bytes=0)))
        assert_lost(holder, lost.value)


@pytest.mark.parametrize("limit", ["artifact_count", "artifact_bytes"])
def test_of_a_run_that_keeps_no_files_each_is_named_with_the_limit(limit: str) -> None:
    value = {"items": [{"name": "empty.txt", "size": 0}, {"name": "a.txt", "size": 3}], "skipped": []}
    listing = make_listing(value, replace(DEFAULT_LIMITS, **{limit: 0}))
    reason = f"no files are kept of this run: {limit} is 0"
    assert listing == ArtifactList((), (ArtifactSkipped("a.txt", reason), ArtifactSkipped("empty.txt", reason)))


HOSTILE: dict[str, list[tuple[Kind, Any]]] = {
    "an output of no type": [(Kind.OUTPUT, {"output_type": "evil"})],
    "an output that is not JSON": [(Kind.OUTPUT, b"{")],
    "an output that is a list": [(Kind.OUTPUT, b"[]")],
    "a MIME type with a header in it": [
        (Kind.OUTPUT, {"output_type": "display_data", "data": {"text/html\r\nX: y": "z"}})
    ],
    "more output than its limit": [(Kind.OUTPUT, stream("x" * 400_000))],
    "more output than its limit in parts": [(Kind.OUTPUT, stream("x" * 1000))] * 300,
    "more text than its limit": [(Kind.TEXT, b"x" * 5001)],
    "more frames than there could be": [(Kind.OUTPUT, stream(""))] * 20_100,
    "an end of no kind": [(Kind.DONE, DONE | {"status": "great"})],
    "an end with a strange count": [(Kind.DONE, DONE | {"execution_count": "1"})],
    "a frame that was not due": [(Kind.LISTING, {"items": [], "skipped": []})],
    "a refusal of no known kind": [(Kind.REFUSED, {"code": "<script>", "message": "x"})],
    "data in an execution": [(Kind.DATA, b"x")],
    "a welcome in an execution": [(Kind.WELCOME, {"version": 1})],
}


@pytest.mark.parametrize("frames", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_answer_to_an_execution_ends_it_as_lost(frames: list[tuple[Kind, Any]]) -> None:
    with session_with(answer_with(*frames)) as (session, holder):
        with pytest.raises(SandboxLost) as lost:
            list(session.execute(REQUEST))
        assert_lost(holder, lost.value)


RAW: dict[str, Callable[[Peer], bytes]] = {
    "another magic": lambda peer: b"XX" + peer.counter.seal(Kind.DONE, b"{}")[2:] + b"{}",
    "another version": lambda peer: HEADER.pack(MAGIC, 99, Kind.DONE, 1, peer.counter.nonce, 0),
    "an unknown kind": lambda peer: HEADER.pack(MAGIC, PROTOCOL_VERSION, 250, 1, peer.counter.nonce, 0),
    "a frame too large": lambda peer: HEADER.pack(
        MAGIC, PROTOCOL_VERSION, Kind.OUTPUT, 1, peer.counter.nonce, MAX_PAYLOAD[Kind.OUTPUT] + 1
    ),
    "a frame skipped": lambda peer: HEADER.pack(MAGIC, PROTOCOL_VERSION, Kind.DONE, 2, peer.counter.nonce, 0),
    "a frame repeated": lambda peer: HEADER.pack(MAGIC, PROTOCOL_VERSION, Kind.DONE, 0, peer.counter.nonce, 0),
    "another session's nonce": lambda peer: HEADER.pack(MAGIC, PROTOCOL_VERSION, Kind.DONE, 1, b"othernon", 0),
    "half a header and the end": lambda peer: MAGIC,
    "half a payload and the end": lambda peer: peer.counter.seal(Kind.DONE, b"{}") + b"{",
    "nothing and the end": lambda peer: b"",
}


@pytest.mark.parametrize("make", RAW.values(), ids=RAW.keys())
def test_a_broken_channel_ends_the_run_as_lost(make: Callable[[Peer], bytes]) -> None:
    def script(peer: Peer) -> None:
        peer.receive()
        peer.raw(make(peer))

    with session_with(script) as (session, holder):
        with pytest.raises(SandboxLost) as lost:
            list(session.execute(REQUEST))
        assert_lost(holder, lost.value)


def test_an_agent_that_does_not_stop_is_given_up_after_the_limit() -> None:
    """The backend ends the sandbox first; this is the session's own patience, should it not."""
    started = time.monotonic()
    with session_with(lambda peer: time.sleep(4)) as (session, holder):
        request = ExecuteRequest(1, "python", "1", 0.3, 100, 100)
        with pytest.raises(SandboxLost) as lost:
            list(session.execute(request))
        assert_lost(holder, lost.value)
        assert time.monotonic() - started < 3


def test_an_agent_over_its_limit_has_timed_out_whatever_it_says() -> None:
    def script(peer: Peer) -> None:
        peer.receive()
        assert peer.receive().kind is Kind.INTERRUPT
        peer.say(Kind.DONE, DONE)
        peer.receive()

    with session_with(script) as (session, _):
        (done,) = session.execute(ExecuteRequest(1, "python", "1", 0.2, 100, 100))
        assert isinstance(done, Done) and done.status == "timed_out"


def test_words_before_a_question_end_the_session() -> None:
    def script(peer: Peer) -> None:
        peer.raw(b"unasked")
        peer.receive()

    with playing(script) as (sock, holder):
        time.sleep(0.2)
        with pytest.raises(SandboxLost):
            ChannelSession.start(sock, holder, DEFAULT_LIMITS)


def test_another_protocol_version_is_not_spoken() -> None:
    def script(peer: Peer) -> None:
        peer.receive()
        peer.say(Kind.WELCOME, {"version": 2})
        peer.receive()

    with playing(script) as (sock, holder), pytest.raises(SandboxLost):
        ChannelSession.start(sock, holder, DEFAULT_LIMITS)


LISTINGS: list[dict[str, Any]] = [
    {},
    {"items": [], "skipped": {}},
    {"items": ["x"], "skipped": []},
    {"items": [{"name": 5, "size": 1}], "skipped": []},
    {"items": [{"name": "a", "size": -1}], "skipped": []},
    {"items": [{"name": "a", "size": True}], "skipped": []},
    {"items": [{"name": "a", "size": "9"}], "skipped": []},
    {"items": [{"name": "a", "size": 1 << 60}], "skipped": []},
    {"items": [], "skipped": [5]},
]


@pytest.mark.parametrize("listing", LISTINGS, ids=str)
def test_a_listing_that_is_none_ends_the_run_as_lost(listing: dict[str, Any]) -> None:
    with session_with(answer_with((Kind.LISTING, listing))) as (session, holder):
        with pytest.raises(SandboxLost) as lost:
            session.artifacts()
        assert_lost(holder, lost.value)


def test_hostile_names_are_never_offered() -> None:
    names = ["../x", "/etc/passwd", "a\0b", "a/../b", "ok.csv", "\ud800", "x" * 300]
    items = [{"name": name, "size": 1, "media_type": "text/html\r\nx: y"} for name in names]
    with session_with(answer_with((Kind.LISTING, {"items": items, "skipped": []}))) as (session, _):
        listing = session.artifacts()
    assert [(item.name, item.media_type) for item in listing] == [("ok.csv", "application/octet-stream")]
    assert len(listing.skipped) == 6
    assert all(item.name.isascii() and "\0" not in item.name for item in listing.skipped)


ARTIFACTS: dict[str, list[tuple[Kind, Any]]] = {
    "longer than it said": [(Kind.OK, {"size": 3}), (Kind.DATA, b"abcd"), (Kind.END, {"size": 4})],
    "shorter than it said": [(Kind.OK, {"size": 3}), (Kind.DATA, b"ab"), (Kind.END, {"size": 3})],
    "larger than its limit": [(Kind.OK, {"size": DEFAULT_LIMITS.artifact_bytes + 1})],
    "a size that is none": [(Kind.OK, {"size": None})],
    "something else in between": [(Kind.OK, {"size": 3}), (Kind.OUTPUT, stream("x"))],
}


@pytest.mark.parametrize("frames", ARTIFACTS.values(), ids=ARTIFACTS.keys())
def test_an_artifact_that_lies_about_itself_ends_the_run_as_lost(frames: list[tuple[Kind, Any]]) -> None:
    with session_with(answer_with(*frames)) as (session, holder):
        with pytest.raises(SandboxLost) as lost:
            list(session.read_artifact("a"))
        assert_lost(holder, lost.value)


def test_a_refusal_is_an_answer_and_its_message_is_short_and_clean() -> None:
    refusal = {"code": "artifact_gone", "message": "\0" * 5000}
    with session_with(answer_with((Kind.REFUSED, refusal))) as (session, holder):
        with pytest.raises(RequestRefused) as refused:
            list(session.read_artifact("a"))
        assert refused.value.code == "artifact_gone" and str(refused.value) == "\N{REPLACEMENT CHARACTER}" * 500
        assert holder.told[-1] == "end"


def test_one_thing_at_a_time() -> None:
    with session_with(answer_with((Kind.OUTPUT, stream("x")), (Kind.DONE, DONE))) as (session, _):
        events = session.execute(REQUEST)
        next(events)
        with pytest.raises(RequestRefused) as refused:
            session.artifacts()
        assert refused.value.code == "session_in_use"
        assert isinstance(list(events)[-1], Done)


def test_code_travels_as_it_is() -> None:
    heard: list[dict[str, Any]] = []

    def script(peer: Peer) -> None:
        heard.append(json.loads(peer.receive().payload))
        peer.say(Kind.DONE, DONE)
        peer.receive()

    with session_with(script) as (session, _):
        list(session.execute(ExecuteRequest(1, "bash", "echo 'ü' \"$x\"\n", 5, 10, 20)))
    assert heard == [{"language": "bash", "code": "echo 'ü' \"$x\"\n", "output_bytes": 10, "text_bytes": 20}]


@pytest.mark.parametrize("code, kind", [("busy", SessionBusy), ("fenced", Fenced)])
def test_an_agent_that_keeps_to_another_session_loses_nothing(code: str, kind: type[OperatorError]) -> None:
    """Taken out: the exception for these two in _Operation.__exit__. The other session's sandbox is then killed."""

    def turn_away(peer: Peer) -> None:
        assert peer.receive().json()["epoch"] == 3
        peer.say(Kind.REFUSED, {"code": code, "message": "x"})

    with playing(turn_away) as (sock, holder):
        with pytest.raises(kind):
            ChannelSession.start(sock, holder, DEFAULT_LIMITS, epoch=3)
        assert holder.told == ["begin", "end", "close"]


@pytest.mark.parametrize("refused", [{"code": "disk_full"}, {"code": None}, {}, {"code": ["busy"]}])
def test_a_greeting_refused_for_no_known_reason_is_a_lie(refused: dict[str, Any]) -> None:
    def lie(peer: Peer) -> None:
        peer.receive()
        peer.say(Kind.REFUSED, refused)

    with playing(lie) as (sock, holder):
        with pytest.raises(SandboxLost):
            ChannelSession.start(sock, holder, DEFAULT_LIMITS)
        assert any(word.startswith("lost") for word in holder.told)
