"""Personal content beside an entry: sealed under a key of the person it is about, whose end is the content's end.

The construction is in docs/audit.md, "Sealed fields". Whoever is shown the salt and the content can check both against
the entry's header, without a key.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from audit.commitments import SALT_BYTES, commit_to, new_salt

MAX_SEALED = 65_535
_FORM = b"\x01"
_MARK = 32
_NONCE = 12


class NotOpened(Exception):
    """The sealed bytes are not what this key sealed for this field of this entry."""


@dataclass(frozen=True)
class Opened:
    """What was sealed: the content, and the salt of its commitment."""

    salt: bytes
    content: bytes


def new_key() -> bytes:
    """A data key: 32 random bytes."""
    return secrets.token_bytes(32)


def wrap(key: bytes, key_id: UUID, platform_key: bytes) -> bytes:
    """The data key as the database keeps it; opens for its own id alone."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_wrapping(platform_key)).encrypt(nonce, key, key_id.bytes)


def unwrap(wrapped: bytes, key_id: UUID, platform_key: bytes) -> bytes:
    """The data key. Raises NotOpened."""
    try:
        return AESGCM(_wrapping(platform_key)).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], key_id.bytes)
    except InvalidTag:
        raise NotOpened("the data key was not wrapped by this platform") from None


def _wrapping(platform_key: bytes) -> bytes:
    return hmac.digest(platform_key, b"bailiwick audit data keys v1", hashlib.sha256)


def _keys(data_key: bytes, entry: UUID, field: str) -> tuple[bytes, bytes, bytes]:
    """Associated data, sealing key and key mark of one field of one entry."""
    place = b"bailiwick payload v1\n" + entry.bytes + field.encode()
    payload_key = hmac.digest(data_key, place, hashlib.sha256)
    sealing, mark = (hmac.digest(payload_key, word, hashlib.sha256) for word in (b"seal", b"mark"))
    return place, sealing, mark


def seal(content: bytes, *, entry: UUID, field: str, data_key: bytes) -> tuple[bytes, str]:
    """The sealed bytes, and the commitment to the content that the header holds."""
    place, sealing, mark = _keys(data_key, entry, field)
    salt, nonce = new_salt(), secrets.token_bytes(_NONCE)
    sealed = _FORM + mark + nonce + AESGCM(sealing).encrypt(nonce, salt + content, place)
    return sealed, commit_to(hashlib.sha256(content).digest(), salt)


def open_sealed(sealed: bytes, *, entry: UUID, field: str, data_key: bytes) -> Opened:
    """What was sealed. Raises NotOpened."""
    place, sealing, mark = _keys(data_key, entry, field)
    begins = len(_FORM) + _MARK + _NONCE
    # AES-GCM alone may open under two keys: the mark is of one.
    if sealed[:1] != _FORM or not hmac.compare_digest(sealed[1 : 1 + _MARK], mark):
        raise NotOpened("sealed under another key, or for another place")
    try:
        plain = AESGCM(sealing).decrypt(sealed[begins - _NONCE : begins], sealed[begins:], place)
    except (InvalidTag, ValueError):
        raise NotOpened("the sealed bytes were changed") from None
    return Opened(plain[:SALT_BYTES], plain[SALT_BYTES:])
