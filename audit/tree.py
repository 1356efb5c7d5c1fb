"""Reads of the tree, through the role that can only read: checkpoints, tiles, proofs. Only what is signed is shown."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connections

from audit import merkle, tiles
from audit.merkle import Subtree
from audit.notes import VerifierKey, proof_file
from audit.queries import READER
from audit.tiles import WIDTH, Tile

EXPORTS = "exports"


@dataclass(frozen=True)
class Head:
    """A log with its latest checkpoint."""

    log: int
    origin: str
    size: int
    root: bytes
    note: bytes

    @property
    def base(self) -> str:
        """The installation's name, which every origin begins with."""
        return base_of(self.origin)


@dataclass(frozen=True)
class Leaf:
    """An entry in its log's tree."""

    log: int
    index: int
    entry: bytes


def base_of(origin: str) -> str:
    """An origin without what tells the installation's logs apart."""
    for kind in ("/platform", "/meta"):
        if origin.endswith(kind):
            return origin.removesuffix(kind)
    return origin.rpartition("/project/")[0]


def _rows(query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connections[READER].cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


_HEAD = """
SELECT l.id, l.origin, c.size, c.root, c.note FROM audit_log l JOIN audit_checkpoint c ON c.log = l.id
WHERE {} ORDER BY c.size DESC LIMIT 1
"""


def _head(where: str, *values: object) -> Head | None:
    for log, origin, size, root, note in _rows(_HEAD.format(where), *values):
        return Head(log, origin, size, bytes(root), bytes(note))
    return None


def head_of(project: UUID) -> Head | None:
    """The project's log, or None while nothing of it is signed."""
    return _head("l.tenant = %s", project)


def head_of_platform() -> Head | None:
    """The log of what belongs to no project, likewise."""
    return _head("l.kind = 'platform'")


def head_at(project: UUID, size: int) -> Head | None:
    """The project's log at the checkpoint of that size."""
    return _head("l.tenant = %s AND c.size = %s", project, size)


def head_by_id(log: int) -> Head | None:
    """The log of that row."""
    return _head("l.id = %s", log)


_WITH = """
SELECT l.id, l.origin, c.size, c.root, c.note FROM audit_leaf f JOIN audit_log l ON l.id = f.log CROSS JOIN LATERAL (
    SELECT * FROM audit_checkpoint WHERE log = f.log AND size > f.index ORDER BY size DESC LIMIT 1
) c WHERE f.entry = %s
"""


def head_with(entry: UUID) -> Head | None:
    """The log that has the entry below its latest checkpoint; None while none does."""
    for log, origin, size, root, note in _rows(_WITH, entry):
        return Head(log, origin, size, bytes(root), bytes(note))
    return None


def tile(head: Head, wanted: Tile) -> bytes | None:
    """A tile, or a bundle of entries, within the latest checkpoint; None for what it does not have."""
    if wanted.end > head.size:
        return None
    if wanted.level is None:
        first = wanted.number * WIDTH
        return tiles.bundle(entries_between(head, first, first + wanted.width))
    hashes = _tile(head.log, wanted.level, wanted.number)[: wanted.width * tiles.HASH]
    return hashes if len(hashes) == wanted.width * tiles.HASH else None


def _tile(log: int, level: int, number: int) -> bytes:
    query = "SELECT hashes FROM audit_tile WHERE log = %s AND level = %s AND number = %s"
    return next((bytes(hashes) for (hashes,) in _rows(query, log, level, number)), b"")


_TILES = """
SELECT level, number, hashes FROM audit_tile
WHERE log = %s AND (level, number) IN (SELECT * FROM unnest(%s::smallint[], %s::bigint[]))
"""


def subtrees(head: Head, around: int | None = None) -> Subtree:
    """The log's complete subtrees, each tile read once; those that a proof of the index `around` needs, together."""
    read: dict[tuple[int, int], bytes] = {}
    if around is not None:
        levels, numbers = zip(*tiles.on_path(around, head.size), strict=True)
        found = _rows(_TILES, head.log, list(levels), list(numbers))
        read = {(level, number): bytes(hashes) for level, number, hashes in found}

    def get(level: int, number: int) -> bytes:
        if (level, number) not in read:
            read[level, number] = _tile(head.log, level, number)
        return read[level, number]

    return tiles.subtrees(get)


_BETWEEN = """
SELECT coalesce(e.header, c.note) FROM audit_leaf l LEFT JOIN audit_entry e ON e.id = l.entry
LEFT JOIN audit_checkpoint c ON c.id = l.checkpoint WHERE l.log = %s AND l.index >= %s AND l.index < %s ORDER BY l.index
"""


def entries_between(head: Head, first: int, end: int) -> Iterator[bytes]:
    """The bytes of the entries from `first` to before `end`, a tile's worth at a time."""
    for begin in range(first, end, WIDTH):
        for (body,) in _rows(_BETWEEN, head.log, begin, min(begin + WIDTH, end)):
            # Nothing, where somebody took away the entry of a leaf.
            yield bytes(body or b"")


# Scanned: clocks of writers do not run in the order of the tree, so no search by halves finds them all.
_RECORDED = """
SELECT min(index), max(index) FROM (
    SELECT l.index, (convert_from(e.header, 'UTF8')::json ->> 'recorded_at') COLLATE "C" AS at
    FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry WHERE l.log = %s AND l.index >= %s AND l.index < %s
) recorded WHERE (%s::text IS NULL OR at >= %s) AND (%s::text IS NULL OR at < %s)
"""
_SCANNED = 65_536


def recorded_between(
    head: Head, first: int, end: int, since: str | None, until: str | None, alive: Callable[[], None]
) -> tuple[int, int]:
    """The smallest range within [first, end) that has every entry recorded from `since` to before `until`, each a text
    as entries have it, or None. Empty where there is none. `alive` is called every now and then."""
    found: list[int] = []
    for begin in range(first, end, _SCANNED):
        until_index = min(begin + _SCANNED, end)
        ((least, most),) = _rows(_RECORDED, head.log, begin, until_index, since, since, until, until)
        found += [] if least is None else [least, most]
        alive()
    return (found[0], found[-1] + 1) if found else (first, first)


def leaf_hashes(head: Head, first: int, end: int) -> bytes:
    """The hashes of the entries from `first` to before `end`, joined: the tree's own, not made from the entries."""
    begin = first - first % WIDTH
    hashes = b"".join(_tile(head.log, 0, number) for number in range(begin // WIDTH, -(-end // WIDTH)))
    return hashes[(first - begin) * tiles.HASH : (end - begin) * tiles.HASH]


def entry_of(entry: UUID) -> bytes | None:
    """The bytes of an entry, wherever it is."""
    return next((bytes(header) for (header,) in _rows("SELECT header FROM audit_entry WHERE id = %s", entry)), None)


def leaf_of(entry: UUID) -> Leaf | None:
    """Where an entry is; None while no tree has it."""
    query = "SELECT l.log, l.index, e.header FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry WHERE e.id = %s"
    return next((Leaf(log, index, bytes(header)) for log, index, header in _rows(query, entry)), None)


def indexes_of(entries: Iterable[UUID]) -> dict[UUID, int]:
    """The index of each of the entries that a tree has."""
    return dict(_rows("SELECT entry, index FROM audit_leaf WHERE entry = ANY(%s)", list(entries)))


def proof_of(leaf: Leaf) -> bytes | None:
    """The entry's proof file against its log's latest checkpoint; None while no checkpoint has it."""
    head = head_by_id(leaf.log)
    if head is None or leaf.index >= head.size:
        return None
    path = merkle.inclusion_proof(leaf.index, head.size, subtrees(head, leaf.index))
    return proof_file(leaf.entry, leaf.index, path, head.note)


_HEAD_LEAF = """
SELECT l.index FROM audit_leaf l JOIN audit_checkpoint c ON c.id = l.checkpoint WHERE c.log = %s AND c.size = %s
"""
# Of the latest ones that cover an index, that with most cosignatures.
_COSIGNED = """
SELECT l.id, l.origin, c.size, c.root, c.note, (
    SELECT string_agg(k.line, '' ORDER BY k.witness) FROM audit_cosignature k WHERE k.checkpoint = c.id
), (SELECT count(*) FROM audit_cosignature k WHERE k.checkpoint = c.id) AS cosigned
FROM audit_log l CROSS JOIN LATERAL (
    SELECT * FROM audit_checkpoint WHERE log = l.id AND size > %s ORDER BY size DESC LIMIT 256
) c WHERE l.kind = 'meta' ORDER BY cosigned DESC, c.size DESC LIMIT 1
"""


def head_of_meta(index: int = 0) -> Head | None:
    """The meta-log, at a late checkpoint that covers the index, with its cosignatures; None if there is none."""
    for log, origin, size, root, note, lines, _ in _rows(_COSIGNED, index):
        return Head(log, origin, size, bytes(root), bytes(note) + (lines or "").encode())
    return None


def proof_of_head(head: Head) -> bytes | None:
    """The proof file of a log's checkpoint against a checkpoint of the meta-log; None while that does not have it."""
    for (index,) in _rows(_HEAD_LEAF, head.log, head.size):
        if meta := head_of_meta(index):
            path = merkle.inclusion_proof(index, meta.size, subtrees(meta, index))
            return proof_file(head.note, index, path, meta.note)
    return None


_IS_COSIGNED = """
SELECT NOT EXISTS (SELECT FROM audit_witness WHERE configured) OR EXISTS (
    SELECT FROM audit_checkpoint h JOIN audit_leaf f ON f.checkpoint = h.id
    JOIN audit_checkpoint c ON c.log = f.log AND c.size > f.index JOIN audit_cosigned k ON k.checkpoint = c.id
    WHERE h.log = %s AND h.size = %s
)
"""


def is_cosigned(head: Head) -> bool:
    """Whether a checkpoint of the meta-log that has this head is cosigned by enough witnesses; yes without any."""
    return bool(_rows(_IS_COSIGNED, head.log, head.size)[0][0])


_DUE = """
SELECT l.id, l.origin, c.size, c.root, c.note FROM audit_log l CROSS JOIN LATERAL (
    SELECT * FROM audit_checkpoint WHERE log = l.id ORDER BY size DESC LIMIT 1
) c WHERE NOT EXISTS (
    SELECT FROM audit_check k WHERE k.log = l.id
    AND k.at > greatest(now() - interval '1 day', least(now() - interval '1 hour', now() - make_interval(secs => %s)))
) ORDER BY l.id
"""


def heads_to_check(started: float) -> list[Head]:
    """The logs whose last check is a day old; or an hour, and older than so many seconds."""
    return [Head(log, origin, size, bytes(root), bytes(note)) for log, origin, size, root, note in _rows(_DUE, started)]


def signing_keys() -> list[bytes]:
    """Every public key that ever signed, as the database says."""
    return [bytes(key) for (key,) in _rows("SELECT public FROM audit_signing_key ORDER BY since")]


def verifier_keys(projects: Iterable[UUID], exports: Callable[[str], VerifierKey]) -> list[VerifierKey]:
    """The keys of these projects' logs, the platform's, the meta-log and exports: every key that ever signed."""
    found = _rows("SELECT origin FROM audit_log WHERE tenant IS NULL OR tenant = ANY(%s) ORDER BY id", list(projects))
    public = signing_keys()
    keys = [VerifierKey(origin, key) for (origin,) in found for key in public]
    bases = dict.fromkeys(base_of(origin) for (origin,) in found)
    return keys + [exports(f"{base}/{EXPORTS}") for base in bases]
