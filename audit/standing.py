"""How the log stands: whether the sequencer lives, how far behind it is, and what it refuses to sign."""

from dataclasses import dataclass

import orjson
from django.db import connections

from audit.queries import READER

# Older than this, and an entry that nobody integrated is an alarm; so is a sequencer that has not shown itself.
LATE_AFTER = 10.0
_ASK = """
SELECT extract(epoch FROM clock_timestamp() - s.seen_at)::float8, s.refusals, (
    SELECT extract(epoch FROM clock_timestamp() - (convert_from(e.header, 'UTF8')::json ->> 'recorded_at')::timestamptz)
    FROM audit_entry e WHERE (e.xid, e.n) > (s.xid, s.n) ORDER BY e.xid, e.n LIMIT 1
)::float8 FROM audit_sequencer s
"""


@dataclass(frozen=True)
class Standing:
    """Seconds since the sequencer showed itself, the age of the oldest entry that waits, and why it refuses."""

    seen_seconds: float
    lag_seconds: float
    refusals: dict[str, str]

    @property
    def trouble(self) -> str:
        """What is wrong, fit for strangers; empty when all is well."""
        if self.refusals:
            return f"{len(self.refusals)} logs are not signed: they do not continue what was signed before."
        if self.seen_seconds > LATE_AFTER:
            return "The sequencer has shown no sign: entries are kept, but none is signed."
        if self.lag_seconds > LATE_AFTER:
            return f"An entry waits for {self.lag_seconds:.0f} seconds: a long transaction holds up the log."
        return ""


def standing() -> Standing:
    """The log's standing now, as the reader sees it."""
    with connections[READER].cursor() as cursor:
        cursor.execute(_ASK)
        seen, refusals, lag = cursor.fetchone()
    refused = refusals if isinstance(refusals, dict) else orjson.loads(refusals)
    return Standing(max(0.0, seen), max(0.0, lag or 0.0), refused)
