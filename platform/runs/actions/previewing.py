"""Previewing: what was asked of policy on somebody's behalf is on record, though nothing was asked for."""

from django.db import transaction

import audit
import policy.actions
from identity.callers import Caller
from runs.proposals import RunProposal


@audit.refusals
@transaction.atomic
def record_preview(proposal: RunProposal, *, by: Caller) -> None:
    """Keep what policy answered to a preview, under the person who asked instead of a run."""
    for asked in proposal.asked:
        policy.actions.record(
            asked.answer,
            point=asked.point,
            input=asked.input,
            project_id=proposal.project.id,
            subject=f"preview:{by.pseudonym}",
            by=by,
        )
