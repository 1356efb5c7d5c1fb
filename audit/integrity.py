"""How one log stands: what is signed, what waits, who cosigned, and what the last look at all of it found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections

from audit import tree
from audit.notes import VerifierKey
from audit.queries import READER
from audit.standing import standing
from audit.tree import Head

# More than so many that wait are not counted.
MOST_COUNTED = 10_000
_SIGNED = "SELECT signed_at FROM audit_checkpoint WHERE log = %s AND size = %s"
_WAITING = """
SELECT count(*) FROM (
    SELECT FROM audit_entry e, audit_sequencer s
    WHERE (e.xid, e.n) > (s.xid, s.n) AND e.tenant IS NOT DISTINCT FROM %s LIMIT %s
) waiting
"""
_COSIGNED = """
SELECT at FROM audit_cosigned ORDER BY checkpoint DESC LIMIT 1
"""
_WITNESSES = """
SELECT w.name, w.state, (SELECT max(made_at) FROM audit_cosignature k WHERE k.witness = w.name)
FROM audit_witness w WHERE w.configured ORDER BY w.name
"""
_CHECK = "SELECT at, size, result FROM audit_check WHERE log = %s ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True)
class WitnessStanding:
    """A witness that is asked: it cosigns (`ok`), does not want to (`refusing`), or does not answer (`silent`)."""

    name: str
    state: str
    cosigned_at: datetime | None


@dataclass(frozen=True)
class LastCheck:
    """What the last look at every entry found: `verified`, `tampered` or `untrusted`."""

    at: datetime
    size: int
    result: str


@dataclass(frozen=True)
class Integrity:
    """A log's standing now."""

    head: Head
    checkpoint_at: datetime
    lag_seconds: float
    unintegrated: int
    keys: list[VerifierKey]
    meta_size: int
    cosigned_at: datetime | None
    witnesses: list[WitnessStanding]
    last_check: LastCheck | None


def integrity(head: Head, project: UUID | None) -> Integrity:
    """The standing of the log with this head, which is the project's, or the platform's."""
    meta = tree.head_of_meta()
    with connections[READER].cursor() as cursor:

        def rows(query: str, *values: Any) -> list[tuple[Any, ...]]:
            cursor.execute(query, values)
            return list(cursor.fetchall())

        checks = [LastCheck(*row) for row in rows(_CHECK, head.log)]
        cosigned = rows(_COSIGNED)
        return Integrity(
            head=head,
            checkpoint_at=rows(_SIGNED, head.log, head.size)[0][0],
            lag_seconds=standing().lag_seconds,
            unintegrated=rows(_WAITING, project, MOST_COUNTED)[0][0],
            keys=[VerifierKey(head.origin, key) for key in tree.signing_keys()],
            meta_size=meta.size if meta else 0,
            cosigned_at=cosigned[0][0] if cosigned else None,
            witnesses=[WitnessStanding(*row) for row in rows(_WITNESSES)],
            last_check=checks[0] if checks else None,
        )
