"""A sequencer for tests, over the tests' own database, and what an outsider would check of its work."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

import audit
from audit import Event, merkle, tiles
from audit.notes import Checkpoint, VerifierKey
from audit.sequencer.kept import Kept
from audit.sequencer.store import Store
from audit.sequencer.work import Sequencer
from audit.signing import LocalSigner
from tests.integration.audit.roles import as_role

BASE = "log.example/tests"
SEED = bytes(range(32))


@contextmanager
def sequencer(folder: Path, seed: bytes = SEED) -> Iterator[Sequencer]:
    """One that has begun, with its kept checkpoints in the folder."""
    with as_role("sequencer") as connection:
        store = Store(connection, BASE)
        assert store.alone()
        one = Sequencer(store, Kept(folder), LocalSigner(seed))
        one.begin()
        yield one


def run_once(folder: Path, seed: bytes = SEED) -> dict[str, str]:
    """Begin, integrate and sign everything that is there; what was refused."""
    with sequencer(folder, seed) as one:
        while one.tick():
            pass
        return one.refusals


@contextmanager
def signing(folder: Path) -> Iterator[None]:
    """A sequencer that works beside the test, in a thread of its own."""
    stopping, begun = threading.Event(), threading.Event()

    def work() -> None:
        with sequencer(folder) as one:
            begun.set()
            while not stopping.wait(0.02):
                one.tick()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert begun.wait(10)
        yield
    finally:
        stopping.set()
        thread.join()


def append(count: int = 1, tenant: UUID | None = None, **more: Any) -> list[UUID]:
    """Entries, each in a transaction of its own."""
    found = []
    for number in range(count):
        with transaction.atomic():
            found.append(
                audit.append(Event.MEMBER_ADDED, tenant=tenant, actor=None, subject=f"person:{number}", **more)
            )
    return found


def key(origin: str, seed: bytes = SEED) -> VerifierKey:
    """The verifier key of a log."""
    return VerifierKey(origin, LocalSigner(seed).public)


def audited(seed: bytes = SEED) -> dict[str, list[bytes]]:
    """Each log's entries in order, after every checkpoint and every tile was checked against them from scratch."""
    found: dict[str, list[bytes]] = {}
    with as_role("reader") as reader:
        for log, origin, size in reader.execute("SELECT id, origin, size FROM audit_log ORDER BY id").fetchall():
            rows = reader.execute(
                "SELECT l.index, coalesce(e.header, c.note) FROM audit_leaf l LEFT JOIN audit_entry e ON e.id = l.entry"
                " LEFT JOIN audit_checkpoint c ON c.id = l.checkpoint WHERE l.log = %s ORDER BY l.index",
                [log],
            ).fetchall()
            assert [index for index, _ in rows] == list(range(size)), f"{origin} has a gap"
            entries = found[origin] = [bytes(body) for _, body in rows]
            kept = reader.execute("SELECT level, number, hashes FROM audit_tile WHERE log = %s", [log]).fetchall()
            assert {(level, number): bytes(each) for level, number, each in kept} == grown(entries), origin
            notes = reader.execute("SELECT size, note FROM audit_checkpoint WHERE log = %s ORDER BY size", [log])
            tree = grown(entries)
            heads = [Checkpoint.open(bytes(note), [key(origin, seed)]) for _, note in notes.fetchall()]
            for head in heads:
                assert merkle.root(head.size, tiles.subtrees(lambda *at, tree=tree: tree.get(at, b""))) == head.root
    return found


def grown(entries: list[bytes]) -> dict[tuple[int, int], bytes]:
    """All tiles of these entries."""
    hashes = [merkle.leaf_hash(entry) for entry in entries]
    return {(level, number): found for level, number, found in tiles.grow(0, hashes, lambda *at: b"")}
