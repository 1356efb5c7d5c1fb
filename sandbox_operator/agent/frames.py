"""The framed channel, without I/O: both ends import this module, the outer end believing nothing of the inner.

A frame is a 20-byte header (magic, version, kind, sequence number, session nonce, payload length) and its payload. Each
direction counts from 0 in each session; the outer end opens a session with HELLO, whose nonce every frame then carries.
"""

from __future__ import annotations

import json
import struct
from enum import IntEnum
from typing import Any, NamedTuple

from . import PROTOCOL_VERSION

HEADER = struct.Struct(">2sBBI8sI")
MAGIC = b"BW"
NONCE_BYTES = 8
DATA_BYTES = 1 << 18  # what both ends put into one DATA or TEXT frame
KIB = 1 << 10


class Kind(IntEnum):
    HELLO = 1
    WELCOME = 2
    PROBE = 3
    REPORT = 4
    WARM = 5
    OK = 6
    REFUSED = 7
    EXECUTE = 8
    INTERRUPT = 9
    OUTPUT = 10
    TEXT = 11
    DONE = 12
    PUT = 13
    DATA = 14
    END = 15
    LIST = 16
    LISTING = 17
    READ = 18
    FILL = 19


# A payload larger than this ends the session, whoever sent it.
MAX_PAYLOAD = dict.fromkeys(Kind, 64 * KIB) | {
    Kind.EXECUTE: 24 * KIB * KIB,  # 10 MB of code, escaped
    Kind.OUTPUT: 24 * KIB * KIB,  # 8 MiB of output, escaped
    Kind.TEXT: 1024 * KIB,
    Kind.DATA: 1024 * KIB,
    Kind.LISTING: 1024 * KIB,
    Kind.REPORT: 256 * KIB,
}


class ChannelError(Exception):
    """The other end broke the protocol. There is no way back from here."""


class Frame(NamedTuple):
    kind: Kind
    payload: bytes

    def json(self) -> dict[str, Any]:
        """The payload as an object. Raises ChannelError when it is anything else."""
        try:
            value = json.loads(self.payload)
        except (ValueError, RecursionError) as error:
            raise ChannelError(f"{self.kind.name}: payload is not JSON") from error
        if not isinstance(value, dict):
            raise ChannelError(f"{self.kind.name}: payload is not an object")
        return value


class Header(NamedTuple):
    kind: Kind
    sequence: int
    nonce: bytes
    length: int


def parse_header(raw: bytes) -> Header:
    """Raises ChannelError for another magic, version, an unknown kind, or a length above the kind's own bound."""
    magic, version, kind_number, sequence, nonce, length = HEADER.unpack(raw)
    if magic != MAGIC:
        raise ChannelError("not a frame")
    if version != PROTOCOL_VERSION:
        raise ChannelError(f"protocol version {version}, not {PROTOCOL_VERSION}")
    try:
        kind = Kind(kind_number)
    except ValueError as error:
        raise ChannelError(f"unknown frame kind {kind_number}") from error
    if length > MAX_PAYLOAD[kind]:
        raise ChannelError(f"{kind.name}: {length} bytes, more than {MAX_PAYLOAD[kind]}")
    return Header(kind, sequence, nonce, length)


def pack_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


class Counter:
    """Seals outgoing frames and checks the order and nonce of incoming ones, for one session."""

    def __init__(self, nonce: bytes) -> None:
        self.nonce = nonce
        self._sent = 0
        self._received = 0

    def seal(self, kind: Kind, payload: bytes) -> bytes:
        """The header for `payload`. Raises ChannelError when the payload is too large to send."""
        if len(payload) > MAX_PAYLOAD[kind]:
            raise ChannelError(f"{kind.name}: {len(payload)} bytes do not fit into a frame")
        header = HEADER.pack(MAGIC, PROTOCOL_VERSION, kind, self._sent, self.nonce, len(payload))
        self._sent += 1
        return header

    def check(self, header: Header) -> None:
        """Raises ChannelError when the frame belongs to another session or is not the next one."""
        if header.nonce != self.nonce:
            raise ChannelError("frame of another session")
        if header.sequence != self._received:
            raise ChannelError(f"frame {header.sequence} where {self._received} was due")
        self._received += 1
