"""Which revision is in force. One decides nothing before a signed checkpoint has the entry that names it.

Whoever builds the bundle gives it to the engine. Were its first decisions acted on at once, the entry of its activation
could be taken out of the database before the log is signed, and with it the only sign that anybody ever ruled by it.
"""

from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

import audit
import audit.queries
from audit.waiting import NotSigned, until_signed
from policy.models import Activation

# Twenty times what the sequencer needs. Whoever asks waits for it, once for each process and revision.
SIGNED_WITHIN: Final = 10.0
# Others may note other revisions at the same moment.
_TRIES: Final = 3

# What this process has seen signed.
published: Final[set[str]] = set()


def note_active(revision: str) -> bool:
    """Record that the engine decides by this revision, unless it is known to; whether it was news."""
    latest = Activation.objects.order_by("-number").first()
    if latest is not None and latest.revision == revision:
        return False
    try:
        with transaction.atomic():
            number = latest.number + 1 if latest else 1
            Activation(number=number, revision=revision).save(force_insert=True)
            audit.append(
                audit.Event.POLICY_REVISION_ACTIVATED,
                tenant=None,
                actor=None,
                subject=_subject(revision),
                facts={"number": number, "revision": revision, "previous": latest.revision if latest else None},
            )
    except IntegrityError:
        # Somebody else noted one at this moment: the next look tells whether it was this.
        return False
    return True


def await_signed(revision: str) -> bool:
    """Whether a signed checkpoint has this revision's activation, which is recorded first where nobody did.

    Waits up to SIGNED_WITHIN, and not at all for a revision that this process has seen signed.
    """
    if revision in published:
        return True
    entry = _entry_of(revision)
    if entry is None:
        return False
    try:
        until_signed(entry, SIGNED_WITHIN)
    except NotSigned:
        return False
    published.add(revision)
    return True


def _entry_of(revision: str) -> UUID | None:
    for _ in range(_TRIES):
        if entry := audit.queries.first_of_platform(_subject(revision)):
            return entry
        note_active(revision)
    return None


def _subject(revision: str) -> str:
    return f"policy:{revision}"
