"""Salted commitments: they bind an entry to content without telling what a bare digest of a small file tells."""

import hashlib
import hmac
import secrets

SALT_BYTES = 32


def new_salt() -> bytes:
    """32 random bytes, kept beside the content by its owner; whoever has both can open the commitment."""
    return secrets.token_bytes(SALT_BYTES)


def commit_to(content_sha256: bytes, salt: bytes) -> str:
    """HMAC-SHA256 of the content's digest under the salt, 64 hex digits: binds, and hides while the salt is unknown."""
    if len(content_sha256) != 32 or len(salt) != SALT_BYTES:
        raise ValueError("a commitment needs a SHA-256 digest and a salt of 32 bytes")
    return hmac.digest(salt, content_sha256, hashlib.sha256).hex()
