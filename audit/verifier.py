"""Verify an export of the audit log, a proof of one entry, or a receipt, trusting neither the platform nor whoever
handed it over.

    python -m audit.verifier BUNDLE.zip --key VKEY-FILE [--witness-policy FILE] [--previous BUNDLE.zip] [--json]
    python -m audit.verifier proof FILE --key VKEY-FILE [--json]
    python -m audit.verifier receipt FILE --key VKEY-FILE [--code F] [--input F…] [--output F…] [--witness-policy FILE]

One file that needs Python 3.11 or later, `cryptography`, and nothing else: copy it to a machine that you trust and run
it there as a program. It opens no connection, reads no clock, and shares no code with what it verifies. The formats are
in docs/audit.md. It is longer than a module should be because it has to be one.

Exit status: 0 verified, 10 tampered, 11 incomplete, 12 forked, 13 stale, 14 untrusted, 2 usage.
"""

import argparse
import base64
import binascii
import gzip
import hashlib
import hmac
import io
import json
import re
import struct
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing import cpu_count, get_context
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, NoReturn, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

VERIFIED, USAGE, TAMPERED, INCOMPLETE, FORKED, STALE, UNTRUSTED = 0, 2, 10, 11, 12, 13, 14
RESULTS = {
    VERIFIED: "verified",
    USAGE: "usage",
    TAMPERED: "tampered",
    INCOMPLETE: "incomplete",
    FORKED: "forked",
    STALE: "stale",
    UNTRUSTED: "untrusted",
}
NEXT = {
    VERIFIED: "",
    USAGE: "Correct the command line or the file that it names, and run this again.",
    TAMPERED: "Keep this file as it is, and get the export anew. If the new one fails at the same place, the platform's"
    " own record was changed: report it, with both files.",
    INCOMPLETE: "Get the file again, whole. If what is missing stays missing, ask the platform why it holds it back.",
    FORKED: "Keep both files: together they prove that the log told two histories. Accept neither, and report it.",
    STALE: "Ask for a new export. If only older ones are to be had, the platform may have been set back: report it.",
    UNTRUSTED: "Compare the key file with what the operator published for this installation; after a rotation it has"
    " new lines. Never take keys from whoever gave you this file.",
}
NOT_PROVED = (
    "that what a sandbox reported is true, or that the code was right",
    "that whoever is behind a pseudonym is the person one thinks",
    "that things happened which nobody recorded, or did not",
)
FORMAT = "bailiwick-export/v1"
ERASED = "audit:subject:erased"
MIB = 1 << 20
MOST_ENTRIES = 65_536
MOST_SIGNATURES = 64
MOST_FILES = 1 << 20
# Places of erased fields that are named, for each key; all are counted.
MOST_PLACES = 1000
# Fewer entries than these are read before other processes have begun to help.
ALONE = 50_000
PLAIN, COSIGNATURE = 1, 4
Result = TypeVar("Result")


class Finding(Exception):
    """Why it is not verified: which of the results, where, and what was found."""

    def __init__(self, status: int, message: str, *, index: int | None = None, file: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.index = index
        self.file = file


# ---- the archive -------------------------------------------------------------------------------------------------

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_FIRST_OF_1980 = 33
_ATTRIBUTES = 0o600 << 16
_UNIX = 3 << 8
# Where Python's zipfile changes to the 64-bit forms.
LIMIT = (1 << 31) - 1


class Member(NamedTuple):
    """A file of the archive, and the only headers that it may have."""

    name: str
    size: int
    crc: int
    at: int

    @property
    def local(self) -> bytes:
        """What stands before the content."""
        name = self.name.encode()
        sizes = (self.crc, self.size, self.size, len(name), 0)
        return _LOCAL.pack(b"PK\3\4", 20, 0, 0, 0, _FIRST_OF_1980, *sizes) + name

    @property
    def begins(self) -> int:
        """Where the content begins."""
        return self.at + _LOCAL.size + len(self.name)

    @property
    def central(self) -> bytes:
        """Its line in the central directory."""
        name = self.name.encode()
        far = self.at > LIMIT
        extra = struct.pack("<2HQ", 1, 8, self.at) if far else b""
        version = 45 if far else 20
        where = 0xFFFFFFFF if far else self.at
        sizes = (self.crc, self.size, self.size, len(name), len(extra), 0, 0, 0, _ATTRIBUTES, where)
        return _CENTRAL.pack(b"PK\1\2", _UNIX | version, version, 0, 0, 0, _FIRST_OF_1980, *sizes) + name + extra


def _ending(members: Iterable[Member], offset: int) -> bytes:
    """The central directory and the end record, byte for byte."""
    lines = [member.central for member in members]
    central, count = b"".join(lines), len(lines)
    size, far = len(central), b""
    if count > 0xFFFF or offset > LIMIT or size > LIMIT:
        far = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, offset)
        far += struct.pack("<4sLQL", b"PK\6\7", 0, offset + size, 1)
    few = min(count, 0xFFFF)
    ends = (0, 0, few, few, min(size, 0xFFFFFFFF), min(offset, 0xFFFFFFFF), 0)
    return central + far + struct.pack("<4s4H2LH", b"PK\5\6", *ends)


class Archive:
    """A zip archive that is laid out in the one way that docs/audit.md allows: no byte of it is without a meaning."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises Finding for any other archive."""
        self._file = file
        self._length = file.seek(0, 2)
        self.members: dict[str, Member] = {}
        # Size and SHA-256 that were signed; a file without is read, but not believed.
        self.signed: dict[str, tuple[int, str]] = {}
        offset = self._walk()
        expected = _ending(self.members.values(), offset)
        file.seek(offset)
        found = file.read(len(expected) + 1)
        if found != expected:
            if expected.startswith(found):
                raise Finding(INCOMPLETE, "The archive ends before its directory does.")
            raise Finding(TAMPERED, "The archive's directory is not that of its files, or more stands behind it.")

    def _walk(self) -> int:
        at = 0
        while len(self.members) <= MOST_FILES:
            self._file.seek(at)
            head = self._file.read(_LOCAL.size)
            if at and head.startswith(b"PK\1\2"):
                return at
            if len(head) < _LOCAL.size:
                raise Finding(INCOMPLETE, "The archive ends where another file or its directory should begin.")
            member = self._member(at, head)
            self.members[member.name] = member
            at = member.begins + member.size
            if at > self._length:
                raise Finding(INCOMPLETE, f"The archive ends within {member.name}.", file=member.name)
        raise Finding(TAMPERED, "The archive has more files than an export can have.")

    def _member(self, at: int, head: bytes) -> Member:
        crc, size, _, length, _ = _LOCAL.unpack(head)[6:]
        raw = self._file.read(min(length, 200))
        if head[:4] == b"PK\3\4" and len(raw) < min(length, 200):
            raise Finding(INCOMPLETE, "The archive ends within the name of a file.")
        if head[:4] != b"PK\3\4" or not raw.isascii() or not _NAME.fullmatch(raw.decode()):
            raise Finding(TAMPERED, f"At byte {at} there is no file of an export: this is none, or it was changed.")
        member = Member(raw.decode(), size, crc, at)
        if head + raw != member.local or size > LIMIT:
            raise Finding(TAMPERED, f"The header of {member.name} is not one of an export.", file=member.name)
        if member.name in self.members:
            raise Finding(TAMPERED, f"{member.name} is in the archive twice.", file=member.name)
        return member

    def stream(self, name: str) -> Iterator[bytes]:
        """The content in pieces; raises Finding at its end unless it is what was signed."""
        member = self._present(name)
        at, left = member.begins, member.size
        crc, digest = 0, hashlib.sha256()
        while left:
            self._file.seek(at)
            piece = self._file.read(min(MIB, left))
            if not piece:
                raise Finding(INCOMPLETE, f"{name} ends early.", file=name)
            at, left = at + len(piece), left - len(piece)
            crc = zlib.crc32(piece, crc)
            digest.update(piece)
            yield piece
        size, expected = self.signed.get(name, (member.size, digest.hexdigest()))
        if member.size < size:
            raise Finding(INCOMPLETE, f"{name} has {member.size} bytes of the {size} that were signed.", file=name)
        if crc != member.crc or digest.hexdigest() != expected:
            raise Finding(TAMPERED, f"{name} is not what was signed.", file=name)

    def read(self, name: str, most: int) -> bytes:
        """A small file, whole."""
        if self._present(name).size > most:
            raise Finding(TAMPERED, f"{name} is larger than it can be.", file=name)
        return b"".join(self.stream(name))

    def _present(self, name: str) -> Member:
        if name not in self.members:
            raise Finding(INCOMPLETE, f"{name} is missing.", file=name)
        return self.members[name]


# ---- keys, notes and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature) ------------------------------


