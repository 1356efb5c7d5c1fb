"""Who signs: one Ed25519 key, under the name of each log."""

from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.notes import VerifierKey, signature_line

SEED = 32
# What stands for the key among the sequencer's refusals, which are by the names of logs; no log has this one.
SIGNER = "signer"


class SignerUnavailable(Exception):
    """The key cannot be used now. The text says why, and nothing that is secret."""


class WrongKey(SignerUnavailable):
    """There is a key, and it is not one that can sign the log."""


class Signer(Protocol):
    """Holds or reaches a signing key."""

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        ...

    def look(self) -> None:
        """See which key signs from now on. Raises SignerUnavailable."""
        ...

    def sign(self, text: bytes) -> bytes:
        """The Ed25519 signature of the text by the key of the last look, 64 bytes. Raises SignerUnavailable."""
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

    def look(self) -> None:
        """Nothing to see: a key in memory stays."""

    def sign(self, text: bytes) -> bytes:
        """The Ed25519 signature of the text, 64 bytes."""
        return self._key.sign(text)


def signed_note(text: str, name: str, signer: Signer) -> bytes:
    """The text with the signer's signature under that name."""
    key = VerifierKey(name, signer.public)
    return f"{text}\n{signature_line(key, signer.sign(text.encode()))}".encode()
