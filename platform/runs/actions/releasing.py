"""Releasing: every byte of a run that reaches a browser, a program or a model passes here, and is on the record."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

import audit
import policy.actions
from config.errors import Reason
from identity.callers import Caller
from runs import questions
from runs.models import Run
from runs.questions import Audience


@dataclass(frozen=True)
class Release:
    """Policy's word on one thing that would leave; `obligations` narrow what may."""

    allowed: bool
    outcome: str
    reasons: tuple[Reason, ...]
    obligations: dict[str, Any]
    decision: str
    revision: str


def release(run: Run, *, what: str, audience: Audience, media_types: Iterable[str], size: int, by: Caller) -> Release:
    """Ask whether something of a run may leave to an audience, and record the answer with who asked."""
    question = questions.about_release(
        run.project,
        by,
        audience=questions.audience_of(by, audience),
        what=what,
        media_types=media_types,
        size=size,
        run_id=run.id,
        now=timezone.now(),
    )
    answer = policy.actions.evaluate("release", question)
    with transaction.atomic():
        decision = policy.actions.record(
            answer, point="release", input=question, project_id=run.project_id, subject=f"run:{run.id}", by=by
        )
        audit.append(
            audit.Event.RUNS_CONTENT_RELEASED if answer.outcome == "allow" else audit.Event.RUNS_CONTENT_WITHHELD,
            tenant=run.project_id,
            actor=by.pseudonym,
            subject=f"run:{run.id}",
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
    )
