"""How the log stands: whether the sequencer lives, how far behind it is, and what it refuses to sign."""

from dataclasses import dataclass

import orjson
from django.db import connections

from audit.queries import READER
from audit.signing import SIGNER

# Older than this, and an entry that nobody integrated is an alarm; so is a sequencer that has not shown itself.
LATE_AFTER = 10.0
# A witness may be restarted, or be asked over a bad line.
SILENT_AFTER = 60.0
_ASK = """
SELECT extract(epoch FROM clock_timestamp() - s.seen_at)::float8, s.refusals, (
    SELECT extract(epoch FROM clock_timestamp() - (convert_from(e.header, 'UTF8')::json ->> 'recorded_at')::timestamptz)
    FROM audit_entry e WHERE (e.xid, e.n) > (s.xid, s.n) ORDER BY e.xid, e.n LIMIT 1
)::float8, (SELECT count(*) FROM audit_witness WHERE configured AND state = 'refusing'), (
    SELECT extract(epoch FROM clock_timestamp() - min(since)) FROM audit_witness WHERE configured AND state = 'silent'
)::float8 FROM audit_sequencer s
"""


@dataclass(frozen=True)
class Standing:
    """Seconds since the sequencer showed itself, the age of the oldest entry that waits, and why it refuses.

    And how many witnesses refuse to cosign, and for how many seconds one has been asked in vain.
    """

    seen_seconds: float
    lag_seconds: float
    refusals: dict[str, str]
    witnesses_refusing: int = 0
    witness_silent_seconds: float = 0.0

    @property
    def trouble(self) -> str:
        """What is wrong, fit for strangers; empty when all is well."""
        if SIGNER in self.refusals:
            return "The key that signs the log cannot be used: entries are kept, but none is signed."
        if self.refusals:
            return f"{len(self.refusals)} logs are not signed: they do not continue what was signed before."
        if self.witnesses_refusing:
            return f"{self.witnesses_refusing} witnesses refuse to cosign: have they seen another history of the log?"
        if self.seen_seconds > LATE_AFTER:
            return "The sequencer has shown no sign: entries are kept, but none is signed."
        if self.lag_seconds > LATE_AFTER:
            return f"An entry waits for {self.lag_seconds:.0f} seconds: a long transaction holds up the log."
        if self.witness_silent_seconds > SILENT_AFTER:
            return f"A witness has not answered for {self.witness_silent_seconds:.0f} seconds."
        return ""


def standing() -> Standing:
    """The log's standing now, as the reader sees it."""
    with connections[READER].cursor() as cursor:
        cursor.execute(_ASK)
        seen, refusals, lag, refusing, silent = cursor.fetchone()
    refused = refusals if isinstance(refusals, dict) else orjson.loads(refusals)
    return Standing(max(0.0, seen), max(0.0, lag or 0.0), refused, refusing, max(0.0, silent or 0.0))
