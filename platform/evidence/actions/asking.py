"""Asking for an export: recorded with policy's word on what it opens, before anything is made."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

import audit
import identity.queries
import policy.actions
import runs.questions
from audit import Event, tree
from audit.canonical import JSON
from audit.reading import Filter
from config.errors import Conflict, Invalid, concerning
from config.verdicts import Denied, require
from evidence import hints, rules
from evidence.models import Export
from evidence.states import ExportState
from evidence.times import text_of
from gateways.opa import Answer
from identity.callers import Caller
from runs.questions import Audience

# The fields that are sealed beside entries, and what opens their commitments.
PAYLOADS = "audit_payload"


@dataclass(frozen=True)
class Wanted:
    """What an export is to hold."""

    first: int = 0
    end: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    events: tuple[str, ...] = ()
    blobs: bool = False
    views: tuple[str, ...] = ()


@dataclass(frozen=True)
class Opening:
    """The question whether an export opens what is sealed, with policy's answer."""

    input: dict[str, JSON]
    answer: Answer


def ask_to_open(project_id: UUID, by: Caller) -> Opening:
    """Ask policy whether the person may take sealed fields away, once for the export. Raises NotFound."""
    project = identity.queries.project(by, project_id)
    question = runs.questions.about_release(
        project,
        by,
        audience=runs.questions.audience_of(by, Audience.DOWNLOAD),
        what=PAYLOADS,
        media_types=(),
        size=0,
        run_id=None,
        now=timezone.now(),
    )
    return Opening(question, policy.actions.evaluate("release", question))


@audit.refusals
@transaction.atomic
def request_export(project_id: UUID, wanted: Wanted, opening: Opening, *, export_id: UUID, by: Caller) -> Export:
    """Record that part of a project's log is to leave. Raises NotFound, Refused, Invalid, or Conflict."""
    project = identity.queries.project(by, project_id)
    with concerning(project.id):
        require(rules.may_export(project.id, by))
        head = tree.head_of(project.id)
        _require(rules.may_be_exported(wanted.first, wanted.end, head.size if head else 0))
        _require(rules.may_be_filtered(wanted.since, wanted.until))
        decision = policy.actions.record(
            opening.answer,
            point="release",
            input=opening.input,
            project_id=project.id,
            subject=f"export:{export_id}",
            by=by,
        )
        export = Export(
            id=export_id,
            project_id=project.id,
            owner_id=by.user_id,
            state=ExportState.QUEUED,
            first=wanted.first,
            end=wanted.end,
            since=wanted.since,
            until=wanted.until,
            events=sorted(wanted.events),
            with_blobs=wanted.blobs,
            views=list(wanted.views),
            payload_decision=decision.pk,
            payload_outcome=opening.answer.outcome,
        )
        export.entry = _append(export, by)
        try:
            with transaction.atomic():
                export.save(force_insert=True)
        except IntegrityError:
            raise Conflict(
                "export_under_way",
                "Another export of this project is being made.",
                remedy="Wait until it is ready, and take that one or ask again.",
            ) from None
    transaction.on_commit(lambda: hints.make(export_id))
    return export


def filter_of(export: Export) -> Filter:
    """What the export opens and shows, as the log's own code takes it."""
    return Filter(text_of(export.since), text_of(export.until), frozenset(export.events))


def _append(export: Export, by: Caller) -> UUID:
    return audit.append(
        Event.AUDIT_EXPORT_REQUESTED,
        tenant=export.project_id,
        actor=by.pseudonym,
        subject=f"export:{export.pk}",
        facts={
            "from": export.first,
            "to": export.end,
            "filter": filter_of(export).told,
            "blobs": export.with_blobs,
            "views": export.views,
            "decision": str(export.payload_decision),
            "opens": export.opens,
        },
    )


def _require(verdict: object) -> None:
    if isinstance(verdict, Denied):
        raise Invalid(verdict.code, verdict.message, remedy=verdict.remedy)
