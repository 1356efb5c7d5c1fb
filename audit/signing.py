"""Who signs: one Ed25519 key, under the name of each log."""

from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.notes import VerifierKey, signature_line

SEED = 32


class Signer(Protocol):
    """Holds or reaches a signing key."""

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        ...

    def sign(self, text: bytes) -> bytes:
        """The Ed25519 signature of the text, 64 bytes."""
        ...


class LocalSigner:
    """A key in this process's memory."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED:
            raise ValueError("a signing key is 32 bytes")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    @classmethod
    def from_file(cls, path: Path) -> "LocalSigner":
        """From a file that holds 64 hex digits. Raises OSError or ValueError."""
        return cls(bytes.fromhex(path.read_text().strip()))

    def sign(self, text: bytes) -> bytes:
        """The Ed25519 signature of the text, 64 bytes."""
        return self._key.sign(text)


def signed_note(text: str, name: str, signer: Signer) -> bytes:
    """The text with the signer's signature under that name."""
    key = VerifierKey(name, signer.public)
    return f"{text}\n{signature_line(key, signer.sign(text.encode()))}".encode()
