"""The only client of the blob store: sealed files, streamed both ways.

Each blob has a random name and a key of its own, so that destroying the key erases the content. The content is sealed
in segments of 64 KiB by AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway and Vizár 2015): the nonce
is the segment's number and a mark on the last one, so that a segment dropped, repeated, moved or cut off is refused.
The blob's name is associated data of every segment: a blob put in another's place does not open.
"""

import base64
import errno
import hashlib
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.base import File
from django.core.files.storage import Storage, storages

from config.environment import settings
from config.errors import BailiwickError, TooLarge, Unavailable

SEGMENT = 64 * 1024
_TAG = 16
_FULL = (errno.ENOSPC, errno.EDQUOT)


class BlobDamaged(BailiwickError):
    """What the store returned is not what was written."""


class BlobErased(BailiwickError):
    """The content's key was destroyed."""

    status = 410


@dataclass(frozen=True)
class Sealed:
    """Where a content lies and how it opens: size in bytes and SHA-256 are those of the plain content."""

    name: str
    wrapped_key: bytes
    size: int
    sha256: bytes


def _store() -> Storage:
    return storages["blobs"]


def _master() -> AESGCM:
    return AESGCM(base64.b64decode(settings().master_key.get_secret_value()))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _segments(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Cut a stream into full segments and one last, possibly empty, one."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) > SEGMENT:
            yield bytes(waiting[:SEGMENT]), False
            del waiting[:SEGMENT]
    yield bytes(waiting), True


class _SealedStream(File):  # type: ignore[type-arg]
    """A file whose content is sealed while the storage reads it."""

    def __init__(self, name: str, chunks: Iterable[bytes], limit: int | None) -> None:
        super().__init__(None, name)
        self.key = secrets.token_bytes(32)
        self.length = 0
        self.digest = hashlib.sha256()
        self._chunks = chunks
        self._limit = limit

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        cipher = AESGCM(self.key)
        name = (self.name or "").encode()
        for number, (segment, last) in enumerate(_segments(self._counted())):
            yield cipher.encrypt(_nonce(number, last), segment, name)

    def _counted(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.length += len(chunk)
            if self._limit is not None and self.length > self._limit:
                raise TooLarge("too_large", f"The content is larger than the limit of {self._limit:,} bytes.")
            self.digest.update(chunk)
            yield chunk


def write(chunks: Iterable[bytes], *, limit: int | None = None) -> Sealed:
    """Seal and keep a stream under a new random name.

    Raises TooLarge past `limit` bytes and Unavailable("blob_store_full"); in both cases nothing is left behind.
    """
    identity = secrets.token_hex(20)
    name = f"{identity[:2]}/{identity}"
    stream = _SealedStream(name, chunks, limit)
    try:
        saved = _store().save(name, stream)
    except OSError as fault:
        delete(name)
        if fault.errno in _FULL:
            raise Unavailable(
                "blob_store_full", "The store for files and outputs is full; nothing was kept."
            ) from fault
        raise
    except BaseException:
        delete(name)
        raise
    if saved != name:
        delete(saved)
        raise BlobDamaged("blob_name_taken", "The blob store did not keep the name it was given.")
    nonce = secrets.token_bytes(12)
    wrapped = nonce + _master().encrypt(nonce, stream.key, name.encode())
    return Sealed(name, wrapped, stream.length, stream.digest.digest())


def read(name: str, wrapped_key: bytes, start: int = 0) -> Iterator[bytes]:
    """Yield the plain content, from that byte on, in segments.

    Raises BlobErased at once, BlobDamaged at the first segment that does not open.
    """
    if not wrapped_key:
        raise BlobErased("content_erased", "The content was erased, or disposed of when its period was over.")
    return _opened(name, wrapped_key, start)


def _opened(name: str, wrapped_key: bytes, start: int) -> Iterator[bytes]:
    first, skipped = divmod(start, SEGMENT)
    try:
        key = _master().decrypt(wrapped_key[:12], wrapped_key[12:], name.encode())
        cipher = AESGCM(key)
        with _store().open(name, "rb") as sealed:
            sealed.seek(first * (SEGMENT + _TAG))
            waiting = sealed.read(SEGMENT + _TAG)
            for number in range(first, 1 << 62):
                following = sealed.read(SEGMENT + _TAG)
                plain = cipher.decrypt(_nonce(number, not following), waiting, name.encode())
                yield plain[skipped:] if number == first else plain
                if not following:
                    return
                waiting = following
    except (InvalidTag, FileNotFoundError) as fault:
        raise BlobDamaged("blob_damaged", "A stored content is missing or was changed.") from fault


def delete(name: str) -> None:
    """Remove a blob; one that is not there is no error."""
    _store().delete(name)


def older_than(moment: datetime) -> Iterator[str]:
    """The names of the blobs that were last written before then."""
    store = _store()
    for folder in sorted(store.listdir("")[0]):
        for name in sorted(store.listdir(folder)[1]):
            with suppress(FileNotFoundError):
                if store.get_modified_time(f"{folder}/{name}") < moment:
                    yield f"{folder}/{name}"


def probe() -> tuple[float, int]:
    """Write, read back and remove a small blob: seconds taken and bytes free. Raises what the store raises."""
    begun = time.perf_counter()
    sealed = write([b"probe"])
    try:
        if b"".join(read(sealed.name, sealed.wrapped_key)) != b"probe":
            raise BlobDamaged("blob_damaged", "The blob store returned another content than it was given.")
    finally:
        delete(sealed.name)
    state = os.statvfs(settings().var)
    return time.perf_counter() - begun, state.f_bavail * state.f_frsize
