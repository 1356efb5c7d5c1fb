"""Write an export: a log's entries with everything that a verifier needs, as docs/audit.md lays it out.

Streamed a page at a time: memory does not grow with the log.
"""

import base64
import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any
from uuid import UUID

import orjson
from django.db import connections

from audit import merkle, tiles, tree
from audit.canonical import JSON, canonical
from audit.datakeys import keys_by_id
from audit.exportkey import export_signer
from audit.queries import READER
from audit.sealing import NotOpened, open_sealed
from audit.signing import signed_note
from audit.tree import EXPORTS, Head

FORMAT = "bailiwick-export/v1"
MANIFEST, SIGNATURE, CHECKPOINT, META_PROOF = "manifest.json", "manifest.sig", "checkpoint", "meta.tlog-proof"
# Entries a file; verifiers take 65,536. So few that no file reaches the 2 GiB at which archives are laid out otherwise.
FILE = 4096
_PAGE = 2048
_PAYLOADS = """
SELECT l.index, l.entry, p.field, p.key, p.sealed FROM audit_leaf l JOIN audit_payload p ON p.entry = l.entry
WHERE l.log = %s AND l.index >= %s AND l.index < %s ORDER BY l.index, p.field COLLATE "C"
"""


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
    # What else the manifest is to say: the filter that was asked for, for instance.
    about: Mapping[str, JSON] = field(default_factory=dict)


@dataclass
class _Archive:
    """A zip archive that notes each file's size and digest. The same content gives the same bytes."""

    zip: zipfile.ZipFile
    files: list[dict[str, JSON]] = field(default_factory=list)

    def add(self, name: str, chunks: Iterable[bytes], *, listed: bool = True) -> None:
        digest, size = hashlib.sha256(), 0
        # Stored, by ZipInfo's own defaults: verifiers know no other form.
        with self.zip.open(zipfile.ZipInfo(name), "w") as file:
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        if listed:
            self.files.append({"name": name, "sha256": digest.hexdigest(), "size": size})


def write(file: IO[bytes], contents: Contents, progress: Callable[[int], None]) -> None:
    """Write the bundle; `progress` hears how many entries are in it. Whoever calls may show what is opened."""
    head = contents.head
    with zipfile.ZipFile(file, "w") as packed:
        archive = _Archive(packed)
        for first in range(contents.first, contents.end, FILE):
            end = min(first + FILE, contents.end)
            archive.add(f"entries/{first}-{end}", _entries(contents, first, end, progress))
            archive.add(f"hashes/{first}-{end}", [tree.leaf_hashes(head, first, end)])
            archive.add(f"payloads/{first}-{end}", _payloads(contents, first, end))
        archive.add(CHECKPOINT, [head.note])
        if proof := tree.proof_of_head(head):
            archive.add(META_PROOF, [proof])
        manifest = canonical(_manifest(contents, archive.files))
        archive.add(MANIFEST, [manifest], listed=False)
        text = f"{FORMAT}\n{base64.b64encode(hashlib.sha256(manifest).digest()).decode()}\n"
        archive.add(SIGNATURE, [signed_note(text, f"{head.base}/{EXPORTS}", export_signer())], listed=False)


def _pages(first: int, end: int) -> Iterator[tuple[int, int]]:
    for begin in range(first, end, _PAGE):
        yield begin, min(begin + _PAGE, end)


def _entries(contents: Contents, first: int, end: int, progress: Callable[[int], None]) -> Iterator[bytes]:
    for begin, until in _pages(first, end):
        yield tiles.bundle(tree.entries_between(contents.head, begin, until))
        progress(until - contents.first)


def _payloads(contents: Contents, first: int, end: int) -> Iterator[bytes]:
    for begin, until in _pages(first, end):
        with connections[READER].cursor() as cursor:
            cursor.execute(_PAYLOADS, [contents.head.log, begin, until])
            rows = cursor.fetchall()
        keys = keys_by_id({key for _, _, _, key, _ in rows})
        yield b"".join(
            _line(index, entry, name, bytes(sealed), keys.get(key)) for index, entry, name, key, sealed in rows
        )


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
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _manifest(contents: Contents, files: Sequence[Mapping[str, JSON]]) -> dict[str, Any]:
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
        "about": contents.about,
        "files": files,
        "format": FORMAT,
        "id": str(contents.export),
        "made_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "origin": head.origin,
        "previous": previous,
        "range": [contents.first, contents.end],
        "root": head.root.hex(),
        "size": head.size,
    }
