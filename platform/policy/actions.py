"""Asking policy, and recording what it said."""

import hashlib
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction

import audit
from config import metrics, rows
from gateways.opa import Answer, engine
from identity.callers import Caller
from policy.models import Activation, Decision


def evaluate(point: str, question: Mapping[str, Any]) -> Answer:
    """Ask `bailiwick.<point>`. Never raises; outside a transaction, because it waits for another system."""
    answer = engine().evaluate(point, question)
    metrics.observe_decision(point, answer.outcome, answer.duration_ms / 1000)
    return answer


def record(
    answer: Answer, *, point: str, input: Mapping[str, Any], project_id: UUID, subject: str, by: Caller | None
) -> Decision:
    """Keep a decision, with its entry in the audit log, in the caller's own transaction (which must be open).

    An input that cannot be stored (it cannot have been decided on either) is kept as an empty one.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("A decision is recorded in its action's transaction.")
    written, stored = _storable(input)
    salt = audit.new_salt()
    decision = Decision(
        id=uuid.uuid4(),
        project_id=project_id,
        point=point,
        subject=subject,
        actor=by.pseudonym if by else "",
        caller_kind=by.kind.value if by else "",
        input=stored,
        salt=salt,
        outcome=answer.outcome,
        reasons=[{"code": r.code, "message": r.message, "remedy": r.remedy} for r in answer.reasons],
        obligations=dict(answer.obligations),
        revision=answer.revision,
        data_digest=answer.data_digest,
        duration_ms=answer.duration_ms,
    )
    with metrics.governing("record"):
        rows.insert(decision)
    audit.append(
        audit.Event.POLICY_DECISION_RECORDED,
        tenant=project_id,
        actor=by.pseudonym if by else None,
        subject=subject,
        outcome=answer.outcome,
        facts={
            "decision": str(decision.id),
            "point": point,
            "reasons": sorted({reason.code for reason in answer.reasons}),
            "revision": answer.revision,
            "data_digest": answer.data_digest,
        },
        commitments={"input": audit.commit_to(hashlib.sha256(written).digest(), salt)},
    )
    return decision


def note_active(revision: str) -> bool:
    """Record that the engine decides by this revision, unless it is known to; whether it was news.

    Never held up by the log's sequencer: what is decided under a revision names it in an entry of its own.
    """
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
                subject=f"policy:{revision}",
                facts={"number": number, "revision": revision, "previous": latest.revision if latest else None},
            )
    except IntegrityError:
        # Somebody else noted one at this moment: the next look tells whether it was this.
        return False
    return True


def _storable(question: Mapping[str, Any]) -> tuple[bytes, Any]:
    try:
        written = orjson.dumps(question, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return b"{}", {}
    if b"\\u0000" in written:
        # PostgreSQL's jsonb holds no NUL.
        return b"{}", {}
    return written, orjson.loads(written)


def erase_inputs(person: str) -> int:
    """Destroy the inputs of the decisions on what a person asked, in the caller's own transaction; how many.

    The decisions stay, and so do the log's commitments to their inputs, which nothing opens any more.
    """
    found = Decision.objects.filter(input__person__pseudonym=person)
    return found.update(input={}, salt=b"")


def dispose_inputs(project_id: UUID, before: datetime, exempt: Collection[str], most: int) -> int:
    """The same for decisions of a project from before then, but for those on held people; at most so many."""
    old = Decision.objects.filter(project_id=project_id, created_at__lt=before).exclude(input={})
    ids = old.exclude(input__person__pseudonym__in=list(exempt)).values_list("pk", flat=True)[:most]
    return Decision.objects.filter(pk__in=list(ids)).update(input={}, salt=b"")
