"""The key that signs exports' manifests. Not the log's: whoever writes exports must not be able to sign checkpoints."""

import hashlib
import hmac
from functools import lru_cache

from django.conf import settings

from audit.notes import VerifierKey
from audit.signing import LocalSigner


@lru_cache(maxsize=4)
def _derived(platform_key: bytes) -> LocalSigner:
    return LocalSigner(hmac.digest(platform_key, b"bailiwick audit exports v1", hashlib.sha256))


def export_signer() -> LocalSigner:
    """The signer of this installation's exports, derived from its master key."""
    return _derived(settings.AUDIT_KEY)


def export_key(name: str) -> VerifierKey:
    """The same key for verifiers."""
    return VerifierKey(name, export_signer().public)
