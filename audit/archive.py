"""The archive of an export as docs/audit.md lays it out, written as a stream that never goes back.

Python's zipfile goes back to fill in sizes, or else puts them behind the content, which verifiers refuse. Here a file's
size and checksum are known before its content is written, so that a bundle is never whole in memory or on a disk.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_VERSION, _VERSION_64 = 20, 45
_UNIX = 3 << 8
# 1 January 1980, the first day that the format knows.
_DAY = 33
_ATTRIBUTES = 0o600 << 16
_MOST_16, _MOST_32 = 0xFFFF, 0xFFFFFFFF
# Beyond it zipfile writes the 64-bit forms. No file is larger.
LIMIT = (1 << 31) - 1


@dataclass(frozen=True)
class Stored:
    """A file of an archive: what must be known before it is written."""

    name: str
    size: int
    crc: int
    sha256: bytes


class Measured:
    """Passes a content on, and knows its checksum and size when all has gone through."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.crc = self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.crc = zlib.crc32(chunk, self.crc)
            self.size += len(chunk)
            yield chunk


def stored(name: str, content: bytes) -> Stored:
    """The file of a content at hand."""
    return Stored(name, len(content), zlib.crc32(content), hashlib.sha256(content).digest())


def stream(files: Iterable[tuple[Stored, Iterable[bytes]]]) -> Iterator[bytes]:
    """The archive of these files, in their order. Raises ValueError if a content has another size than was said."""
    central: list[bytes] = []
    at = 0
    for file, chunks in files:
        name = file.name.encode("ascii")
        if file.size > LIMIT:
            raise ValueError(f"{file.name} is larger than a file of an export can be")
        sizes = (file.crc, file.size, file.size, len(name), 0)
        yield _LOCAL.pack(b"PK\3\4", _VERSION, 0, 0, 0, _DAY, *sizes) + name
        left = file.size
        for chunk in chunks:
            left -= len(chunk)
            yield chunk
        if left:
            raise ValueError(f"{file.name} has another size than was said")
        central.append(_central(file, name, at))
        at += _LOCAL.size + len(name) + file.size
    yield from central
    yield _end(len(central), at, sum(map(len, central)))


def _central(file: Stored, name: bytes, at: int) -> bytes:
    far = at > LIMIT
    extra = struct.pack("<2HQ", 1, 8, at) if far else b""
    version = _VERSION_64 if far else _VERSION
    rest = (len(name), len(extra), 0, 0, 0, _ATTRIBUTES, _MOST_32 if far else at)
    fixed = (_UNIX | version, version, 0, 0, 0, _DAY, file.crc, file.size, file.size, *rest)
    return _CENTRAL.pack(b"PK\1\2", *fixed) + name + extra


def _end(count: int, at: int, length: int) -> bytes:
    far = b""
    if count > _MOST_16 or at > LIMIT or length > LIMIT:
        versions = (44, _VERSION_64, _VERSION_64, 0, 0)
        far = struct.pack("<4sQ2H2L4Q", b"PK\6\6", *versions, count, count, length, at)
        far += struct.pack("<4sLQL", b"PK\6\7", 0, at + length, 1)
    few = min(count, _MOST_16)
    told = (0, 0, few, few, min(length, _MOST_32), min(at, _MOST_32), 0)
    return far + struct.pack("<4s4H2LH", b"PK\5\6", *told)
