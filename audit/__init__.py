"""The record of what was asked, decided, run and returned. Imports no other app.

`append` writes one entry in the caller's own transaction: no record, no action. `refusals` records an action's refusal.
"""

from audit.commitments import commit_to, new_salt
from audit.events import Event
from audit.journal import append_journalled, append_or_journal
from audit.log import NotRecorded, append
from audit.refused import refusals

__all__ = [
    "Event",
    "NotRecorded",
    "append",
    "append_journalled",
    "append_or_journal",
    "commit_to",
    "new_salt",
    "refusals",
]
