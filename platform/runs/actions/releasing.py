"""Releasing: every byte of a run that reaches a browser, a program or a model passes here, and is on the record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

import audit
import policy.actions
from audit.waiting import NotSigned, until_signed
from config.errors import NotSignedInTime, Reason
from identity.callers import Caller
from runs import questions
from runs.models import Run
from runs.questions import Audience

if TYPE_CHECKING:
    from identity.models import Project

# Twenty times what the sequencer needs.
SIGNED_WITHIN = 10.0


@dataclass(frozen=True)
class Release:
    """Policy's word on one thing that would leave; `obligations` narrow what may. `entry` is the log's entry of it."""

    allowed: bool
    outcome: str
    reasons: tuple[Reason, ...]
    obligations: dict[str, Any]
    decision: str
    revision: str
    entry: UUID


def release(run: Run, *, what: str, audience: Audience, media_types: Iterable[str], size: int, by: Caller) -> Release:
    """Ask whether something of a run may leave to an audience, and record the answer with who asked."""
    return release_from(
        run.project,
        f"run:{run.id}",
        run.id,
        what=what,
        audience=audience,
        media_types=media_types,
        size=size,
        by=by,
    )


@audit.refusals
def release_as_file(run: Run, *, what: str, media_types: Iterable[str], size: int, by: Caller) -> Release:
    """As `release`, for what leaves as a file, which nobody can call back: it waits until its entry is signed.

    Raises NotSignedInTime. Not to be called inside a transaction.
    """
    found = release(run, what=what, audience=Audience.DOWNLOAD, media_types=media_types, size=size, by=by)
    if found.allowed:
        try:
            until_signed(found.entry, SIGNED_WITHIN)
        except NotSigned:
            raise NotSignedInTime(
                "The log did not sign the release in time, so nothing left.",
                tenant=run.project_id,
                subject=f"run:{run.id}",
            ) from None
    return found


def release_from(
    project: Project,
    subject: str,
    run_id: UUID | None,
    *,
    what: str,
    audience: Audience,
    media_types: Iterable[str],
    size: int,
    by: Caller,
) -> Release:
    """As `release`, for something of a project that need not be of a run."""
    question = questions.about_release(
        project,
        by,
        audience=questions.audience_of(by, audience),
        what=what,
        media_types=media_types,
        size=size,
        run_id=run_id,
        now=timezone.now(),
    )
    answer = policy.actions.evaluate("release", question)
    with transaction.atomic():
        decision = policy.actions.record(
            answer, point="release", input=question, project_id=project.id, subject=subject, by=by
        )
        entry = audit.append(
            audit.Event.RUNS_CONTENT_RELEASED if answer.outcome == "allow" else audit.Event.RUNS_CONTENT_WITHHELD,
            tenant=project.id,
            actor=by.pseudonym,
            subject=subject,
            outcome=answer.outcome,
            facts={"what": what, "audience": question["audience"], "decision": str(decision.id), "bytes": size},
        )
    return Release(
        answer.outcome == "allow",
        answer.outcome,
        tuple(answer.reasons),
        dict(answer.obligations),
        str(decision.id),
        answer.revision,
        entry,
    )
