"""Verify an export of the audit log, offline, trusting nothing that is in it.

    python -m audit.verifier BUNDLE.zip --key KEYS [--previous BUNDLE.zip] [--json]

This one file and the package `cryptography` are enough, on Python 3.12 or newer: `python verifier.py …` does the same
anywhere. Keys come from KEYS alone (verifier keys, one a line), never from the bundle. The format is in docs/audit.md.
It shares no code with the platform, on purpose.

exit 0 verified · 10 tampered · 11 incomplete · 12 forked · 13 stale · 14 untrusted · 2 usage
"""

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "bailiwick-export/v1"
VERIFIED, USAGE, TAMPERED, INCOMPLETE, FORKED, STALE, UNTRUSTED = 0, 2, 10, 11, 12, 13, 14
NAMES = {
    VERIFIED: "verified",
    USAGE: "usage",
    TAMPERED: "tampered",
    INCOMPLETE: "incomplete",
    FORKED: "forked",
    STALE: "stale",
    UNTRUSTED: "untrusted",
}
MANIFEST, SIGNATURE, CHECKPOINT, PAYLOADS = "manifest.json", "manifest.sig", "checkpoint", "payloads.jsonl"
# Nothing but entries and payloads is large: what claims to be is not read.
SMALL = 16 * 1024 * 1024
ERASED_EVENT = "audit:subject:erased"
_SIGNATURE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")

# What Python's zipfile may raise, beside its own error, for bytes that are no archive.
_UNREADABLE = (ValueError, NotImplementedError, struct.error, EOFError, IndexError, OverflowError)

type Keys = dict[tuple[str, bytes], bytes]


