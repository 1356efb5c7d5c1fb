"""Waiting for the log: what takes effect only once it is on record for good (docs/audit.md, "High-stakes actions").

The request is appended and committed; then it is waited for; then the change commits, with an entry of its own.
"""

import time
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
    if any(each.in_atomic_block for each in connections.all(initialized_only=True)):
        raise TransactionManagementError("Nobody waits for the log inside a transaction.")
    deadline = time.monotonic() + within
    while (head := tree.head_with(entry_id)) is None:
        if time.monotonic() >= deadline:
            raise NotSigned(f"no checkpoint has entry {entry_id} after {within:g} seconds")
        # Back to their pools: many who wait must not leave nothing for those who do not.
        connections.close_all()
        time.sleep(_EVERY)
    return head
