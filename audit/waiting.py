"""Waiting for the log: what takes effect only once it is on record for good (docs/audit.md, "High-stakes actions").

The request is appended and committed; then it is waited for; then the change commits, with an entry of its own.
"""

import time
from collections.abc import Callable
from uuid import UUID

from django.db import connections
from django.db.transaction import TransactionManagementError

from audit import tree
from audit.tree import Head

_EVERY = 0.1


class NotSigned(Exception):
    """No signed checkpoint had the entry in time: what waited for it must not happen."""


def until_signed(entry_id: UUID, within: float) -> Head:
    """The head of the log that has the entry, once a signed checkpoint covers it.

    Raises NotSigned after `within` seconds, and TransactionManagementError inside a transaction: the sequencer reads
    below the oldest one that runs, so that whoever waited in one would wait for themselves.
    """
    return _until(lambda: tree.head_with(entry_id), within, f"no checkpoint has entry {entry_id}")


def until_cosigned(head: Head, within: float) -> None:
    """Return once as many witnesses as the sequencer's policy asks for have cosigned a meta-log that has this head.

    At once where no witness is asked. Raises as `until_signed` does.
    """
    _until(lambda: tree.is_cosigned(head), within, f"no cosigned checkpoint has size {head.size} of {head.origin}")


def _until[T](look: Callable[[], T | None], within: float, otherwise: str) -> T:
    if any(each.in_atomic_block for each in connections.all(initialized_only=True)):
        raise TransactionManagementError("Nobody waits for the log inside a transaction.")
    deadline = time.monotonic() + within
    while not (found := look()):
        if time.monotonic() >= deadline:
            raise NotSigned(f"{otherwise} after {within:g} seconds")
        # Back to their pools: many who wait must not leave nothing for those who do not.
        connections.close_all()
        time.sleep(_EVERY)
    return found
