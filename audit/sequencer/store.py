"""The tree's tables as the sequencer reads and writes them, each call in the caller's own transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb

from audit import tiles
from audit.merkle import Subtree

type Row = tuple[object, ...]

# One at a time: two would fork the logs. The number says nothing; it is only ours.
ALONE = 0x6261_696C_6C6F_67
_NEW = """
    SELECT e.id, e.tenant, e.header, e.xid::text, e.n FROM audit_entry e
    WHERE (e.xid, e.n) > (%s::xid8, %s) AND e.xid < pg_snapshot_xmin(pg_current_snapshot())
      AND NOT EXISTS (SELECT FROM audit_leaf l WHERE l.entry = e.id)
    ORDER BY e.xid, e.n LIMIT %s
"""
# Whatever the position says. An id that this instance has not given yet is a restored dump's, and committed.
_MISSED = """
    SELECT e.id, e.tenant, e.header, e.xid::text, e.n FROM audit_entry e
    WHERE NOT EXISTS (SELECT FROM audit_leaf l WHERE l.entry = e.id)
      AND (e.xid < pg_snapshot_xmin(pg_current_snapshot()) OR e.xid >= pg_snapshot_xmax(pg_current_snapshot()))
      AND (e.xid, e.n) > (%s::xid8, %s)
    ORDER BY e.xid, e.n LIMIT %s
"""


@dataclass(frozen=True)
class Log:
    """A log as its row says."""

    id: int
    origin: str
    kind: str
    size: int


@dataclass(frozen=True)
class New:
    """An entry that no tree has yet."""

    id: UUID
    tenant: UUID | None
    header: bytes
    xid: str
    n: int


class Moved(Exception):
    """The log's row is not as it was read: somebody else writes the tree."""


