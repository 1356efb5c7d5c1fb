"""The framed channel: what both ends accept, byte by byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_operator.agent import PROTOCOL_VERSION
from sandbox_operator.agent.frames import HEADER, MAGIC, MAX_PAYLOAD, ChannelError, Counter, Frame, Kind, parse_header

NONCE = b"12345678"


def header(magic: bytes = MAGIC, version: int = PROTOCOL_VERSION, kind: int = Kind.DATA, length: int = 0) -> bytes:
    return HEADER.pack(magic, version, kind, 0, NONCE, length)


def test_what_one_counter_seals_another_accepts() -> None:
    ours, theirs = Counter(NONCE), Counter(NONCE)
    for payload in (b"", b"x", b"y" * 1000):
        seen = parse_header(ours.seal(Kind.DATA, payload))
        theirs.check(seen)
        assert (seen.kind, seen.length) == (Kind.DATA, len(payload))


@pytest.mark.parametrize(
    "raw, why",
    [
        (header(magic=b"HT"), "not a frame"),
        (header(version=PROTOCOL_VERSION + 1), "protocol version"),
        (header(kind=0), "unknown frame kind"),
        (header(kind=200), "unknown frame kind"),
        (header(length=MAX_PAYLOAD[Kind.DATA] + 1), "more than"),
        (header(kind=Kind.DONE, length=MAX_PAYLOAD[Kind.DONE] + 1), "more than"),
        (header(length=(1 << 32) - 1), "more than"),
    ],
)
def test_a_bad_header_is_refused_before_its_payload_is_read(raw: bytes, why: str) -> None:
    with pytest.raises(ChannelError, match=why):
        parse_header(raw)


@pytest.mark.parametrize("skip", [1, 2])
def test_a_frame_out_of_sequence_is_refused(skip: int) -> None:
    ours, theirs = Counter(NONCE), Counter(NONCE)
    frames = [parse_header(ours.seal(Kind.DATA, b"")) for _ in range(3)]
    theirs.check(frames[0])
    with pytest.raises(ChannelError, match="was due"):
        theirs.check(frames[0] if skip == 2 else frames[2])


def test_a_frame_of_another_session_is_refused() -> None:
    with pytest.raises(ChannelError, match="another session"):
        Counter(b"87654321").check(parse_header(Counter(NONCE).seal(Kind.DATA, b"")))


def test_a_payload_that_is_too_large_is_not_sent() -> None:
    with pytest.raises(ChannelError, match="do not fit"):
        Counter(NONCE).seal(Kind.HELLO, bytes(MAX_PAYLOAD[Kind.HELLO] + 1))


@pytest.mark.parametrize("payload", [b"", b"[1]", b"null", b"\xff", b'"x"', b"{", b"[" * 100_000])
def test_a_payload_that_is_no_object_is_refused(payload: bytes) -> None:
    with pytest.raises(ChannelError):
        Frame(Kind.DONE, payload).json()


@given(st.binary(min_size=HEADER.size, max_size=HEADER.size))
def test_random_bytes_are_a_header_or_a_channel_error(raw: bytes) -> None:
    try:
        seen = parse_header(raw)
    except ChannelError:
        return
    assert seen.length <= MAX_PAYLOAD[seen.kind]
