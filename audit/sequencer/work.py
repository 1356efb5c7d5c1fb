"""What the sequencer does, again and again: integrate what was committed, then sign what is integrated."""

import time
from collections import defaultdict
from collections.abc import Callable
from uuid import UUID

import structlog
from psycopg.errors import UniqueViolation

from audit import merkle
from audit.notes import BadNote, Checkpoint, VerifierKey
from audit.sequencer.kept import Kept
from audit.sequencer.store import Log, New, Store
from audit.signing import SIGNER, Signer, SignerUnavailable, signed_note

BATCH = 5000
# A log that was refused is looked at again after so many seconds: what was wrong may have been put right.
AGAIN_AFTER = 5.0
SHOWN_EVERY = 2.0
SWEPT_EVERY = 600.0
log = structlog.get_logger("sequencer")


class Inconsistent(Exception):
    """What is in the database is not a continuation of what was signed. The text says what to do."""


class Sequencer:
    """One sequencer over one connection. A transaction that fails leaves it fit for another try."""

    def __init__(self, store: Store, kept: Kept, signer: Signer) -> None:
        self.store = store
        self.kept = kept
        self.signer = signer
        self._unsigned: dict[str, str] = {}
        self._unplanted: dict[str, str] = {}
        # Logs to look at, and since when: all of them at the start.
        self._due: dict[int, float] = {}
        self._shown = self._swept = 0.0
        self._keys: list[bytes] = []
        self._no_signer = ""
        self._look_again = 0.0

    @property
    def refusals(self) -> dict[str, str]:
        """Why logs are not signed, or do not take entries, by their origin; under SIGNER, why none is."""
        return self._unplanted | self._unsigned | ({SIGNER: self._no_signer} if self._no_signer else {})

    def begin(self) -> None:
        """Look for what an earlier life left: entries without a leaf, logs that are unsigned, changed, or gone."""
        self._keys = self._in_transaction(self.store.signing_keys)
        self._in_transaction(self.store.mend_position)
        while self.integrate():
            pass
        self.sweep()
        known = {each.origin: each.id for each in self.store.logs()}
        self._due = dict.fromkeys(known.values(), 0.0)
        for origin in self.kept.origins():
            if origin not in known:
                self._note(
                    self._unsigned,
                    origin,
                    "The database does not know this log, which was signed before: is it a backup?",
                )

    def tick(self) -> bool:
        """Do what is to be done now; whether there may be more at once."""
        now = time.monotonic()
        if now - self._swept > SWEPT_EVERY:
            self.sweep()
        more = self.integrate()
        self.sign()
        if now - self._shown > SHOWN_EVERY:
            self._shown = now
            self._in_transaction(lambda: self.store.show(self.refusals))
        return more

    def integrate(self) -> bool:
        """Put the next entries into their trees and move on; whether the batch was full."""

        def work() -> list[New]:
            if found := self.store.entries_after_position(BATCH):
                self._plant(found)
                self.store.move_to(found[-1])
            return found

        return len(self._in_transaction(work)) == BATCH

    def sweep(self) -> None:
        """Put entries that were passed by into their trees, after a restored dump for instance."""
        self._unplanted.clear()
        last: New | None = None

        def work() -> list[New]:
            found = self.store.entries_missed(last, BATCH)
            self._plant(found)
            return found

        while found := self._in_transaction(work):
            log.info("entries_swept", count=len(found))
            last = found[-1]
        self._swept = time.monotonic()

    def _plant(self, found: list[New]) -> None:
        by_log: dict[UUID | None, list[New]] = defaultdict(list)
        for entry in found:
            by_log[entry.tenant].append(entry)
        for tenant, entries in by_log.items():
            its = self.store.log_of("project" if tenant else "platform", tenant)
            self._add(its, entries)
            self._due.setdefault(its.id, 0.0)

    def _add(self, its: Log, entries: list[New]) -> None:
        hashes = [merkle.leaf_hash(bytes(entry.header)) for entry in entries]
        try:
            self._in_transaction(lambda: self.store.add_leaves(its, hashes, [entry.id for entry in entries]))
        except (LookupError, UniqueViolation) as damage:
            # The other logs go on. These entries are swept in when the tree is whole again.
            self._note(self._unplanted, its.origin, f"The tree takes no entries: {type(damage).__name__}.")

    def sign(self) -> None:
        """Sign every log that grew; then the meta-log, which has their checkpoints as entries."""
        now = time.monotonic()
        due = [each for each, since in self._due.items() if since <= now]
        if not due or now < self._look_again:
            return
        try:
            self._see_signer()
            for identity in due:
                its = self.store.log(identity)
                if its.kind != "meta":
                    self._attempt(its)
            self._attempt(self._in_transaction(lambda: self.store.log_of("meta")))
        except SignerUnavailable as reason:
            self._look_again = time.monotonic() + AGAIN_AFTER
            self._note_signer(str(reason))
        else:
            self._note_signer("")

    def _see_signer(self) -> None:
        """Have the key that signs now among those that are listed, before it signs anything."""
        self.signer.look()
        public = self.signer.public
        if public not in self._keys:
            self._in_transaction(lambda: self.store.add_signing_key(public))
            self._keys.append(public)

    def _note_signer(self, why: str) -> None:
        if why != self._no_signer:
            log.error("signer_unavailable", reason=why) if why else log.info("signer_available")
            self._shown = 0.0
        self._no_signer = why

    def _attempt(self, its: Log) -> None:
        try:
            self._in_transaction(lambda: self._sign_one(its))
        except (Inconsistent, BadNote, LookupError) as reason:
            self._due[its.id] = time.monotonic() + AGAIN_AFTER
            self._note(self._unsigned, its.origin, str(reason))
            return
        self._due.pop(its.id, None)
        self._unsigned.pop(its.origin, None)

    def _sign_one(self, its: Log) -> None:
        published = self.store.signed_size(its.id)
        last = self._last_signed(its, published)
        if its.size == 0:
            return
        root = merkle.root(its.size, self.store.subtrees(its.id))
        if last is not None:
            note, before = last
            self._require_continuation(its, before, root)
            if before.size > published:
                # Signed in a life that ended before the database heard of it.
                self._publish(its, before, note)
            if before.size == its.size:
                return
        head = Checkpoint(its.origin, its.size, root)
        note = signed_note(head.text, its.origin, self.signer)
        self.kept.write(its.origin, note)
        self._publish(its, head, note)

    def _last_signed(self, its: Log, published: int) -> tuple[bytes, Checkpoint] | None:
        note = self.kept.read(its.origin)
        if note is None:
            if published:
                raise Inconsistent(
                    f"The file of the checkpoint that was signed last (size {published} at least) is gone: put it back."
                )
            return None
        return note, Checkpoint.open(note, [VerifierKey(its.origin, key) for key in self._keys])

    def _require_continuation(self, its: Log, before: Checkpoint, root: bytes) -> None:
        if before.origin != its.origin:
            raise Inconsistent(f"The kept checkpoint is of another log, {before.origin}.")
        if before.size > its.size:
            raise Inconsistent(
                f"The database holds {its.size} entries of this log, but {before.size} were signed: is it a backup?"
            )
        proof = merkle.consistency_proof(before.size, its.size, self.store.subtrees(its.id))
        try:
            merkle.verify_consistency(before.size, its.size, before.root, root, proof)
        except merkle.NotProved:
            raise Inconsistent(
                f"The first {before.size} entries of this log are not those that were signed: the tree was changed."
            ) from None

    def _publish(self, its: Log, head: Checkpoint, note: bytes) -> None:
        checkpoint = self.store.add_checkpoint(its.id, head.size, head.root, note)
        if its.kind != "meta":
            meta = self.store.log_of("meta")
            self.store.add_leaves(meta, [merkle.leaf_hash(note)], [checkpoint])
            self._due.setdefault(meta.id, 0.0)

    def _note(self, where: dict[str, str], origin: str, why: str) -> None:
        if where.get(origin) != why:
            log.error("refused", log=origin, reason=why)
            self._shown = 0.0
        where[origin] = why

    def _in_transaction[T](self, work: Callable[[], T]) -> T:
        with self.store.connection.transaction():
            return work()