class Store:
    """All of it over one connection."""

    def __init__(self, connection: "Connection[Row]", base: str) -> None:
        self.connection = connection
        self._base = base

    def alone(self) -> bool:
        """Whether this session is the one sequencer of the database, for as long as the session lives."""
        found = self.connection.execute("SELECT pg_try_advisory_lock(%s)", [ALONE]).fetchone()
        return found == (True,)

    def entries_after_position(self, limit: int) -> list[New]:
        """Entries that no transaction still running can precede, in commit order."""
        position = self.connection.execute("SELECT xid::text, n FROM audit_sequencer").fetchone()
        assert position is not None
        return self._new(_NEW, *position, limit)

    def entries_missed(self, after: New | None, limit: int) -> list[New]:
        """Entries without a leaf, wherever they are, a page at a time."""
        return self._new(_MISSED, after.xid if after else "0", after.n if after else -1, limit)

    def _new(self, query: str, *values: object) -> list[New]:
        rows = self.connection.execute(query.encode(), values).fetchall()
        return [New(*row) for row in rows]  # type: ignore[arg-type]

    def move_to(self, last: New) -> None:
        """Go on from this entry."""
        self.connection.execute("UPDATE audit_sequencer SET xid = %s::xid8, n = %s", [last.xid, last.n])

    def mend_position(self) -> None:
        """Go on from now when the position lies beyond what this instance has reached: a dump was restored."""
        self.connection.execute(
            "UPDATE audit_sequencer SET xid = pg_snapshot_xmin(pg_current_snapshot()), n = -1"
            " WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())"
        )

    def show(self, refusals: dict[str, str]) -> None:
        """Show that the sequencer lives, and what it refuses to sign."""
        self.connection.execute("UPDATE audit_sequencer SET seen_at = now(), refusals = %s", [Jsonb(refusals)])

    def log_of(self, kind: str, tenant: UUID | None = None) -> Log:
        """The log; made if there is none."""
        where = "tenant = %s" if tenant else "kind = %s"
        query = f"SELECT id, origin, kind, size FROM audit_log WHERE {where}".encode()
        row = self.connection.execute(query, [tenant or kind]).fetchone()
        if row is None:
            origin = f"{self._base}/project/{tenant}" if tenant else f"{self._base}/{kind}"
            row = self.connection.execute(
                "INSERT INTO audit_log (origin, kind, tenant) VALUES (%s, %s, %s) RETURNING id, origin, kind, size",
                [origin, kind, tenant],
            ).fetchone()
        return Log(*row)  # type: ignore[misc]

    def logs(self) -> list[Log]:
        """Every log, the meta-log last."""
        rows = self.connection.execute(
            "SELECT id, origin, kind, size FROM audit_log ORDER BY kind = 'meta', id"
        ).fetchall()
        return [Log(*row) for row in rows]  # type: ignore[arg-type]

    def log(self, identity: int) -> Log:
        """One log as it is now."""
        row = self.connection.execute(
            "SELECT id, origin, kind, size FROM audit_log WHERE id = %s", [identity]
        ).fetchone()
        return Log(*row)  # type: ignore[misc]

    def add_leaves(self, log: Log, hashes: list[bytes], sources: Sequence[UUID | int]) -> None:
        """Add leaves at the log's end: of entries (UUID), or of checkpoints (their row's id). Raises Moved."""
        column = "checkpoint" if log.kind == "meta" else "entry"
        with self.connection.cursor().copy(f"COPY audit_leaf (log, index, {column}) FROM STDIN".encode()) as copy:
            for index, source in enumerate(sources, log.size):
                copy.write_row((log.id, index, source))
        changed = list(tiles.grow(log.size, hashes, lambda level, number: self.tile(log.id, level, number)))
        self.connection.cursor().executemany(
            "INSERT INTO audit_tile (log, level, number, hashes) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (log, level, number) DO UPDATE SET hashes = excluded.hashes",
            [(log.id, level, number, found) for level, number, found in changed],
        )
        grown = self.connection.execute(
            "UPDATE audit_log SET size = %s WHERE id = %s AND size = %s",
            [log.size + len(hashes), log.id, log.size],
        )
        if grown.rowcount != 1:
            raise Moved(log.origin)

    def tile(self, log: int, level: int, number: int) -> bytes:
        """The hashes of a tile, none if there is no such tile."""
        row = self.connection.execute(
            "SELECT hashes FROM audit_tile WHERE log = %s AND level = %s AND number = %s", [log, level, number]
        ).fetchone()
        return bytes(row[0]) if row else b""  # type: ignore[call-overload]

    def subtrees(self, log: int) -> Subtree:
        """The log's complete subtrees, each tile read once."""
        read: dict[tuple[int, int], bytes] = {}

        def tile(level: int, number: int) -> bytes:
            if (level, number) not in read:
                read[level, number] = self.tile(log, level, number)
            return read[level, number]

        return tiles.subtrees(tile)

    def signed_size(self, log: int) -> int:
        """The size of the log's latest checkpoint in the database; 0 without one."""
        row = self.connection.execute("SELECT max(size) FROM audit_checkpoint WHERE log = %s", [log]).fetchone()
        return row[0] or 0 if row else 0  # type: ignore[return-value]

    def add_checkpoint(self, log: int, size: int, root: bytes, note: bytes) -> int:
        """Publish a signed checkpoint; its row's id."""
        row = self.connection.execute(
            "INSERT INTO audit_checkpoint (log, size, root, note) VALUES (%s, %s, %s, %s) RETURNING id",
            [log, size, root, note],
        ).fetchone()
        assert row is not None
        return row[0]  # type: ignore[return-value]

    def add_signing_key(self, public: bytes) -> None:
        """List a public key for good."""
        self.connection.execute("INSERT INTO audit_signing_key (public) VALUES (%s) ON CONFLICT DO NOTHING", [public])

    def signing_keys(self) -> list[bytes]:
        """Every public key that ever signed."""
        return [bytes(row[0]) for row in self.connection.execute("SELECT public FROM audit_signing_key")]  # type: ignore[call-overload]
