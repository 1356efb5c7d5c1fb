"""Checking whole logs inside the platform, as the stand-alone verifier would: every entry hashed, the root compared.

It finds damage early. It is no proof for others: they take an export and check it themselves.
"""

from dataclasses import dataclass

import structlog
from django.db import connection, transaction

from audit import tiles, tree
from audit.events import Event
from audit.log import append
from audit.notes import BadNote, Checkpoint, VerifierKey
from audit.tree import Head
from audit.verifier import Tree, leaf_hash

VERIFIED, TAMPERED, UNTRUSTED = "verified", "tampered", "untrusted"
# Any number that is only ours.
_ALONE = 0x6261_696C_6368_6B
_RECORD = "INSERT INTO audit_check (log, size, result, index) VALUES (%s, %s, %s, %s)"
log = structlog.get_logger("checking")


@dataclass(frozen=True)
class Check:
    """What a look at a whole log found; `index` is of the first entry that is not the one that was hashed."""

    head: Head
    result: str
    index: int | None = None


def check(head: Head) -> Check:
    """Look at a log as far as its latest checkpoint."""
    keys = [VerifierKey(head.origin, public) for public in tree.signing_keys()]
    try:
        signed = Checkpoint.open(head.note, keys)
    except BadNote:
        return Check(head, UNTRUSTED)
    if (signed.size, signed.root) != (head.size, head.root):
        return Check(head, TAMPERED)
    found = Tree()
    bad: int | None = None
    hashes = b""
    for index, entry in enumerate(tree.entries_between(head, 0, head.size)):
        if index % tiles.WIDTH == 0:
            hashes = tree.leaf_hashes(head, index, min(index + tiles.WIDTH, head.size))
        digest = leaf_hash(entry)
        begin = index % tiles.WIDTH * tiles.HASH
        if bad is None and hashes[begin : begin + tiles.HASH] != digest:
            bad = index
        found.push(digest)
    if (found.size, found.root) == (head.size, head.root):
        return Check(head, VERIFIED)
    return Check(head, TAMPERED, found.size if bad is None and found.size < head.size else bad)


def check_due(started: float) -> int:
    """Check the logs that were not checked within a day, or since this process started (seconds ago); how many.

    What is found is on record. Of several processes one does it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_ALONE])
        if cursor.fetchone() != (True,):
            return 0
    try:
        found = [check(head) for head in tree.heads_to_check(started)]
        for each in found:
            _record(each)
        if found:
            _report(found)
        return len(found)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_ALONE])


def _record(found: Check) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [found.head.log, found.head.size, found.result, found.index])
    if found.result != VERIFIED:
        log.error("log_not_verified", origin=found.head.origin, result=found.result, index=found.index)


def _report(found: list[Check]) -> None:
    bad = [each for each in found if each.result != VERIFIED]
    with transaction.atomic():
        append(
            Event.AUDIT_LOGS_CHECKED,
            tenant=None,
            actor=None,
            subject="log:all",
            outcome="verified" if not bad else "failed",
            facts={
                "logs": len(found),
                "entries": sum(each.head.size for each in found),
                "bad": [
                    {"origin": each.head.origin, "size": each.head.size, "result": each.result, "index": each.index}
                    for each in bad[:100]
                ],
            },
        )