class Failed(Exception):
    """The bundle is not verified. `index` is the first bad entry, where one entry is to blame."""

    def __init__(self, code: int, message: str, index: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.index = index


@dataclass(frozen=True)
class Head:
    """A checkpoint whose signature holds."""

    origin: str
    size: int
    root: bytes


@dataclass
class Result:
    """What was found, as --json prints it."""

    result: str = "verified"
    message: str = ""
    log: str | None = None
    index: int | None = None
    size: int | None = None
    range: list[int] | None = None
    root: str | None = None
    entries: int = 0
    opened: int = 0
    closed: int = 0
    erased: int = 0
    continues: int | None = None


# Notes and keys


def decoded(text: str, what: str) -> bytes:
    """The bytes of their one base64 spelling."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Failed(TAMPERED, f"{what}: not base64") from None
    if base64.b64encode(found).decode() != text:
        raise Failed(TAMPERED, f"{what}: not base64 as it is written")
    return found


def read_keys(path: Path) -> Keys:
    """The trusted keys of a key file: (name, id) → public key."""
    keys: Keys = {}
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise Failed(USAGE, f"{path}: {fault}") from None
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        try:
            material = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            material = b""
        own = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
        if len(material) != 33 or material[0] != 1 or own.hex() != key_id or not name:
            raise Failed(USAGE, f"{path}: {line!r} is not an Ed25519 verifier key")
        keys[name, own] = material[1:]
    if not keys:
        raise Failed(USAGE, f"{path}: no keys")
    return keys


def open_note(note: bytes, name: str, keys: Keys, what: str) -> str:
    """The text of a note that a trusted key of that name signed."""
    try:
        whole = note.decode()
    except UnicodeDecodeError:
        raise Failed(TAMPERED, f"{what}: not text") from None
    text, blank, below = whole.rpartition("\n\n")
    if not blank or not below.endswith("\n") or any(ord(char) < 32 and char != "\n" for char in whole):
        raise Failed(TAMPERED, f"{what}: not a signed note")
    text += "\n"
    signed = False
    for line in below[:-1].split("\n"):
        match = _SIGNATURE.fullmatch(line)
        if match is None:
            raise Failed(TAMPERED, f"{what}: not a signed note")
        signature = decoded(match[2], what)
        public = keys.get((match[1], signature[:4])) if match[1] == name else None
        if public is None:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature[4:], text.encode())
        except InvalidSignature:
            raise Failed(TAMPERED, f"{what}: the signature of {name} is wrong") from None
        signed = True
    if not signed:
        raise Failed(UNTRUSTED, f"{what}: no signature by a trusted key named {name}")
    return text


def open_checkpoint(note: bytes, origin: str, keys: Keys) -> Head:
    """The log's head that the note vouches for."""
    lines = open_note(note, origin, keys, CHECKPOINT).split("\n")
    if len(lines) != 4 or lines[0] != origin or not _NUMBER.fullmatch(lines[1]):
        raise Failed(TAMPERED, f"{CHECKPOINT}: not a checkpoint of {origin}")
    root = decoded(lines[2], CHECKPOINT)
    if len(root) != 32:
        raise Failed(TAMPERED, f"{CHECKPOINT}: not a root")
    return Head(origin, int(lines[1]), root)


# The tree


def node(left: bytes, right: bytes) -> bytes:
    """RFC 6962's inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """The right edge of a tree that grows: complete subtrees as (height, hash), the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.edge: list[tuple[int, bytes]] = []

    def add(self, height: int, found: bytes) -> None:
        """Add a complete subtree of 2^height leaves, which begins at a multiple of its size."""
        self.size += 1 << height
        edge = self.edge
        while edge and edge[-1][0] == height:
            found = node(edge.pop()[1], found)
            height += 1
        edge.append((height, found))

    def root(self) -> bytes:
        """The root of what was added."""
        if not self.edge:
            return hashlib.sha256(b"").digest()
        found = self.edge[-1][1]
        for _, left in reversed(self.edge[:-1]):
            found = node(left, found)
        return found


def heights(first: int, end: int) -> Iterator[int]:
    """The heights of the largest complete subtrees that cover the leaves from first to before end."""
    while first < end:
        height = (end - first).bit_length() - 1
        if first:
            height = min(height, (first & -first).bit_length() - 1)
        yield height
        first += 1 << height


def is_prefix(earlier: int, size: int, earlier_root: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the consistency proof holds (RFC 9162, 2.1.4.2)."""
    if earlier == size:
        return earlier_root == root
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
            old, new = node(each, old), node(each, new)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            new = node(new, each)
        number, last = number >> 1, last >> 1
    return last == 0 and old == earlier_root and new == root


# The archive


class Bundle:
    """An archive whose manifest is signed. Each file is checked against it while it is read."""

    def __init__(self, path: Path, keys: Keys) -> None:
        try:
            self.zip = zipfile.ZipFile(path)
        except OSError as fault:
            raise Failed(USAGE, f"{path}: {fault.strerror}") from None
        except (zipfile.BadZipFile, *_UNREADABLE) as fault:
            raise Failed(INCOMPLETE, f"{path}: not a whole archive ({fault})") from None
        names = self.zip.namelist()
        if len(names) != len(set(names)):
            raise Failed(TAMPERED, "the archive holds a name twice")
        if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in self.zip.infolist()):
            raise Failed(TAMPERED, "the archive is packed in a way that exports are not")
        raw = self._raw(MANIFEST)
        self.manifest = manifest = self._parsed(raw)
        base = re.sub(r"/(project/[^/]+|platform|meta)\Z", "", manifest["origin"])
        text = open_note(self._raw(SIGNATURE), f"{base}/exports", keys, SIGNATURE)
        if text != f"{FORMAT}\n{base64.b64encode(hashlib.sha256(raw).digest()).decode()}\n":
            raise Failed(TAMPERED, f"{MANIFEST}: not the one that was signed")
        listed = set(manifest["files"]) | {MANIFEST, SIGNATURE}
        for name in sorted(listed - set(names)):
            raise Failed(INCOMPLETE, f"{name}: missing")
        for name in sorted(set(names) - listed):
            raise Failed(TAMPERED, f"{name}: not of this export")
        self.head = open_checkpoint(self.read(CHECKPOINT), manifest["origin"], keys)
        if (self.head.size, self.head.root.hex()) != (manifest["size"], manifest["root"]):
            raise Failed(TAMPERED, f"{CHECKPOINT}: not the one that the export is of")

    def _raw(self, name: str) -> bytes:
        if name not in self.zip.namelist():
            raise Failed(INCOMPLETE, f"{name}: missing")
        with self._open(name) as file:
            found = _guarded(name, lambda: file.read(SMALL + 1))
        if len(found) > SMALL:
            raise Failed(TAMPERED, f"{name}: far too large")
        return found

    def _open(self, name: str) -> BinaryIO:
        return _guarded(name, lambda: self.zip.open(name))  # type: ignore[return-value]

    @staticmethod
    def _parsed(raw: bytes) -> dict[str, Any]:
        try:
            found = json.loads(raw)
        except (ValueError, RecursionError):
            raise Failed(TAMPERED, f"{MANIFEST}: not JSON") from None
        if not isinstance(found, dict) or found.get("format") != FORMAT or not isinstance(found.get("origin"), str):
            raise Failed(TAMPERED, f"{MANIFEST}: not of the format {FORMAT}")
        return found

    def chunks(self, name: str) -> Iterator[bytes]:
        """A listed file's content; fails at its end at the latest if it is not what was listed."""
        expected = self.manifest["files"][name]
        digest, size = hashlib.sha256(), 0
        with self._open(name) as file:
            while chunk := _guarded(name, lambda: file.read(1 << 20)):
                digest.update(chunk)
                size += len(chunk)
                if size > expected["size"]:
                    raise Failed(TAMPERED, f"{name}: longer than it was")
                yield chunk
        if size < expected["size"]:
            raise Failed(INCOMPLETE, f"{name}: shorter than it was")
        if digest.hexdigest() != expected["sha256"]:
            raise Failed(TAMPERED, f"{name}: not what it was")

    def read(self, name: str) -> bytes:
        """A small listed file."""
        if name not in self.manifest["files"]:
            raise Failed(INCOMPLETE, f"{name}: missing")
        return b"".join(self.chunks(name))


def _guarded[T](name: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except EOFError:
        raise Failed(INCOMPLETE, f"{name}: cut off") from None
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, *_UNREADABLE) as fault:
        raise Failed(TAMPERED, f"{name}: cannot be read ({fault})") from None


# Entries and what is sealed beside them


def split(chunks: Iterator[bytes], first: int) -> Iterator[bytes]:
    """The entries of a bundle of tlog-tiles."""
    waiting, index = b"", first
    for chunk in chunks:
        waiting += chunk
        at = 0
        while at + 2 <= len(waiting):
            end = at + 2 + int.from_bytes(waiting[at : at + 2], "big")
            if end > len(waiting):
                break
            yield waiting[at + 2 : end]
            at, index = end, index + 1
        waiting = waiting[at:]
    if waiting:
        raise Failed(INCOMPLETE, "an entry is cut off", index)


def lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Lines without their newlines; the last has one too."""
    waiting = b""
    for chunk in chunks:
        *whole, waiting = (waiting + chunk).split(b"\n")
        yield from whole
    if waiting:
        raise Failed(INCOMPLETE, "the last line is cut off")


class Range:
    """Goes through the entries of a bundle once, in order, and through what is sealed beside them."""

    def __init__(self, bundle: Bundle, watched: int | None, result: Result) -> None:
        self.bundle = bundle
        self.result = result
        self.first, self.end = bundle.manifest["range"]
        self.meta = bundle.head.origin.endswith("/meta")
        self.project = bundle.head.origin.rpartition("/project/")[2] if "/project/" in bundle.head.origin else None
        self.tree = Tree()
        # The root at this size, once the tree has it: an earlier export's.
        self.watched = watched
        self.root_then: bytes | None = None
        self.ids: set[bytes] = set()
        self.payloads = lines(bundle.chunks(PAYLOADS))
        # How many fields each key still closes, and which keys are gone.
        self.closed: dict[str, int] = {}
        self.gone: set[str] = set()

    def walk(self) -> None:
        """Check every entry and the root."""
        self._add_complete("left", 0, self.first)
        self._watch()
        index = self.first
        for name in self._files():
            for entry in split(self.bundle.chunks(name), index):
                self.tree.add(0, hashlib.sha256(b"\x00" + entry).digest())
                self._look(entry, index)
                index += 1
                if index == self.watched:
                    self._watch()
        if index != self.end:
            raise Failed(INCOMPLETE, f"{index - self.first} entries of {self.end - self.first}", index)
        if next(self.payloads, None) is not None:
            raise Failed(TAMPERED, f"{PAYLOADS}: more than the entries have")
        self._add_complete("right", self.end, self.bundle.head.size)
        if self.tree.size != self.bundle.head.size or self.tree.root() != self.bundle.head.root:
            raise Failed(TAMPERED, "the entries do not lead to the checkpoint's root")
        self.result.entries = self.end - self.first
        for key, count in self.closed.items():
            if key in self.gone:
                self.result.erased += count
            else:
                self.result.closed += count

    def _files(self) -> list[str]:
        """The files of entries, which must join without a gap."""
        found = sorted(
            (tuple(map(int, match.groups())), name)
            for name in self.bundle.manifest["files"]
            if (match := re.fullmatch(r"entries/([0-9]{1,19})-([0-9]{1,19})", name))
        )
        at = self.first
        for (first, end), name in found:
            if first != at or end <= first:
                raise Failed(INCOMPLETE, f"{name}: entries {at} to {first} are missing", at)
            at = end
        if at != self.end:
            raise Failed(INCOMPLETE, f"entries {at} to {self.end} are missing", at)
        return [name for _, name in found]

    def _add_complete(self, side: str, first: int, end: int) -> None:
        hashes = [bytes.fromhex(each) for each in self.bundle.manifest[side]]
        cover = list(heights(first, end))
        if len(hashes) != len(cover) or any(len(each) != 32 for each in hashes):
            raise Failed(TAMPERED, f"{MANIFEST}: {side} does not cover the entries {first} to {end}")
        for height, found in zip(cover, hashes, strict=True):
            self.tree.add(height, found)

    def _watch(self) -> None:
        if self.tree.size == self.watched:
            self.root_then = self.tree.root()

    def _look(self, entry: bytes, index: int) -> None:
        if self.meta:
            return
        try:
            header = json.loads(entry)
            identity, tenant = bytes.fromhex(header["id"].replace("-", "")), header["tenant"]
            sealed = sorted((header.get("sealed") or {}).items())
            if header["event"] == ERASED_EVENT:
                self.gone |= set(header["facts"]["keys"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Failed(TAMPERED, "not an entry", index) from None
        if tenant != self.project:
            raise Failed(TAMPERED, "an entry of another project", index)
        if identity in self.ids:
            raise Failed(TAMPERED, "an entry that was there before", index)
        self.ids.add(identity)
        for field, told in sealed:
            self._look_inside(field, told, index)

    def _look_inside(self, field: str, told: Any, index: int) -> None:
        line = next(self.payloads, None)
        if line is None:
            raise Failed(INCOMPLETE, f"the sealed {field} is missing", index)
        try:
            shown = json.loads(line)
            place, sealed, opened = (
                (shown["index"], shown["field"]),
                decoded(shown["sealed"], PAYLOADS),
                shown["opened"],
            )
            digest, commitment, key = told["digest"], told["commitment"], told["key"]
            if json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() != line:
                raise ValueError("not the one spelling")
            if opened is not None:
                salt, content = bytes.fromhex(opened["salt"]), decoded(opened["content"], PAYLOADS)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Failed(TAMPERED, f"the sealed {field} is not of the format", index) from None
        if place != (index, field):
            raise Failed(TAMPERED, f"{PAYLOADS}: a line is not where it belongs", index)
        if hashlib.sha256(sealed).hexdigest() != digest:
            raise Failed(TAMPERED, f"the sealed {field} is not the one that the entry commits to", index)
        if opened is None:
            self.closed[key] = self.closed.get(key, 0) + 1
            return
        committed = hmac.digest(salt, hashlib.sha256(content).digest(), "sha256").hex()
        if len(salt) != 32 or opened["salt"] != salt.hex() or not hmac.compare_digest(committed, commitment):
            raise Failed(TAMPERED, f"the opened {field} is not what the entry commits to", index)
        self.result.opened += 1


# The verdict


def continues(bundle: Bundle, before: Head, root_then: bytes | None) -> None:
    """Fail unless this export's log is the earlier one's, grown."""
    head, told = bundle.head, bundle.manifest["previous"]
    if root_then is not None:
        proved = root_then == before.root
    elif told is not None and told["size"] == before.size:
        proof = [bytes.fromhex(each) for each in told["proof"]]
        proved = is_prefix(before.size, head.size, before.root, head.root, proof)
    else:
        raise Failed(INCOMPLETE, f"the bundle has no proof from the previous one, of {before.size} entries")
    if not proved:
        raise Failed(FORKED, f"the previous bundle's {before.size} entries are not the first of these {head.size}")


def earlier(previous: Path, keys: Keys, head: Head) -> Head:
    """The previous bundle's head. Fails unless it is of the same log and no younger."""
    before = Bundle(previous, keys).head
    if head.origin != before.origin:
        raise Failed(USAGE, f"the previous bundle is of another log, {before.origin}")
    if head.size < before.size:
        raise Failed(STALE, f"this checkpoint has {head.size} entries, the previous one {before.size}")
    return before


def verify(path: Path, keys: Keys, previous: Path | None, result: Result) -> None:
    """Fill the result in, or raise Failed."""
    bundle = Bundle(path, keys)
    head, manifest = bundle.head, bundle.manifest
    result.log, result.size, result.root = head.origin, head.size, head.root.hex()
    result.range = first, end = manifest["range"]
    if not (isinstance(first, int) and isinstance(end, int) and 0 <= first <= end <= head.size):
        raise Failed(TAMPERED, f"{MANIFEST}: the range lies outside the log")
    before = earlier(previous, keys, head) if previous else None
    entries = Range(bundle, before.size if before else None, result)
    entries.walk()
    if before:
        continues(bundle, before, entries.root_then)
        result.continues = before.size


def main(words: Sequence[str] | None = None) -> int:
    """Say what was found; the exit code says it too."""
    parser = argparse.ArgumentParser(prog="audit.verifier", description="Verify an export of the audit log.")
    parser.add_argument("bundle", type=Path, help="the export, a zip archive")
    parser.add_argument("--key", type=Path, required=True, metavar="KEYS", help="file of trusted verifier keys")
    parser.add_argument("--previous", type=Path, metavar="BUNDLE", help="an earlier export that this one must continue")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(words)
    result, code = Result(), VERIFIED
    try:
        verify(options.bundle, read_keys(options.key), options.previous, result)
        result.message = (
            f"{result.entries} entries, {result.opened} fields opened, {result.closed} closed, {result.erased} erased"
        )
    except Failed as failure:
        code, result.message, result.index = failure.code, failure.message, failure.index
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as fault:
        # The manifest is signed, and yet not of the format.
        code, result.message = TAMPERED, f"{MANIFEST}: not of the format ({type(fault).__name__})"
    result.result = NAMES[code]
    if options.json:
        print(json.dumps(asdict(result)))
    else:
        where = f" at index {result.index}" if result.index is not None else ""
        log = f" of {result.log}" if result.log else ""
        print(f"{result.result}{log}{where}: {result.message}", file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main())
