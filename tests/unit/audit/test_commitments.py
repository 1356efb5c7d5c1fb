"""Commitments bind to the content and hide it."""

import hashlib
import hmac

import pytest

import audit


def test_a_commitment_opens_with_content_and_salt_alone() -> None:
    salt, digest = audit.new_salt(), hashlib.sha256(b"print(1)").digest()
    commitment = audit.commit_to(digest, salt)
    assert commitment == hmac.new(salt, digest, "sha256").hexdigest()
    assert commitment != audit.commit_to(hashlib.sha256(b"print(2)").digest(), salt)
    assert commitment != audit.commit_to(digest, audit.new_salt())
    assert digest.hex() not in commitment


@pytest.mark.parametrize(("digest", "salt"), [(b"short", b"s" * 32), (b"d" * 32, b""), (b"d" * 32, b"s" * 31)])
def test_a_weak_salt_or_a_bare_content_is_a_mistake(digest: bytes, salt: bytes) -> None:
    with pytest.raises(ValueError):
        audit.commit_to(digest, salt)
