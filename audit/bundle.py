"""Make an export's files: a log's entries with everything that a verifier needs, as docs/audit.md lays it out.

File by file and a page at a time: memory does not grow with the log, and what is made need not be made again.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connections

from audit import archive, merkle, tiles, tree
from audit.archive import Stored
from audit.canonical import JSON, canonical
from audit.datakeys import keys_by_id
from audit.exportkey import export_signer
from audit.queries import READER
from audit.reading import Filter, header_of
from audit.sealing import NotOpened, open_sealed
from audit.signing import signed_note
from audit.tree import EXPORTS, Head

FORMAT = "bailiwick-export/v1"
MANIFEST, SIGNATURE, CHECKPOINT, META_PROOF = "manifest.json", "manifest.sig", "checkpoint", "meta.tlog-proof"
# Entries a file; verifiers take 65,536. So few that no file reaches the 2 GiB that a file may have.
FILE = 4096
_PAGE = 256
_PAYLOADS = """
SELECT l.index, l.entry, p.field, p.key, p.sealed FROM audit_leaf l JOIN audit_payload p ON p.entry = l.entry
WHERE l.log = %s AND l.index >= %s AND l.index < %s ORDER BY l.index, p.field COLLATE "C"
"""
type Headers = Sequence[tuple[int, Mapping[str, Any]]]


@dataclass(frozen=True)
class Opening:
    """What opens a commitment: its salt, and the digest of the content."""

    salt: bytes
    sha256: bytes


type Openings = Mapping[tuple[int, str], Opening]


@dataclass(frozen=True)
class Earlier:
    """The head that an export before this one was of."""

    size: int
    root: bytes


@dataclass(frozen=True)
class Contents:
    """What goes into a bundle: the entries from `first` to before `end` of a log, against one checkpoint."""

    export: UUID
    head: Head
    first: int
    end: int
    earlier: Earlier | None
    # Whose sealed fields and commitments are opened, if any are.
    filter: Filter = field(default_factory=Filter)
    opens: bool = True
    # Finds what opens the commitments of entries.
    openings: Callable[[Headers], Openings] = lambda headers: {}


def chunks(contents: Contents, done: int | None = None) -> Iterator[tuple[int, int]]:
    """The range in pieces, each of three files; from there on where an earlier worker came to."""
    for first in range(contents.first if done is None else done, contents.end, FILE):
        yield first, min(first + FILE, contents.end)


def files(contents: Contents, first: int, end: int) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The three files of one piece, by name. Whoever calls may show what is opened."""
    yield f"entries/{first}-{end}", _entries(contents, first, end)
    yield f"hashes/{first}-{end}", [tree.leaf_hashes(contents.head, first, end)]
    yield f"payloads/{first}-{end}", _payloads(contents, first, end)


def proofs(head: Head) -> Iterator[tuple[str, bytes]]:
    """The checkpoint, and the proof that the meta-log has it, if it does."""
    yield CHECKPOINT, head.note
    if proof := tree.proof_of_head(head):
        yield META_PROOF, proof


def assembled(
    contents: Contents,
    made: Sequence[Stored],
    read: Callable[[Stored], Iterable[bytes]],
    about: Mapping[str, JSON],
) -> Iterator[bytes]:
    """The bundle: the files that were made, then the manifest and its signature."""
    manifest = canonical(_manifest(contents, made, about))
    text = f"{FORMAT}\n{base64.b64encode(hashlib.sha256(manifest).digest()).decode()}\n"
    signature = signed_note(text, f"{contents.head.base}/{EXPORTS}", export_signer())

    def everything() -> Iterator[tuple[Stored, Iterable[bytes]]]:
        for file in made:
            yield file, read(file)
        for name, content in ((MANIFEST, manifest), (SIGNATURE, signature)):
            yield archive.stored(name, content), [content]

    return archive.stream(everything())