@dataclass(frozen=True)
class Key:
    """A verifier key: signatures of text (PLAIN), or timestamped cosignatures of checkpoints (COSIGNATURE)."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell it from other keys of its name."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @classmethod
    def parse(cls, line: str, kind: int) -> "Key":
        """The key of a line. Raises ValueError."""
        name, _, rest = line.partition("+")
        key_id, _, encoded = rest.partition("+")
        material = base64.b64decode(encoded, validate=True)
        if not re.fullmatch(r"[^\s+]+", name) or len(material) != 33 or material[0] != kind:
            raise ValueError("it is not an Ed25519 verifier key of the kind that belongs here")
        key = cls(name, kind, material[1:])
        if key.key_id.hex() != key_id:
            raise ValueError("its key id is not its own")
        return key

    def time_of(self, signature: bytes, text: bytes) -> int | None:
        """When it signed (0 for a PLAIN signature), or None if this is no signature of the text."""
        time = 0
        if self.kind == COSIGNATURE:
            time = int.from_bytes(signature[:8], "big")
            text, signature = f"cosignature/v1\ntime {time}\n".encode() + text, signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return None
        return time if time < 1 << 63 else None


_SIGNATURE = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+={0,2})")


def _decoded(text: str) -> bytes:
    """The bytes of their one base64 spelling. Raises ValueError for any other."""
    found = base64.b64decode(text, validate=True)
    if base64.b64encode(found).decode() != text:
        raise ValueError("not base64 as it is written")
    return found


class Note:
    """A signed note, taken apart; nothing in it is true until a key says so."""

    def __init__(self, note: bytes, what: str) -> None:
        """`what` names it in findings. Raises Finding."""
        self.what = what
        try:
            whole = note.decode()
            text, blank, below = whole.rpartition("\n\n")
            lines = [_SIGNATURE.fullmatch(line) for line in below[:-1].split("\n")]
            if not blank or below[-1:] != "\n" or re.search(r"[\x00-\x09\x0b-\x1f]", whole) or not all(lines):
                raise ValueError
            if len(lines) > MOST_SIGNATURES:
                raise ValueError
            self.text = text + "\n"
            self.signatures = [(line["name"], _decoded(line["signature"])) for line in lines if line]
        except ValueError:
            raise Finding(TAMPERED, f"{what} is not a signed note.") from None

    def signers(self, keys: Iterable[Key]) -> dict[Key, int]:
        """Those of the keys that signed, each with its time. Raises Finding if a signature of one of them is wrong."""
        known = {(key.name, key.key_id): key for key in keys}
        found: dict[Key, int] = {}
        for name, signature in self.signatures:
            if key := known.get((name, signature[:4])):
                time = key.time_of(signature[4:], self.text.encode())
                if time is None:
                    raise Finding(TAMPERED, f"The signature of {name} on {self.what} is wrong.")
                found[key] = time
        return found

    def require(self, keys: Iterable[Key]) -> dict[Key, int]:
        """As `signers`, but at least one must have signed."""
        if found := self.signers(keys):
            return found
        names = ", ".join(sorted({name for name, _ in self.signatures}))
        raise Finding(UNTRUSTED, f"{self.what} is signed by no key of the key file, but in the name of: {names}.")


class Checkpoint(NamedTuple):
    """The head of a log: its root at a size."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, note: Note, *, extended: bool = False) -> "Checkpoint":
        """Raises Finding unless the text is the one spelling of a checkpoint, with further lines only if `extended`."""
        first, *rest = note.text.split("\n")
        try:
            size, encoded, *more, end = rest
            root = _decoded(encoded)
            if not first or len(root) != 32 or not re.fullmatch(r"0|[1-9][0-9]{0,17}", size) or end:
                raise ValueError
            if not all(more) or (more and not extended):
                raise ValueError
        except ValueError:
            raise Finding(TAMPERED, f"{note.what} is not a checkpoint.") from None
        return cls(first, int(size), root)

    @classmethod
    def open(cls, data: bytes, keys: Iterable[Key], what: str) -> "Checkpoint":
        """A checkpoint that a key of its origin's name signed."""
        note = Note(data, what)
        found = cls.parse(note)
        note.require(key for key in keys if key.name == found.origin)
        return found


@dataclass(frozen=True)
class ProofFile:
    """A C2SP tlog-proof: nothing in it is true until its checkpoint is."""

    entry: bytes
    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes

    @classmethod
    def parse(cls, data: bytes, what: str) -> "ProofFile":
        """Raises Finding."""
        head, _, checkpoint = data.partition(b"\n\n")
        try:
            first, extra, index, *proof = head.decode("ascii").split("\n")
            number = re.fullmatch(r"index (0|[1-9][0-9]{0,17})", index)
            if first != "c2sp.org/tlog-proof@v1" or not extra.startswith("extra ") or number is None:
                raise ValueError
            hashes = tuple(_decoded(line) for line in proof)
            if len(hashes) > 63 or any(len(each) != 32 for each in hashes):
                raise ValueError
            return cls(_decoded(extra[6:]), int(number[1]), hashes, checkpoint)
        except ValueError:
            raise Finding(TAMPERED, f"{what} is not a proof file of an entry.") from None

    def require(self, head: Checkpoint, what: str) -> None:
        """Raise Finding unless the entry is in the log at its index."""
        if root_from_inclusion(self.index, head.size, leaf_hash(self.entry), self.proof) != head.root:
            raise Finding(TAMPERED, f"{what} does not lead from the entry to the checkpoint.", index=self.index)


@dataclass(frozen=True)
class Policy:
    """Which cosignatures are enough (C2SP tlog-policy)."""

    logs: tuple[Key, ...] = ()
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str = "none"

    @classmethod
    def parse(cls, text: str) -> "Policy":
        """Raises ValueError with the line that is wrong."""
        found, quorums, logs = cls(), [], []
        for number, line in enumerate(text.split("\n"), 1):
            match re.split(r"[ \t]+", line.strip(" \t")):
                case [""]:
                    pass
                case [first, *_] if first.startswith("#"):
                    pass
                case ["log", vkey] | ["log", vkey, _]:
                    logs.append(Key.parse(vkey, PLAIN))
                case ["witness", name, vkey] | ["witness", name, vkey, _] if found._is_new(name):
                    found.witnesses[name] = Key.parse(vkey, COSIGNATURE)
                case ["group", name, count, *members] if found._is_new(name) and found._are_members(members):
                    found.groups[name] = (_threshold(count, len(members)), tuple(members))
                case ["quorum", name] if name == "none" or not found._is_new(name):
                    quorums.append(name)
                case _:
                    raise ValueError(f"line {number} is not one of a witness policy")
        for keys in (logs, list(found.witnesses.values())):
            if len({key.public for key in keys}) < len(keys):
                raise ValueError("one key is listed twice")
        if len(quorums) != 1:
            raise ValueError("there must be one quorum line")
        return cls(tuple(logs), found.witnesses, found.groups, quorums[0])

    def _is_new(self, name: str) -> bool:
        return name != "none" and name not in self.witnesses and name not in self.groups

    def _are_members(self, names: Sequence[str]) -> bool:
        used = {name for _, members in self.groups.values() for name in members}
        return all(not self._is_new(name) and name != "none" and name not in used for name in names) and len(
            set(names)
        ) == len(names)

    def met_by(self, signed: Iterable[Key]) -> bool:
        """Whether these cosignatures are enough."""
        met = {name for name, key in self.witnesses.items() if key in set(signed)} | {"none"}
        # A group's members are defined before it.
        for name, (count, members) in self.groups.items():
            if len(met.intersection(members)) >= count:
                met.add(name)
        return self.quorum in met


def _threshold(text: str, members: int) -> int:
    count = {"all": members, "any": 1}.get(text) or (int(text) if re.fullmatch("[1-9][0-9]*", text) else 0)
    if not 1 <= count <= members:
        raise ValueError("a group needs members, and a number of them")
    return count


# ---- the tree (RFC 6962, section 2.1) --------------------------------------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\1" + left + right).digest()


def cover(first: int, end: int) -> Iterator[int]:
    """The heights of the largest complete subtrees that cover [first, end), in order."""
    while first < end:
        height = (end - first).bit_length() - 1
        if first:
            height = min(height, (first & -first).bit_length() - 1)
        yield height
        first += 1 << height


class Tree:
    """A tree that grows by complete subtrees, and remembers its root at one size."""

    def __init__(self, watched: int | None = None) -> None:
        self.size = 0
        self.watched = watched
        self.seen: bytes | None = None
        self._stack: list[bytes] = []

    def push(self, digest: bytes, height: int = 0) -> None:
        """Add a complete subtree; the size so far must be a multiple of its size."""
        number = self.size >> height
        while number & 1:
            digest = node_hash(self._stack.pop(), digest)
            number >>= 1
        self._stack.append(digest)
        self.size += 1 << height
        if self.size == self.watched:
            self.seen = self.root

    @property
    def root(self) -> bytes:
        """The root of what there is."""
        if not self._stack:
            return hashlib.sha256().digest()
        *rest, found = self._stack
        for left in reversed(rest):
            found = node_hash(left, found)
        return found


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2); None if it is not one for this place."""
    if not 0 <= index < size:
        return None
    number, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if number & 1 or number == last:
            found = node_hash(sibling, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        number, last = number >> 1, last >> 1
    return None if last else found


def is_prefix(earlier: int, size: int, earlier_root: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a consistency proof shows that the one tree is a prefix of the other (RFC 9162, 2.1.4.2)."""
    if earlier == size:
        return not proof and earlier_root == root
    if not 0 < earlier < size or not proof:
        return False
    path = list(proof) if earlier & (earlier - 1) else [earlier_root, *proof]
    number, last = earlier - 1, size - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old = new = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            old, new = node_hash(each, old), node_hash(each, new)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            new = node_hash(new, each)
        number, last = number >> 1, last >> 1
    return not last and old == earlier_root and new == root


