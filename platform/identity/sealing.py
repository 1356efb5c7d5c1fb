"""What signing in must keep readable, sealed at rest by AES-256-GCM under keys that the master key makes."""

import secrets
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from config.environment import settings

_NONCE = 12


class Damaged(Exception):
    """What was kept is not what was sealed, or not for this purpose and place."""


@cache
def _cipher(purpose: str, master: bytes) -> AESGCM:
    info = b"bailiwick identity v1 " + purpose.encode()
    return AESGCM(HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(master))


def seal(content: bytes, *, purpose: str, place: bytes = b"") -> bytes:
    """Seal for one purpose and one place (a row's id): elsewhere it does not open."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher(purpose, settings().master_key_bytes).encrypt(nonce, content, place)


def unseal(sealed: bytes, *, purpose: str, place: bytes = b"") -> bytes:
    """What was sealed. Raises Damaged."""
    try:
        return _cipher(purpose, settings().master_key_bytes).decrypt(sealed[:_NONCE], sealed[_NONCE:], place)
    except (InvalidTag, ValueError):
        raise Damaged(purpose) from None