def _pages(first: int, end: int) -> Iterator[tuple[int, int]]:
    for begin in range(first, end, _PAGE):
        yield begin, min(begin + _PAGE, end)


def _entries(contents: Contents, first: int, end: int) -> Iterator[bytes]:
    for begin, until in _pages(first, end):
        yield tiles.bundle(tree.entries_between(contents.head, begin, until))


def _payloads(contents: Contents, first: int, end: int) -> Iterator[bytes]:
    for begin, until in _pages(first, end):
        headers = _to_open(contents, begin, until)
        lines = [(index, 0, name, line) for index, name, line in _sealed_lines(contents, headers, begin, until)]
        lines += [(index, 1, name, line) for index, name, line in _opened_lines(contents, headers)]
        yield b"".join(line for *_, line in sorted(lines, key=lambda each: each[:3]))


def _to_open(contents: Contents, first: int, end: int) -> dict[int, Mapping[str, Any]]:
    """Of these entries, those that are opened."""
    if not contents.opens:
        return {}
    entries = enumerate(tree.entries_between(contents.head, first, end), first)
    headers = ((index, header_of(entry)) for index, entry in entries)
    return {index: header for index, header in headers if header and contents.filter.takes(header)}


def _sealed_lines(
    contents: Contents, headers: Mapping[int, Any], first: int, end: int
) -> Iterator[tuple[int, str, bytes]]:
    with connections[READER].cursor() as cursor:
        cursor.execute(_PAYLOADS, [contents.head.log, first, end])
        rows = cursor.fetchall()
    keys = keys_by_id({key for index, _, _, key, _ in rows if index in headers})
    for index, entry, name, key, sealed in rows:
        yield index, name, _line(index, entry, name, bytes(sealed), keys.get(key) if index in headers else None)


def _line(index: int, entry: UUID, name: str, sealed: bytes, data_key: bytes | None) -> bytes:
    opened = None
    if data_key is not None:
        try:
            found = open_sealed(sealed, entry=entry, field=name, data_key=data_key)
            opened = {"content": base64.b64encode(found.content).decode(), "salt": found.salt.hex()}
        except NotOpened:
            # The digest in the entry shows what happened to the sealed bytes.
            opened = None
    told = {"field": name, "index": index, "opened": opened, "sealed": base64.b64encode(sealed).decode()}
    return _as_line(told)


def _opened_lines(contents: Contents, headers: Mapping[int, Mapping[str, Any]]) -> Iterator[tuple[int, str, bytes]]:
    committed = [(index, header) for index, header in headers.items() if header["commitments"]]
    if not committed:
        return
    for (index, name), opening in contents.openings(committed).items():
        told = {"commitment": name, "index": index, "salt": opening.salt.hex(), "sha256": opening.sha256.hex()}
        yield index, name, _as_line(told)


def _as_line(told: Mapping[str, Any]) -> bytes:
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _manifest(contents: Contents, made: Sequence[Stored], about: Mapping[str, JSON]) -> dict[str, Any]:
    head, earlier = contents.head, contents.earlier
    subtrees = tree.subtrees(head)
    sides = {
        side: [subtrees(*each).hex() for each in merkle.complete_subtrees(*between)]
        for side, between in (("left", (0, contents.first)), ("right", (contents.end, head.size)))
    }
    previous: JSON = None
    if earlier is not None:
        proof = merkle.consistency_proof(earlier.size, head.size, subtrees)
        previous = {"proof": [each.hex() for each in proof], "root": earlier.root.hex(), "size": earlier.size}
    return {
        **sides,
        "about": about,
        "files": [{"name": file.name, "sha256": file.sha256.hex(), "size": file.size} for file in made],
        "format": FORMAT,
        "id": str(contents.export),
        "made_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "origin": head.origin,
        "previous": previous,
        "range": [contents.first, contents.end],
        "root": head.root.hex(),
        "size": head.size,
    }
