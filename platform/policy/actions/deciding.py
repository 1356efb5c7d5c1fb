"""Asking policy, and recording what it said."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction

import audit
from config import metrics, rows
from config.errors import Reason
from gateways.opa import Answer, engine
from identity.callers import Caller
from policy.actions import publishing
from policy.models import Decision

_UNPUBLISHED: Final = Reason(
    "policy_unpublished",
    "The policy engine decides by a revision that no signed checkpoint of the log names yet. Nothing was decided.",
    "Try again; if it stays so, ask a platform admin to look at the health page's entry for the log's sequencer.",
)


def evaluate(point: str, question: Mapping[str, Any]) -> Answer:
    """Ask `bailiwick.<point>`. The engine's failure is a denial, and so is what a revision says before its publication.

    Outside a transaction, because it waits for other systems.
    """
    answer = engine().evaluate(point, question)
    if answer.revision and not publishing.await_signed(answer.revision):
        answer = replace(answer, outcome="deny", reasons=(_UNPUBLISHED,), obligations={})
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


def _storable(question: Mapping[str, Any]) -> tuple[bytes, Any]:
    try:
        written = orjson.dumps(question, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return b"{}", {}
    if b"\\u0000" in written:
        # PostgreSQL's jsonb holds no NUL.
        return b"{}", {}
    return written, orjson.loads(written)