# ---- canonical JSON (RFC 8785, without floats) -----------------------------------------------------------------------


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number of the format")


_decoder = json.JSONDecoder(parse_float=_no_number, parse_constant=_no_number)
# What was decoded has no circles.
_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)


def canonical(data: bytes) -> dict[str, Any]:
    """The object of its one spelling. Raises ValueError for any other, for two keys of one name for instance."""
    text = data.decode()
    try:
        # What stands behind the value shows in the comparison.
        value, _ = _decoder.raw_decode(text)
        if type(value) is not dict or _encoder.encode(value) != text:
            raise ValueError("not canonical JSON")
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def _is_hex(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 53


# ---- the manifest ----------------------------------------------------------------------------------------------------

_FIELDS = {"format", "origin", "id", "made_at", "about", "range", "size", "root", "left", "right", "previous", "files"}
_CHUNK = re.compile(r"(entries|hashes|payloads)/(0|[1-9][0-9]{0,17})-([1-9][0-9]{0,17})")
_KINDS = re.compile(r"checkpoint|meta\.tlog-proof|blobs/[0-9a-f]{64}|views/[A-Za-z0-9._-]+|" + _CHUNK.pattern)
_BASE = re.compile(r"(?P<base>[^\s+]+?)/(?:project/(?P<project>[0-9a-f-]{36})|(?P<other>platform|meta))")


class Previous(NamedTuple):
    """The export before, as the manifest tells of it."""

    size: int
    root: bytes
    proof: tuple[bytes, ...]


class Chunk(NamedTuple):
    """The entries [first, end), in three files of one name."""

    first: int
    end: int

    def file(self, kind: str) -> str:
        """The name of one of the three."""
        return f"{kind}/{self.first}-{self.end}"


@dataclass(frozen=True)
class Manifest:
    """What the exporter signed."""

    told: dict[str, Any]
    origin: str
    base: str
    # The project's id, "" for the platform's log, None for the meta-log.
    project: str | None
    first: int
    end: int
    size: int
    root: bytes
    left: tuple[bytes, ...]
    right: tuple[bytes, ...]
    previous: Previous | None
    files: dict[str, tuple[int, str]]

    @classmethod
    def open(cls, archive: Archive, keys: Sequence[Key]) -> "Manifest":
        """The manifest of a bundle, once a key for exports has signed it. Raises Finding."""
        data, signature = archive.read("manifest.json", 64 * MIB), archive.read("manifest.sig", 4096)
        note = Note(signature, "manifest.sig")
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        signer, *others = note.require(key for key in keys if key.name.endswith("/exports"))
        if note.text != f"{FORMAT}\n{digest}\n" or len(note.signatures) != 1 or others:
            raise Finding(TAMPERED, "manifest.json is not what manifest.sig signs.", file="manifest.json")
        try:
            found = cls._parse(canonical(data))
        except (ValueError, KeyError, TypeError):
            raise Finding(
                TAMPERED, "manifest.json is signed, but not as the format says.", file="manifest.json"
            ) from None
        if signer.name != f"{found.base}/exports":
            raise Finding(UNTRUSTED, f"{signer.name} signed the manifest of {found.origin}: it may not.")
        return found

    @classmethod
    def _parse(cls, told: dict[str, Any]) -> "Manifest":
        first, end = told["range"]
        size, name = told["size"], _BASE.fullmatch(told["origin"])
        if set(told) != _FIELDS or told["format"] != FORMAT or name is None or type(told["about"]) is not dict:
            raise ValueError
        if not all(map(_is_count, (first, end, size))) or not first <= end <= size or not size:
            raise ValueError
        left, right = (tuple(map(_digest, told[side])) for side in ("left", "right"))
        if len(left) != len(list(cover(0, first))) or len(right) != len(list(cover(end, size))):
            raise ValueError
        if not all(type(told[each]) is str for each in ("id", "made_at")):
            raise ValueError
        files = {each["name"]: (each["size"], each["sha256"]) for each in told["files"]}
        if len(files) != len(told["files"]) or any(set(each) != {"name", "size", "sha256"} for each in told["files"]):
            raise ValueError
        if not all(_is_count(length) and _is_hex(digest) for length, digest in files.values()):
            raise ValueError
        project = None if name["other"] == "meta" else name["project"] or ""
        before = None if told["previous"] is None else _previous(**told["previous"])
        heads = (told["origin"], name["base"], project, first, end, size, _digest(told["root"]))
        return cls(told, *heads, left, right, before, files)

    def chunks(self) -> list[Chunk]:
        """The range in pieces, in order. Raises Finding if a piece of it is missing."""
        found = [_CHUNK.fullmatch(name) for name in self.files if name.startswith("entries/")]
        chunks = sorted(Chunk(int(each[2]), int(each[3])) for each in found if each)
        at = self.first
        for chunk in chunks:
            if chunk.first != at:
                break
            if not 0 < chunk.end - chunk.first <= MOST_ENTRIES or chunk.end > self.end:
                raise Finding(TAMPERED, f"{chunk.file('entries')} has a range that it cannot have.", index=at)
            at = chunk.end
        if at != self.end or (chunks and chunks[-1].end != at):
            raise Finding(INCOMPLETE, f"The entries from {at} on are missing, though the range goes on.", index=at)
        return chunks


def _digest(value: object) -> bytes:
    if not _is_hex(value):
        raise ValueError
    return bytes.fromhex(str(value))


@dataclass(frozen=True)
class Filter:
    """Which entries the exporter says that it opened and showed."""

    since: str | None = None
    until: str | None = None
    events: frozenset[str] = frozenset()

    @classmethod
    def of(cls, about: dict[str, Any]) -> "Filter":
        """The filter of a manifest's `about`. Raises Finding."""
        told = about.get("filter") or {}
        try:
            events, times = told.get("events") or [], [told.get("since"), told.get("until")]
            if not all(type(each) is str for each in events) or not all(
                type(each) in (str, type(None)) for each in times
            ):
                raise ValueError
            return cls(times[0], times[1], frozenset(events))
        except (AttributeError, TypeError, ValueError):
            raise Finding(TAMPERED, "The manifest's filter is not as the format says.", file="manifest.json") from None

    def takes(self, header: dict[str, Any]) -> bool:
        """Whether it is one of those entries."""
        if self.events and header["event"] not in self.events:
            return False
        if self.since is not None and header["recorded_at"] < self.since:
            return False
        return self.until is None or bool(header["recorded_at"] < self.until)


def _previous(*, size: int, root: str, proof: list[str]) -> Previous:
    if not _is_count(size) or type(proof) is not list:
        raise ValueError
    return Previous(size, _digest(root), tuple(map(_digest, proof)))


# ---- what the entries say --------------------------------------------------------------------------------------------


_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Ids:
    """The ids of all entries, to find one that is there twice; in memory up to a bound, then in temporary files."""

    def __init__(self) -> None:
        self._buckets = [tempfile.SpooledTemporaryFile(MIB // 2) for _ in range(64)]  # noqa: SIM115

    def add(self, identity: bytes, index: int) -> None:
        """An entry has this id."""
        self._buckets[identity[0] & 63].write(identity + index.to_bytes(8, "big"))

    def require_unique(self) -> None:
        """Raise Finding if an id is there twice."""
        for bucket in self._buckets:
            bucket.seek(0)
            seen: set[bytes] = set()
            while line := bucket.read(24):
                if line[:16] in seen:
                    index = int.from_bytes(line[16:], "big")
                    raise Finding(TAMPERED, f"Entry {index} has the id of an earlier one.", index=index)
                seen.add(line[:16])

    def dump(self) -> list[bytes]:
        """What was added, for `load`."""
        for bucket in self._buckets:
            bucket.seek(0)
        return [bucket.read() for bucket in self._buckets]

    def load(self, dumped: list[bytes]) -> None:
        """Add what was added elsewhere, to later entries."""
        for bucket, lines in zip(self._buckets, dumped, strict=True):
            bucket.write(lines)

    def close(self) -> None:
        """Leave nothing behind."""
        for bucket in self._buckets:
            bucket.close()


@dataclass
class Unopened:
    """Fields that are not opened, all of one data key."""

    count: int = 0
    places: list[dict[str, Any]] = field(default_factory=list)


class Lines:
    """The lines of a payloads file, one after another."""

    def __init__(self, name: str, pieces: Iterator[bytes]) -> None:
        self._name = name
        self._pieces = pieces
        self._lines = self._split()
        self._next: dict[str, Any] | None = None
        self._advance()

    def take(self, index: int, kind: str) -> dict[str, Any] | None:
        """The next line, if it is one of this kind for this entry."""
        line = self._next
        if line is None or line.get("index") != index or kind not in line:
            return None
        self._advance()
        return line

    def require_signed(self) -> None:
        """Read on to the end; raise Finding if the file is not what was signed."""
        for _ in self._pieces:
            pass

    def require_end(self) -> None:
        """Raise Finding if a line is left, or if the file is not what was signed."""
        self.require_signed()
        if self._next is not None:
            raise Finding(TAMPERED, "A line belongs to no entry, or is out of order.", file=self._name)

    def _advance(self) -> None:
        self._next = next(self._lines, None)

    def _split(self) -> Iterator[dict[str, Any]]:
        rest = b""
        for piece in self._pieces:
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                yield self._parse(line)
            if len(rest) > MIB:
                break
        if rest:
            self._parse(b"")

    def _parse(self, line: bytes) -> dict[str, Any]:
        try:
            value = _decoder.decode(line.decode())
            if type(value) is not dict:
                raise ValueError
        except (ValueError, RecursionError):
            raise Finding(TAMPERED, "A line is not a JSON object.", file=self._name) from None
        return value


def _opens(commitment: object, salt: object, digest: bytes) -> bool:
    """Whether salt and digest of the content open the commitment."""
    if not _is_hex(salt) or not _is_hex(commitment):
        return False
    return hmac.digest(bytes.fromhex(str(salt)), digest, "sha256").hex() == commitment


@dataclass
class Found:
    """What the entries said that were read so far."""

    # Of the blobs, those that no commitment has named yet; and the revisions of policy that entries name.
    unnamed: set[str]
    revisions: set[str] = field(default_factory=set)
    matched: int = 0
    opened: int = 0
    commitments: int = 0
    sealed: int = 0
    unopened: dict[str, Unopened] = field(default_factory=dict)
    opened_keys: set[str] = field(default_factory=set)
    erasures: dict[str, int] = field(default_factory=dict)

    def add(self, later: "Found") -> None:
        """Go on with what later entries said."""
        self.unnamed &= later.unnamed
        self.revisions |= later.revisions
        self.matched += later.matched
        self.opened += later.opened
        self.commitments += later.commitments
        self.sealed += later.sealed
        self.opened_keys |= later.opened_keys
        self.erasures = later.erasures | self.erasures
        for key, more in later.unopened.items():
            its = self.unopened.setdefault(key, Unopened())
            its.count += more.count
            its.places += more.places[: MOST_PLACES - len(its.places)]


class Headers:
    """Reads the entries of a project's log or of the platform's, each with what belongs to its commitments."""

    def __init__(self, manifest: Manifest) -> None:
        self._tenant = manifest.project or None
        self._filter = Filter.of(manifest.told["about"])
        self._filters = self._filter != Filter()
        self._counts = manifest.told["about"].get("counts")
        self.found = Found({name[6:] for name in manifest.files if name.startswith("blobs/")})
        self._looks_for_revisions = bool(self.found.unnamed)
        self._entries = manifest.end - manifest.first
        self._ids = Ids()
        self.close = self._ids.close

    def dump(self) -> tuple[Found, list[bytes]]:
        """What was read, for `load`."""
        return self.found, self._ids.dump()

    def load(self, dumped: tuple[Found, list[bytes]]) -> None:
        """Go on with what another reader read of later entries."""
        self.found.add(dumped[0])
        self._ids.load(dumped[1])

    def read(self, index: int, entry: bytes, lines: Lines) -> None:
        """Raise Finding unless the entry is as the format says, and everything that it commits to fits."""
        try:
            header = canonical(entry)
            if not _UUID.fullmatch(header["id"]) or type(header["facts"]) is not dict:
                raise ValueError
            sealed, commitments = header.get("sealed", {}), header["commitments"]
            if type(sealed) is not dict or type(commitments) is not dict or header["tenant"] != self._tenant:
                raise ValueError
            if self._filters and self._filter.takes(header):
                self.found.matched += 1
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Finding(
                TAMPERED, f"Entry {index} is not one of this log, or not as the format says.", index=index
            ) from None
        self._ids.add(bytes.fromhex(header["id"].replace("-", "")), index)
        for name in sorted(sealed):
            self._sealed(index, name, sealed[name], lines)
        self._commitments(index, commitments, lines)
        if self._looks_for_revisions and (revision := header["facts"].get("revision")):
            self.found.revisions.add(str(revision))
        if header["event"] == ERASED:
            keys = header["facts"].get("keys")
            for key in keys if type(keys) is list else []:
                self.found.erasures.setdefault(str(key), index)

    def _sealed(self, index: int, name: str, told: object, lines: Lines) -> None:
        line = lines.take(index, "field")
        if line is None or line["field"] != name:
            raise Finding(
                INCOMPLETE, f'The line of the sealed field "{name}" of entry {index} is missing.', index=index
            )
        try:
            if set(line) != {"index", "field", "sealed", "opened"} or type(told) is not dict:
                raise ValueError
            key, opened = str(told["key"]), line["opened"]
            if hashlib.sha256(_decoded(line["sealed"])).hexdigest() != told["digest"]:
                raise ValueError
            if opened is not None and not _opens(told["commitment"], *_salt_and_digest(**opened)):
                raise ValueError
        except (ValueError, KeyError, TypeError):
            message = f'The content of the sealed field "{name}" of entry {index} is not what the entry commits to.'
            raise Finding(TAMPERED, message, index=index) from None
        self.found.sealed += 1
        if opened is not None:
            self.found.opened += 1
            self.found.opened_keys.add(key)
            return
        its = self.found.unopened.setdefault(key, Unopened())
        its.count += 1
        if its.count <= MOST_PLACES:
            its.places.append({"index": index, "field": name})

    def _commitments(self, index: int, commitments: dict[str, Any], lines: Lines) -> None:
        last = ""
        while (line := lines.take(index, "commitment")) is not None:
            name, digest = line["commitment"], line.get("sha256")
            fits = set(line) == {"index", "commitment", "salt", "sha256"} and type(name) is str and last < name
            if (
                not fits
                or not _is_hex(digest)
                or not _opens(commitments.get(name), line["salt"], bytes.fromhex(str(digest)))
            ):
                message = f"An opened commitment of entry {index} is not what the entry holds."
                raise Finding(TAMPERED, message, index=index)
            last = name
            self.found.commitments += 1
            self.found.unnamed.discard(str(digest))

    def told(self) -> dict[str, Any]:
        """What is to be reported. Raises Finding if an id is there twice."""
        self._ids.require_unique()
        erasures = self.found.erasures
        erased = {key: its for key, its in self.found.unopened.items() if key in erasures}
        gone = sum(its.count for its in erased.values())
        self._require_counts(gone)
        return {
            "sealed": {
                "fields": self.found.sealed,
                "opened": self.found.opened,
                "erased": gone,
                "closed": self.found.sealed - self.found.opened - gone,
            },
            "commitments_opened": self.found.commitments,
            "erased": [
                {"key": key, "by": erasures[key], "fields": its.count, "places": its.places}
                for key, its in erased.items()
            ],
            "warnings": [
                f"Fields under key {key} are opened, though entry {erasures[key]} says that it was destroyed."
                for key in sorted(self.found.opened_keys & erasures.keys())
            ],
        }

    def _require_counts(self, erased: int) -> None:
        """Raise Finding if the exporter counted otherwise."""
        found = self.found
        counts = {
            "entries": self._entries,
            "matched": found.matched if self._filters else self._entries,
            "sealed": found.sealed,
            "opened": found.opened,
            "erased": erased,
            "closed": found.sealed - found.opened - erased,
            "commitments_opened": found.commitments,
        }
        told = self._counts
        if told is None:
            return
        if type(told) is not dict or any(told.get(name, number) != number for name, number in counts.items()):
            message = f"The manifest counts otherwise than there is: it says {told}, and there is {counts}."
            raise Finding(TAMPERED, message, file="manifest.json")


def policy_revision(bundle: bytes) -> str | None:
    """The revision of a policy bundle, by what is in it; None if it is none."""
    try:
        plain = gzip.GzipFile(fileobj=io.BytesIO(bundle)).read(64 * MIB + 1)
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as packed:
            found = [(each.name.lstrip("/"), packed.extractfile(each)) for each in packed if each.isfile()]
            lines = [
                f"{hashlib.sha256(file.read()).hexdigest()}  ./{path}\n"
                for path, file in sorted(found, key=lambda each: each[0])
                if path != ".manifest" and file is not None
            ]
    except (OSError, EOFError, ValueError, zlib.error, tarfile.TarError):
        return None
    if not lines:
        return None
    listed = "".join(lines).encode("utf-8", "replace")
    return f"sha256:{hashlib.sha256(listed).hexdigest()}"


def _salt_and_digest(*, salt: str, content: str) -> tuple[str, bytes]:
    return salt, hashlib.sha256(_decoded(content)).digest()


class Heads:
    """Reads the entries of a meta-log: signed checkpoints of the other logs."""

    def __init__(self, manifest: Manifest, keys: Sequence[Key]) -> None:
        self._keys = keys
        self._names = {key.name for key in keys}
        self._last: dict[str, Checkpoint] = {}
        self._unknown: set[str] = set()
        self.found = Found({name[6:] for name in manifest.files if name.startswith("blobs/")})

    def close(self) -> None:
        """Nothing is held."""

    def read(self, index: int, entry: bytes, lines: Lines) -> None:
        """Raise Finding for what is no checkpoint, or contradicts an earlier one."""
        try:
            note = Note(entry, f"Entry {index}")
            head = Checkpoint.parse(note)
            if head.origin in self._names:
                note.require(key for key in self._keys if key.name == head.origin)
            else:
                self._unknown.add(head.origin)
        except Finding as finding:
            finding.index = index
            raise
        last = self._last.get(head.origin, Checkpoint(head.origin, 0, b""))
        if head.size < last.size or (head.size == last.size and head.root != last.root):
            raise Finding(FORKED, f"Entry {index} contradicts an earlier checkpoint of {head.origin}.", index=index)
        self._last[head.origin] = head

    def told(self) -> dict[str, Any]:
        """What is to be reported."""
        sealed = {"fields": 0, "opened": 0, "erased": 0, "closed": 0}
        missing = [f"The key file has no key of {name}: its checkpoints were not checked." for name in self._unknown]
        return {"sealed": sealed, "commitments_opened": 0, "erased": [], "warnings": sorted(missing)}


# ---- a bundle --------------------------------------------------------------------------------------------------------


class Bundle:
    """An export whose archive, manifest and checkpoint are what a trusted key signed."""

    def __init__(self, file: BinaryIO, keys: Sequence[Key]) -> None:
        """Raises Finding; with the log's name once that is certain."""
        self.keys = keys
        self.archive = Archive(file)
        self.manifest = Manifest.open(self.archive, keys)
        try:
            self._require_files()
            self.archive.signed = self.manifest.files
            data = self.archive.read("checkpoint", MIB)
            self.head = Checkpoint.open(data, keys, "checkpoint")
            if self.head != (self.manifest.origin, self.manifest.size, self.manifest.root):
                raise Finding(TAMPERED, "The checkpoint is not the one of the manifest.", file="checkpoint")
            self.chunks = self.manifest.chunks()
        except Finding as finding:
            raise Located(self.manifest.origin, finding) from None

    def _require_files(self) -> None:
        manifest, archive = self.manifest, self.archive
        for name in manifest.files:
            if not _KINDS.fullmatch(name):
                raise Finding(TAMPERED, f"{name} is of no kind that this verifier knows.", file=name)
            if name not in archive.members:
                chunk = _CHUNK.fullmatch(name)
                raise Finding(INCOMPLETE, f"{name} is missing.", file=name, index=int(chunk[2]) if chunk else None)
        for name in archive.members.keys() - manifest.files.keys() - {"manifest.json", "manifest.sig"}:
            raise Finding(TAMPERED, f"{name} is not in the manifest.", file=name)
        if list(archive.members) != [*manifest.files, "manifest.json", "manifest.sig"]:
            raise Finding(TAMPERED, "The files of the archive are not in the manifest's order.")
        for name in manifest.files:
            if (chunk := _CHUNK.fullmatch(name)) and f"entries/{chunk[2]}-{chunk[3]}" not in manifest.files:
                raise Finding(TAMPERED, f"{name} belongs to no entries.", file=name)

    def hashes(self, chunk: Chunk) -> bytes:
        """The leaf hashes of a chunk, joined."""
        name, length = chunk.file("hashes"), 32 * (chunk.end - chunk.first)
        found = self.archive.read(name, MOST_ENTRIES * 32)
        if len(found) != length:
            status = INCOMPLETE if len(found) < length else TAMPERED
            raise Finding(status, f"{name} has {len(found)} bytes, not {length}.", file=name, index=chunk.first)
        return found

    def entries(self, chunk: Chunk) -> Iterator[tuple[int, bytes]]:
        """The entries of a chunk with their indexes. Raises Finding with the index of the first that is missing."""
        index, rest, name = chunk.first, b"", chunk.file("entries")
        try:
            for piece in self.archive.stream(name):
                rest, at = rest + piece, 0
                while len(rest) - at >= 2 and index < chunk.end:
                    ends = at + 2 + (rest[at] << 8 | rest[at + 1])
                    if ends > len(rest):
                        break
                    yield index, rest[at + 2 : ends]
                    index, at = index + 1, ends
                rest = rest[at:]
        except Finding as finding:
            finding.index = min(index, chunk.end - 1) if finding.index is None else finding.index
            raise
        if index < chunk.end:
            raise Finding(INCOMPLETE, f"{name} ends before entry {index} does.", file=name, index=index)
        if rest:
            raise Finding(TAMPERED, f"{name} goes on behind its last entry.", file=name, index=chunk.end - 1)

    def tree(self, leaves: Callable[[Chunk], Iterable[bytes]], watched: int | None = None) -> Tree:
        """The whole log's tree, with these leaves in the range."""
        manifest, tree = self.manifest, Tree(watched)
        for root, height in zip(manifest.left, cover(0, manifest.first), strict=True):
            tree.push(root, height)
        for chunk in self.chunks:
            for leaf in leaves(chunk):
                tree.push(leaf)
        for root, height in zip(manifest.right, cover(manifest.end, manifest.size), strict=True):
            tree.push(root, height)
        return tree

    def root_at(self, size: int | None) -> bytes | None:
        """The root that this log had at a size, as far as this bundle can tell. Raises Finding unless the hashes are
        those that the checkpoint is of."""

        def leaves(chunk: Chunk) -> Iterable[bytes]:
            found = self.hashes(chunk)
            return (found[at : at + 32] for at in range(0, len(found), 32))

        tree = self.tree(leaves, size)
        if tree.root != self.head.root:
            raise self._blame()
        return tree.seen

    def _blame(self) -> Finding:
        """What to say when the hashes lead to another root than the checkpoint's."""
        differs: list[int] = []

        def leaves(chunk: Chunk) -> Iterator[bytes]:
            hashes = self.hashes(chunk)
            for index, entry in self.entries(chunk):
                leaf = leaf_hash(entry)
                at = 32 * (index - chunk.first)
                if not differs and leaf != hashes[at : at + 32]:
                    differs.append(index)
                yield leaf

        if self.tree(leaves).root == self.head.root:
            return Finding(TAMPERED, "A hash beside the entries was changed; the entries are intact.", index=differs[0])
        if differs:
            message = "Both entries and the hashes beside them were changed, here or before."
            return Finding(TAMPERED, message, index=differs[0])
        message = "The entries are not those that the log signed; which of them cannot be told."
        return Finding(TAMPERED, message, index=self.manifest.first)

    def check_entries(self, reader: "Headers | Heads") -> None:
        """Raise Finding for the first entry that is not the one whose hash is in the tree, or not as it should be."""
        for chunk in self.chunks:
            self.check_chunk(chunk, reader)

    def check_chunk(self, chunk: Chunk, reader: "Headers | Heads") -> None:
        """The same for a chunk."""
        hashes, at = self.hashes(chunk), 0
        lines = Lines(chunk.file("payloads"), self.archive.stream(chunk.file("payloads")))
        try:
            for index, entry in self.entries(chunk):
                if leaf_hash(entry) != hashes[at : at + 32]:
                    name = chunk.file("entries")
                    raise Finding(TAMPERED, f"Entry {index} is not the one in the log.", file=name, index=index)
                at += 32
                reader.read(index, entry, lines)
        except Finding as finding:
            if finding.status == INCOMPLETE:
                # A line that is missing may be one that was changed.
                lines.require_signed()
            raise
        lines.require_end()

    def check_the_rest(self, unnamed: set[str], revisions: set[str]) -> None:
        """Raise Finding for any other file that is not what was signed, or whose content no entry names."""
        for name in self.manifest.files:
            if name.startswith(("blobs/", "views/")):
                for _ in self.archive.stream(name):
                    pass
            if name.startswith("blobs/") and name != f"blobs/{self.manifest.files[name][1]}":
                raise Finding(TAMPERED, f"{name} is named for another content.", file=name)
        for name in sorted(f"blobs/{digest}" for digest in unnamed):
            # What opens no commitment must be a policy that decided.
            if policy_revision(self.archive.read(name, 64 * MIB)) not in revisions:
                raise Finding(TAMPERED, f"{name} is nothing that an entry names.", file=name)

    def check_witnesses(self, policy: Policy | None) -> list[dict[str, Any]]:
        """Who cosigned, and when, of the policy's witnesses. Raises Finding if they are too few."""
        meta, checkpoint = MetaLog(self.manifest.base, self.keys, policy), self.archive.read("checkpoint", MIB)
        what = "meta.tlog-proof"
        if what in self.archive.members:
            return meta.cosigners_by(ProofFile.parse(self.archive.read(what, MIB), what), checkpoint, what, file=what)
        # The meta-log's own export needs no way to it.
        return meta.cosigners(checkpoint, "checkpoint") if self.manifest.project is None else meta.nobody("bundle")


class Helpers:
    """Other processes, which read a large bundle's entries while this one looks at its tree: a processor each."""

    _bundle: "Bundle"

    def __init__(self, file: BinaryIO, bundle: Bundle) -> None:
        """`file` is read anew by its path; whatever has none, and what is small, is read here alone."""
        self._futures: list[Future[tuple[Found, list[bytes]] | dict[str, Any]]] = []
        path, many = getattr(file, "name", None), min(cpu_count(), len(bundle.chunks))
        manifest = bundle.manifest
        if many > 1 and manifest.end - manifest.first >= ALONE and isinstance(path, str) and Path(path).is_file():
            given = (path, bundle.keys, manifest)
            self._pool = ProcessPoolExecutor(many, get_context("spawn"), Helpers.begin, given)
            self._futures = [self._pool.submit(Helpers.read, chunk) for chunk in bundle.chunks]

    @staticmethod
    def begin(path: str, keys: Sequence[Key], manifest: Manifest) -> None:
        """In a helper, first: open the same bundle."""
        Helpers._bundle = Bundle(open(path, "rb"), keys)  # noqa: SIM115 - it is read until the process ends
        if Helpers._bundle.manifest != manifest:
            raise ValueError("not the same bundle")

    @staticmethod
    def read(chunk: Chunk) -> tuple[Found, list[bytes]] | dict[str, Any]:
        """In a helper: read a chunk; what it says, or what is wrong with it."""
        with closing(Headers(Helpers._bundle.manifest)) as reader:
            try:
                Helpers._bundle.check_chunk(chunk, reader)
            except Finding as finding:
                return dict(vars(finding))
            return reader.dump()

    def check_entries(self, bundle: Bundle, reader: Headers | Heads) -> None:
        """As the bundle itself does it: the first that is wrong is what is said."""
        if not self._futures or not isinstance(reader, Headers):
            return bundle.check_entries(reader)
        for future in self._futures:
            try:
                told = future.result()
            except (BrokenExecutor, OSError, ValueError):
                raise Finding(TAMPERED, "The bundle changed, or could not be read on, while it was verified.") from None
            if isinstance(told, dict):
                raise Finding(**told)
            reader.load(told)

    def close(self) -> None:
        """Let them end."""
        if self._futures:
            self._pool.shutdown(wait=True, cancel_futures=True)


class MetaLog:
    """The log over the logs' checkpoints, as far as the command line trusts anybody's word on it."""

    def __init__(self, base: str, keys: Sequence[Key], policy: Policy | None) -> None:
        logs = policy.logs if policy and policy.logs else keys
        self.keys = [key for key in logs if key.name == f"{base}/meta"]
        self.policy = policy
        self.needed = policy is not None and policy.quorum != "none"

    def nobody(self, what: str) -> list[dict[str, Any]]:
        """Nobody cosigned what has no way to this log. Raises Finding if somebody has to."""
        if self.needed:
            raise Finding(UNTRUSTED, f"The {what} has no proof of the meta-log, so no witness vouches for it.")
        return []

    def cosigners_by(
        self, proof: ProofFile, checkpoint: bytes, what: str, file: str | None = None
    ) -> list[dict[str, Any]]:
        """Who cosigned the checkpoint of this log that has another log's checkpoint below it, as the proof shows."""
        if proof.entry != checkpoint:
            raise Finding(TAMPERED, f"{what} is of another checkpoint.", file=file)
        return self.cosigners(proof.checkpoint, what, proof)

    def cosigners(self, checkpoint: bytes, what: str, proof: ProofFile | None = None) -> list[dict[str, Any]]:
        """Who cosigned a checkpoint, and when, of the policy's witnesses. Raises Finding if they are too few."""
        # Without a key of the meta-log, and without a policy, it is only bytes like others.
        if self.keys or self.needed:
            head = Checkpoint.open(checkpoint, self.keys, f"The meta-log's checkpoint in {what}")
            if proof is not None:
                proof.require(head, what)
        if self.policy is None:
            return []
        signed = Note(checkpoint, what).signers(self.policy.witnesses.values())
        if not self.policy.met_by(signed):
            raise Finding(UNTRUSTED, f"{len(signed)} witnesses of the policy cosigned: too few for its quorum.")
        return [{"name": key.name, "time": time} for key, time in signed.items()]


class Located(Exception):
    """A finding, and the log that it is about."""

    def __init__(self, log: str, finding: Finding) -> None:
        super().__init__(finding.message)
        self.log = log
        self.finding = finding


def check_previous(bundle: Bundle, root_there: bytes | None, earlier: Bundle) -> dict[str, Any]:
    """Compare with an earlier bundle; `root_there` is this log's root at its size, if it is known. Raises Finding."""
    now, before = bundle.head, earlier.head
    if now.origin != before.origin:
        raise Finding(USAGE, f"The previous bundle is of another log, {before.origin}.")
    if before.size > now.size:
        at_ours = _in_previous(lambda: earlier.root_at(now.size))
        if at_ours is not None and at_ours != now.root:
            raise _fork(bundle, earlier)
        raise Finding(STALE, f"This bundle is of {now.size} entries, the previous one of {before.size}.")
    claimed = bundle.manifest.previous
    if root_there is None and claimed is not None and claimed.size == before.size:
        root_there = claimed.root
    if before.size == now.size:
        root_there = now.root
    if root_there is None:
        message = "Nothing in the bundle tells whether it continues the previous one: it needs a proof from that one,"
        message += f" or the entries from {before.size} on."
        raise Finding(INCOMPLETE, message, index=before.size)
    if root_there != before.root:
        raise _fork(bundle, earlier)
    return {"id": earlier.manifest.told["id"], "size": before.size}


def _fork(bundle: Bundle, earlier: Bundle) -> Finding:
    """Two histories: with the first entry that differs, if both bundles have it."""
    first = max(bundle.manifest.first, earlier.manifest.first)
    pairs = zip(_leaves_from(bundle, first), _leaves_from(earlier, first), strict=False)
    index = next((first + at for at, (one, other) in enumerate(pairs) if one != other), None)
    sizes = f"{earlier.head.size} and {bundle.head.size}"
    return Finding(FORKED, f"The log signed two histories, in its checkpoints of {sizes} entries.", index=index)


def _leaves_from(bundle: Bundle, first: int) -> Iterator[bytes]:
    for chunk in bundle.chunks:
        hashes = bundle.hashes(chunk)
        for index in range(max(first, chunk.first), chunk.end):
            at = 32 * (index - chunk.first)
            yield hashes[at : at + 32]


# ---- what is said ----------------------------------------------------------------------------------------------------


def report(status: int, **told: Any) -> dict[str, Any]:
    """A report in its one shape: every field is always there."""
    empty: dict[str, Any] = {
        "result": RESULTS[status], "exit": status, "log": None, "index": None, "file": None, "message": "",
        "next": NEXT[status], "range": None, "size": None, "root": None, "export": None, "sealed": None,
        "commitments_opened": None, "erased": [], "witnesses": [], "previous": None, "entry": None, "warnings": [],
        "receipt": None, "not_proved": [],
    }  # fmt: skip
    assert told.keys() <= empty.keys()
    return empty | told


def failure(log: str | None, finding: Finding) -> dict[str, Any]:
    """The report of what was found."""
    place = {"index": finding.index, "file": finding.file}
    return report(finding.status, log=log, message=finding.message, **place)


def verify_bundle(
    file: BinaryIO, keys: Sequence[Key], policy: Policy | None, previous: BinaryIO | None
) -> dict[str, Any]:
    """Verify a bundle, also against an earlier one; the report. Raises Finding or Located."""
    earlier = _in_previous(lambda: Bundle(previous, keys)) if previous else None
    bundle = Bundle(file, keys)
    manifest, head = bundle.manifest, bundle.head
    try:
        of_project = manifest.project is not None
        with (
            closing(Headers(manifest) if of_project else Heads(manifest, keys)) as reader,
            closing(Helpers(file, bundle)) as helpers,
        ):
            root_there = bundle.root_at(earlier.head.size if earlier else None)
            helpers.check_entries(bundle, reader)
            told = reader.told()
        bundle.check_the_rest(reader.found.unnamed, reader.found.revisions)
        if (before := manifest.previous) and not is_prefix(
            before.size, head.size, before.root, head.root, before.proof
        ):
            raise Finding(TAMPERED, "The manifest's proof of what came before does not hold.", file="manifest.json")
        witnesses = bundle.check_witnesses(policy)
        continued = check_previous(bundle, root_there, earlier) if earlier else None
    except Finding as finding:
        raise Located(manifest.origin, finding) from None
    return report(
        VERIFIED,
        log=head.origin,
        range=[manifest.first, manifest.end],
        size=head.size,
        root=head.root.hex(),
        export={"id": manifest.told["id"], "made_at": manifest.told["made_at"], "about": manifest.told["about"]},
        witnesses=witnesses,
        previous=continued,
        not_proved=list(NOT_PROVED),
        **told,
    )


def _in_previous(work: Callable[[], Result]) -> Result:  # noqa: UP047 - Python 3.11 has no such syntax
    """Do the work; what is found is said to be in the previous bundle."""
    try:
        return work()
    except Located as located:
        found, log = located.finding, located.log
    except Finding as finding:
        found, log = finding, ""
    message = f"In the previous bundle: {found.message}"
    raise Located(log, Finding(found.status, message, index=found.index, file=found.file))


def verify_proof(data: bytes, keys: Sequence[Key]) -> dict[str, Any]:
    """Verify a proof of one entry; the report. Raises Finding or Located."""
    proof = ProofFile.parse(data, "The file")
    head = Checkpoint.open(proof.checkpoint, keys, "The checkpoint")
    try:
        proof.require(head, "The proof")
        entry: Any = proof.entry.decode()
        entry = canonical(proof.entry) if entry.startswith("{") else entry
    except Finding as finding:
        raise Located(head.origin, finding) from None
    except ValueError:
        raise Located(
            head.origin, Finding(TAMPERED, "The entry is not as the format says.", index=proof.index)
        ) from None
    more = (
        "that the log shows everybody the same: compare the checkpoint with one that witnesses cosigned",
        "what came before or after this entry",
        "what a commitment is of: that takes the content and its salt",
    )
    heads = {"log": head.origin, "size": head.size, "root": head.root.hex(), "index": proof.index}
    return report(VERIFIED, **heads, entry=entry, not_proved=[*NOT_PROVED, *more])


def as_text(told: dict[str, Any]) -> str:
    """The report for a reader."""
    lines = [f"{told['result'].upper()}  {told['log'] or 'no log known yet'}"]
    if told["exit"] != VERIFIED:
        where = [] if told["index"] is None else [f"first bad index: {told['index']}"]
        where += [f"file: {told['file']}"] if told["file"] else []
        lines += [told["message"], *where, told["next"]]
    elif told["receipt"] is not None:
        lines += _about_receipt(told)
    elif told["entry"] is not None:
        lines += [f"Entry {told['index']} is in the log, below the signed checkpoint of {told['size']} entries:"]
        lines += [json.dumps(told["entry"], indent=2)]
    else:
        lines += _about_bundle(told)
    lines += [f"Note: {each}" for each in told["warnings"]]
    lines += ["This does not prove:", *(f"- {each}" for each in told["not_proved"])] if told["not_proved"] else []
    return "\n".join(lines)


def _about_bundle(told: dict[str, Any]) -> list[str]:
    (first, end), size, sealed = told["range"], told["size"], told["sealed"]
    which = f"all {size} entries" if end - first == size else f"entries {first} to {end - 1} of {size}"
    if first == end:
        which = f"no entries of {size}"
    lines = [f"{which}, as they were when the checkpoint was signed; root {told['root']}"]
    lines += [f"export {told['export']['id']}, made {told['export']['made_at']}"]
    lines += ["sealed fields: {opened} opened, and as committed; {closed} closed; {erased} erased".format_map(sealed)]
    for each in told["erased"]:
        places = ", ".join(f"{place['index']} ({place['field']})" for place in each["places"][:20])
        more = ", …" if each["fields"] > 20 else ""
        lines += [f"erased by entry {each['by']}: {each['fields']} fields, of entries {places}{more}"]
    if before := told["previous"]:
        lines += [f"continues the export {before['id']}, of {before['size']} entries"]
    cosigned = ", ".join(f"{each['name']} ({each['time']})" for each in told["witnesses"])
    return [*lines, f"cosigned by {cosigned}" if cosigned else "witnesses were not asked for"]


# ---- receipts --------------------------------------------------------------------------------------------------------

RECEIPT = "bailiwick-receipt/v1"
PROVES = (
    "that the platform had recorded these entries, in this order, when the log's key signed the checkpoint",
    "that the code that was started is the code that was asked for, under the decision named, recorded before",
    "that a content which opens a commitment is, to the byte, the one that was recorded",
)
RECEIPT_NOT_PROVED = (
    "that what the sandbox reported is true, or that the code was right",
    "that usage was measured rightly, or that the image named is the one that ran: both are the platform's word",
    "that whoever is behind a pseudonym is the person one thinks",
    "that nothing happened which nobody recorded",
    "that the log shows everybody the same, unless witnesses cosigned it",
)
RECEIPT_NEXT = {
    TAMPERED: "Keep this receipt and the files as they are, and get the receipt anew. If the new one says the same, the"
    " files are not this execution's, or the platform's own record was changed: report it.",
    INCOMPLETE: "Get the receipt again, whole. What it does not open, it opens to somebody who may see it.",
}
_RECEIPT_FIELDS = {"does_not_prove", "execution", "meta", "openings", "proofs", "proves", "run"}
# Which events each part of a receipt can be, and whether their subject is the execution or its run.
_PARTS = {
    "run": {"runs:run:requested": False},
    "sandbox": {"runs:run:started": False},
    "request": {"runs:execution:requested": True},
    "decision": {"policy:decision:recorded": False},
    "start": {"runs:execution:started": True},
    "outcome": {
        "runs:execution:finished": True,
        "runs:execution:ended": True,
        "runs:execution:denied": True,
        "runs:run:denied": False,
    },
}
_SAID = {"commitments", "facts", "outcome", "recorded_at"}
_OPENING = {"commitment", "part", "salt", "sha256"}


class Contents(NamedTuple):
    """Files that are to be what the receipt commits to."""

    code: Path | None = None
    inputs: Sequence[Path] = ()
    outputs: Sequence[Path] = ()


class Receipt:
    """A receipt of one execution: all of it holds, once this is made."""

    def __init__(self, data: bytes, keys: Sequence[Key]) -> None:
        """Raises Finding or Located."""
        note = Note(data, "The receipt")
        signers = note.require(key for key in keys if key.name.endswith("/exports"))
        form, body, *rest = note.text.split("\n")
        if form != RECEIPT or rest != [""] or len(note.signatures) != 1:
            raise Finding(TAMPERED, "The file is not a receipt.")
        try:
            self.told = canonical(body.encode())
            self._parse()
        except (AttributeError, KeyError, TypeError, ValueError):
            raise Finding(TAMPERED, "The receipt is not as the format says.") from None
        self.head = Checkpoint.open(self.checkpoint, keys, "The checkpoint")
        try:
            self._check(next(iter(signers)).name)
        except Finding as finding:
            raise Located(self.head.origin, finding) from None
        except (AttributeError, KeyError, TypeError, ValueError):
            raise Located(self.head.origin, Finding(TAMPERED, "An entry is not as the format says.")) from None

    def _parse(self) -> None:
        told = self.told
        self.run, self.number, meta = told["run"], told["execution"], told["meta"]
        if told.keys() != _RECEIPT_FIELDS or not _UUID.fullmatch(self.run) or not _is_count(self.number):
            raise ValueError
        if told["proves"] != list(PROVES) or told["does_not_prove"] != list(RECEIPT_NOT_PROVED):
            raise ValueError
        if not {"run", "request", "decision", "outcome"} <= told["proofs"].keys() <= _PARTS.keys():
            raise ValueError
        self.proofs = {name: ProofFile.parse(text.encode(), name) for name, text in told["proofs"].items()}
        self.entries = {name: canonical(proof.entry) for name, proof in self.proofs.items()}
        self.meta = None if meta is None else ProofFile.parse(meta.encode(), "The meta-log's proof")
        (self.checkpoint,) = {proof.checkpoint for proof in self.proofs.values()}

    def _check(self, signer: str) -> None:
        found = _BASE.fullmatch(self.head.origin)
        if found is None or found["project"] is None or signer != f"{found['base']}/exports":
            raise Finding(TAMPERED, "The receipt is signed for another log.")
        self.base = found["base"]
        for name, proof in self.proofs.items():
            proof.require(self.head, f"The entry {name}")
            entry = self.entries[name]
            subject = f"run:{self.run}/execution:{self.number}" if _PARTS[name][entry["event"]] else f"run:{self.run}"
            if entry["tenant"] != found["project"] or entry["subject"] != subject:
                raise Finding(TAMPERED, f"The entry {name} is about something else.", index=proof.index)
            if _SAID - entry.keys() or type(entry["facts"]) is not dict or type(entry["commitments"]) is not dict:
                raise ValueError
        self._check_story()
        self._check_openings()

    def _check_story(self) -> None:
        """The entries tell one story, in the order in which things can happen."""
        facts = {name: entry["facts"] for name, entry in self.entries.items()}
        started = "start" in facts
        if started != ("sandbox" in facts) or (not started and "finished" in self.entries["outcome"]["event"]):
            raise Finding(TAMPERED, "The receipt does not tell where the code ran.")
        if started and self._committed("start", "code") != self._committed("request", "code"):
            raise Finding(TAMPERED, "The code that was started is not the code that was asked for.")
        decided = [
            facts[name]["decision"] for name in ("outcome", "start", "request") if "decision" in facts.get(name, ())
        ]
        if decided[0] != facts["decision"]["decision"]:
            raise Finding(TAMPERED, "The decision is not the one under which the code was started or refused.")
        order = [self.proofs[name].index for name in ("decision", "start", "outcome") if name in self.proofs]
        if order != sorted(set(order)) or self.proofs["request"].index >= order[-1]:
            raise Finding(TAMPERED, "The entries are not in the order in which things can happen.")

    def _committed(self, part: str, name: str) -> str:
        found = self.entries[part]["commitments"][name]
        if not _is_hex(found):
            raise ValueError
        return str(found)

    def _check_openings(self) -> None:
        self.opened: dict[tuple[str, str], str] = {}
        for each in self.told["openings"]:
            place = each["part"], each["commitment"]
            if each.keys() != _OPENING or not _is_hex(each["sha256"]) or any(place <= last for last in self.opened):
                raise ValueError
            if not _opens(self._committed(*place), each["salt"], bytes.fromhex(each["sha256"])):
                index = self.proofs[each["part"]].index
                raise Finding(TAMPERED, f"The commitment to {place[1]} opens to something else.", index=index)
            self.opened[place] = each["sha256"]

    @property
    def commitments(self) -> set[tuple[str, str]]:
        """Everything that the entries commit to, by part and name."""
        return {(part, name) for part, entry in self.entries.items() for name in entry["commitments"]}

    def compare(self, contents: Contents) -> list[dict[str, str]]:
        """Which commitment each file opens. Raises Finding for one that opens none, or none that can be seen here."""
        wanted = [(path, "request", "code") for path in [contents.code] if path]
        wanted += [(path, "run", "file:") for path in contents.inputs]
        wanted += [(path, "outcome", "") for path in contents.outputs]
        return [self._matched(path, part, kind) for path, part, kind in wanted]

    def _matched(self, path: Path, part: str, kind: str) -> dict[str, str]:
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as fault:
            raise Finding(USAGE, f"{path} is no good: {fault}") from None
        candidates = {place for place in self.commitments if place[0] == part and place[1].startswith(kind)}
        for place in sorted(candidates):
            if self.opened.get(place) == digest:
                return {"file": str(path), "is": place[1], "sha256": digest}
        what = {"request": "the code", "run": "an input", "outcome": "an output"}[part]
        if candidates - self.opened.keys():
            message = f"Whether {path} is {what} of this execution cannot be told: the receipt does not open it."
            raise Finding(INCOMPLETE, message, file=str(path))
        raise Finding(TAMPERED, f"{path} is not {what} of this execution.", file=str(path))

    def check_witnesses(self, keys: Sequence[Key], policy: Policy | None) -> list[dict[str, Any]]:
        """Who cosigned, and when, of the policy's witnesses. Raises Finding if they are too few."""
        meta = MetaLog(self.base, keys, policy)
        if self.meta is None:
            return meta.nobody("receipt")
        return meta.cosigners_by(self.meta, self.checkpoint, "The meta-log's proof")


def verify_receipt(data: bytes, keys: Sequence[Key], policy: Policy | None, contents: Contents) -> dict[str, Any]:
    """Verify a receipt, and that files are what it commits to; the report. Raises Finding or Located."""
    receipt = Receipt(data, keys)
    try:
        witnesses = receipt.check_witnesses(keys, policy)
        files = receipt.compare(contents)
    except Finding as finding:
        raise Located(receipt.head.origin, finding) from None
    entries = receipt.entries
    told = {
        "run": receipt.run,
        "execution": receipt.number,
        "entries": {name: {"index": receipt.proofs[name].index, **entry} for name, entry in entries.items()},
        "opened": [{"part": part, "commitment": name, "sha256": at} for (part, name), at in receipt.opened.items()],
        "closed": len(receipt.commitments) - len(receipt.opened),
        "files": files,
    }
    head = receipt.head
    heads = {"log": head.origin, "size": head.size, "root": head.root.hex(), "witnesses": witnesses}
    return report(VERIFIED, **heads, receipt=told, not_proved=list(RECEIPT_NOT_PROVED))


def _about_receipt(told: dict[str, Any]) -> list[str]:
    receipt = told["receipt"]
    entries = receipt["entries"]
    lines = [
        f"Execution {receipt['execution']} of run {receipt['run']}, below the checkpoint of {told['size']} entries:"
    ]
    for name in (name for name in _PARTS if name in entries):
        entry = entries[name]
        facts = ", ".join(f"{key} {value}" for key, value in entry["facts"].items() if value not in (None, "", []))
        lines += [f"{entry['index']:>8}  {name}: {entry['outcome']}, {entry['recorded_at']}", f"          {facts}"]
    lines += [f"{each['commitment']} of {each['part']} has SHA-256 {each['sha256']}" for each in receipt["opened"]]
    lines += [f"{receipt['closed']} commitments are not opened"] if receipt["closed"] else []
    lines += [f"{each['file']} is {each['is']}" for each in receipt["files"]]
    cosigned = ", ".join(f"{each['name']} ({each['time']})" for each in told["witnesses"])
    lines += [f"cosigned by {cosigned}" if cosigned else "witnesses were not asked for"]
    # What entries say is the platform's text: on a terminal it is letters, and nothing else.
    shown = ["".join(each if each.isprintable() else "?" for each in line) for line in lines]
    return [*shown, "This proves:", *(f"- {each}" for each in PROVES)]


# ---- the command line ------------------------------------------------------------------------------------------------


def read_keys(path: Path) -> list[Key]:
    """The keys of a key file. Raises ValueError or OSError."""
    lines = (line.strip() for line in path.read_text("utf-8").split("\n"))
    keys = [Key.parse(line, PLAIN) for line in lines if line and not line.startswith("#")]
    if not keys:
        raise ValueError("it has no key")
    return keys


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """What the command line asks for. Ends the program with 2 for one that is no good."""
    parser = argparse.ArgumentParser(
        prog="verifier", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    what = words[0] if words[:1] in (["proof"], ["receipt"]) else "bundle"
    parser.add_argument("file", type=Path, metavar=what.upper())
    parser.add_argument("--key", type=Path, required=True, help="verifier keys that you trust, one a line")
    if what != "proof":
        parser.add_argument("--witness-policy", type=Path, help="which cosignatures are enough (C2SP tlog-policy)")
    if what == "bundle":
        parser.add_argument("--previous", type=Path, help="an earlier bundle of the same log")
    if what == "receipt":
        parser.add_argument("--code", type=Path, help="a file that is to be the code that ran")
        parser.add_argument("--input", type=Path, action="extend", nargs="+", default=[], help="that are to be inputs")
        parser.add_argument(
            "--output", type=Path, action="extend", nargs="+", default=[], help="that are to be outputs"
        )
    parser.add_argument("--json", action="store_true", help="report in JSON")
    empty = argparse.Namespace(what=what, witness_policy=None, previous=None)
    return parser.parse_args(words if what == "bundle" else words[1:], empty)


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """The report on what was asked. Never raises for a file's content."""
    path = asked.key
    try:
        keys = read_keys(path)
        path = asked.witness_policy
        policy = Policy.parse(path.read_bytes().decode("utf-8", "surrogateescape")) if path else None
        path = asked.file
        with path.open("rb") as file:
            if asked.what == "proof":
                return verify_proof(file.read(MIB), keys)
            if asked.what == "receipt":
                contents = Contents(asked.code, asked.input, asked.output)
                return verify_receipt(file.read(8 * MIB), keys, policy, contents)
            if asked.previous is None:
                return verify_bundle(file, keys, policy, None)
            path = asked.previous
            with path.open("rb") as previous:
                return verify_bundle(file, keys, policy, previous)
    except Located as located:
        return failure(located.log or None, located.finding)
    except Finding as finding:
        return failure(None, finding)
    except (OSError, ValueError, binascii.Error) as fault:
        return failure(None, Finding(USAGE, f"{path} is no good: {fault}"))


def main(words: Sequence[str] | None = None) -> int:
    """Verify what the command line names, say what was found, and return the exit status."""
    asked = arguments(sys.argv[1:] if words is None else words)
    told = run(asked)
    if asked.what == "receipt":
        told["next"] = RECEIPT_NEXT.get(told["exit"], told["next"])
    for stream in (sys.stdout, sys.stderr):
        # What is printed may hold characters that this terminal has not.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    print(json.dumps(told, indent=2) if asked.json else as_text(told))
    return int(told["exit"])


if __name__ == "__main__":
    sys.exit(main())
