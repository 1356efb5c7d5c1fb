"""The record of what was asked, decided, run and returned. Imports no other app.

`append` writes one entry in the caller's own transaction: no record, no action. `refusals` records an action's refusal.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_HOME = {
    "Event": "events",
    "NotRecorded": "log",
    "append": "log",
    "append_journalled": "journal",
    "append_or_journal": "journal",
    "commit_to": "commitments",
    "new_salt": "commitments",
    "refusals": "refused",
}


def __getattr__(name: str) -> Any:
    """Import at first use: the verifier and the sequencer live in this package and have no Django."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"audit.{_HOME[name]}"), name)
    return found
