"""Signed notes, checkpoints, verifier keys and proof files, as C2SP specifies them."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = b"\x01"
PROOF = "c2sp.org/tlog-proof@v1"
_NAME = re.compile(r"[^\s+]+")
_SIGNATURE = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+={0,2})")
# Verifiers must take 16; nobody needs more here.
MOST_SIGNATURES = 64


class BadNote(Exception):
    """The text is not a signed note, or not signed as it must be."""


@dataclass(frozen=True)
class VerifierKey:
    """A public key under a name."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.public) != 32:
            raise ValueError("a key needs a name without spaces and plus signs, and 32 bytes")

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell it from other keys of its name."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key of a line. Raises ValueError."""
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        material = base64.b64decode(encoded, validate=True)
        if material[:1] != ED25519:
            raise ValueError("not an Ed25519 key")
        key = cls(name, material[1:])
        if key.key_id.hex() != key_id:
            raise ValueError("the key's id is not its own")
        return key

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Whether this key made the signature of the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True


def decoded(text: str) -> bytes:
    """The bytes of their one base64 spelling. Raises BadNote for any other."""
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise BadNote("not base64") from None
    # Decoders overlook what the last character has beyond the last byte.
    if base64.b64encode(found).decode() != text:
        raise BadNote("not base64 as it is written")
    return found


def signature_line(key: VerifierKey, signature: bytes) -> str:
    """The line that stands below the text."""
    return f"— {key.name} {base64.b64encode(key.key_id + signature).decode()}\n"


def open_note(note: bytes, keys: Iterable[VerifierKey]) -> str:
    """The text of a note that one of the keys signed. Raises BadNote; also when a signature of one of them is wrong."""
    try:
        whole = note.decode()
    except UnicodeDecodeError:
        raise BadNote("not UTF-8") from None
    text, blank, below = whole.rpartition("\n\n")
    if not blank or not below.endswith("\n") or any(ord(char) < 32 and char != "\n" for char in whole):
        raise BadNote("not a signed note")
    text += "\n"
    lines = below[:-1].split("\n")
    found = [_SIGNATURE.fullmatch(line) for line in lines]
    if len(lines) > MOST_SIGNATURES or not all(found):
        raise BadNote("not a signed note")
    known = {(key.name, key.key_id): key for key in keys}
    verified = False
    for match in found:
        assert match is not None
        signature = decoded(match["signature"])
        if key := known.get((match["name"], signature[:4])):
            if not key.verifies(text.encode(), signature[4:]):
                raise BadNote(f"the signature of {key.name} is wrong")
            verified = True
    if not verified:
        raise BadNote("no signature by a known key")
    return text


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: its root at a size."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises BadNote unless the text is the one spelling of a checkpoint without extensions."""
        lines = text.split("\n")
        if len(lines) != 4 or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
            raise BadNote("not a checkpoint")
        root = decoded(lines[2])
        found = cls(lines[0], int(lines[1]), root)
        if len(root) != 32 or not lines[0] or found.text != text:
            raise BadNote("not a checkpoint")
        return found

    @classmethod
    def open(cls, note: bytes, keys: Iterable[VerifierKey]) -> Self:
        """The checkpoint of a note that the key of its origin's name signed. Raises BadNote."""
        known = list(keys)
        claimed = note.partition(b"\n")[0].decode("utf-8", "replace")
        return cls.parse(open_note(note, [key for key in known if key.name == claimed]))


def proof_file(entry: bytes, index: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
    """A tlog-proof with the entry's bytes as its extra data."""
    lines = [PROOF, f"extra {base64.b64encode(entry).decode()}", f"index {index}"]
    lines += [base64.b64encode(each).decode() for each in proof]
    return "\n".join([*lines, "", ""]).encode() + checkpoint
