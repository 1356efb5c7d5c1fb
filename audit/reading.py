"""Read back what an export holds: each entry with what is opened of it, and what all of them together come to.

Works on the files of a bundle alone, so that whoever counts or derives something counts what the receiver gets.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

ERASED = "audit:subject:erased"


@dataclass(frozen=True)
class Filter:
    """Which entries are opened and shown: those recorded from `since` to before `until`, of these events.

    Times are texts as entries have them, so that they compare as they are; no events are all.
    """

    since: str | None = None
    until: str | None = None
    events: frozenset[str] = frozenset()

    def takes(self, header: Mapping[str, Any]) -> bool:
        """Whether the entry is one of them."""
        if self.events and header["event"] not in self.events:
            return False
        at = header["recorded_at"]
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)

    @property
    def told(self) -> dict[str, Any]:
        """As the manifest has it."""
        return {"events": sorted(self.events) or None, "since": self.since, "until": self.until}


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry as the bundle shows it."""

    index: int
    header: Mapping[str, Any]
    leaf_hash: str
    # Whether the filter takes it.
    taken: bool
    # Sealed fields with their texts, None where they are not opened; commitments with the digest of their contents.
    fields: Mapping[str, str | None]
    opened: Mapping[str, str]


_HEADER = {"id": str, "event": str, "recorded_at": str, "subject": str, "facts": dict, "commitments": dict}


def header_of(entry: bytes) -> dict[str, Any] | None:
    """What an entry says; None for one that somebody changed into what is none: showing it is the verifier's affair."""
    try:
        header = orjson.loads(entry)
    except orjson.JSONDecodeError:
        return None
    if type(header) is not dict or any(type(header.get(name)) is not kind for name, kind in _HEADER.items()):
        return None
    return {"actor": None, "outcome": "", "sealed": {}, "version": 0} | header


def entries(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The entries of an entries file."""
    rest = b""
    for piece in pieces:
        rest, at = rest + piece, 0
        while len(rest) - at >= 2 and at + 2 + int.from_bytes(rest[at : at + 2], "big") <= len(rest):
            end = at + 2 + int.from_bytes(rest[at : at + 2], "big")
            yield rest[at + 2 : end]
            at = end
        rest = rest[at:]


def _lines(pieces: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from map(orjson.loads, lines)


def seen(first: int, encoded: Iterable[bytes], payloads: Iterable[bytes], chosen: Filter) -> Iterator[Seen]:
    """The entries of one piece of a bundle, in order, from its two files."""
    lines = _lines(payloads)
    line = next(lines, None)
    for index, entry in enumerate(entries(encoded), first):
        fields: dict[str, str | None] = {}
        opened: dict[str, str] = {}
        while line is not None and line["index"] == index:
            if "field" in line:
                fields[line["field"]] = _text(line["opened"])
            else:
                opened[line["commitment"]] = line["sha256"]
            line = next(lines, None)
        if header := header_of(entry):
            leaf_hash = hashlib.sha256(b"\0" + entry).hexdigest()
            yield Seen(index, header, leaf_hash, chosen.takes(header), fields, opened)


def _text(opened: Mapping[str, str] | None) -> str | None:
    return None if opened is None else base64.b64decode(opened["content"]).decode("utf-8", "replace")


@dataclass
class Counts:
    """What a bundle's entries come to, as a verifier counts them."""

    entries: int = 0
    matched: int = 0
    sealed: int = 0
    opened: int = 0
    commitments: int = 0
    # Of matched entries: how many of each event in each version.
    versions: Counter[tuple[str, int]] = field(default_factory=Counter)
    # Policy revisions that any entry names.
    revisions: set[str] = field(default_factory=set)
    _unopened: Counter[str] = field(default_factory=Counter)
    _erased: set[str] = field(default_factory=set)

    def take(self, one: Seen) -> None:
        """Count an entry."""
        header = one.header
        self.entries += 1
        if one.taken:
            self.matched += 1
            self.versions[header["event"], header["version"]] += 1
        self.commitments += len(one.opened)
        for name, text in one.fields.items():
            self.sealed += 1
            if text is None:
                self._unopened[header["sealed"][name]["key"]] += 1
            else:
                self.opened += 1
        if revision := header["facts"].get("revision"):
            self.revisions.add(revision)
        if header["event"] == ERASED:
            self._erased.update(header["facts"].get("keys", ()))

    @property
    def erased(self) -> int:
        """Fields that are not opened, under keys that an entry of the range says were destroyed."""
        return sum(count for key, count in self._unopened.items() if key in self._erased)

    @property
    def told(self) -> dict[str, int]:
        """As the manifest has them."""
        return {
            "closed": self.sealed - self.opened - self.erased,
            "commitments_opened": self.commitments,
            "entries": self.entries,
            "erased": self.erased,
            "matched": self.matched,
            "opened": self.opened,
            "sealed": self.sealed,
        }
