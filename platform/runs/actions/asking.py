"""Asking: a run or an execution is recorded with the decision on it, or with the refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

import audit
import policy.actions
from config import rows
from config.errors import Invalid, Refused, TooMany, concerning
from config.verdicts import require
from gateways.blobs import Sealed
from identity.callers import Caller
from identity.states import TokenKind
from runs import hints, queries, rules
from runs.actions.keeping import commitment, kept
from runs.errors import policy_denied
from runs.models import Execution, Run
from runs.proposals import Anew, Asked, CodeProposal, RunProposal
from runs.states import ExecutionState, RunState

if TYPE_CHECKING:
    from policy.models import Decision

_AFTER = {"allow": RunState.QUEUED, "review": RunState.AWAITING_APPROVAL, "deny": RunState.DENIED}


def _record(asked: Asked, run: Run, by: Caller | None) -> Decision:
    return policy.actions.record(
        asked.answer, point=asked.point, input=asked.input, project_id=run.project_id, subject=f"run:{run.id}", by=by
    )


def _bear(run: Run, asked: Asked, decision: Decision) -> None:
    run.decision_id = decision.id
    run.decision_outcome = asked.answer.outcome
    run.decision_reasons = [vars(reason) for reason in asked.answer.reasons]
    run.decision_revision = asked.answer.revision
    run.decided_at = timezone.now()


@audit.refusals
@transaction.atomic
def request_run(
    proposal: RunProposal,
    code: Sealed | None,
    prompt: Sealed | None,
    *,
    run_id: UUID,
    queue: int,
    by: Caller,
    untold: bool = False,
) -> Run:
    """Record a run as policy decided: queued, waiting for people, or denied with its reasons.

    `untold` is as of `request_execution`. Raises TooMany(`queue_full`) when `queue` runs wait already.
    """
    if proposal.outcome == "allow" and queries.queue_length() >= queue:
        with concerning(proposal.project.id):
            raise TooMany(
                "queue_full",
                f"Already {queue} runs wait for a sandbox, which is as many as this platform lets wait.",
                retry_after=10,
                remedy="Ask again after Retry-After seconds.",
            )
    run = _new_run(proposal, run_id, by)
    decisions = [_record(asked, run, by) for asked in proposal.asked]
    decisive = proposal.asked.index(proposal.decisive)
    _bear(run, proposal.asked[decisive], decisions[decisive])
    if proposal.outcome == "deny":
        run.ended_code, run.ended_message = "policy_denied", "Policy refused the request."
    run.move_to(_AFTER[proposal.outcome])
    rows.insert(run)
    if proposal.files:
        run.files.add(*proposal.files)
    if code is not None and proposal.code is not None and proposal.outcome != "deny":
        _add(run, 1, proposal.code, decisions[-1], code, prompt, uuid4(), by)
    _append_request(run, proposal, by)
    if run.state == RunState.QUEUED:
        transaction.on_commit(hints.start_next)
        if untold:
            _leave_durability_to_what_follows()
    return run


def _leave_durability_to_what_follows() -> None:
    """Let this transaction's commit not wait for the disk.

    What comes of it waits: PostgreSQL writes commits in order, so that whoever's commit did wait, as that of each start
    and of each beginning does, has this one on disk too. A crash before then undoes what nothing was done about.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def _new_run(proposal: RunProposal, run_id: UUID, by: Caller) -> Run:
    draft = proposal.draft
    return Run(
        id=run_id,
        project=proposal.project,
        owner_id=by.user_id,
        caller_kind=by.kind,
        caller_model=by.model_name or "",
        purpose=draft.purpose,
        environment=proposal.environment.name,
        image_digest=proposal.environment.digest,
        packages=draft.packages,
        closure_id=proposal.closure.id if proposal.closure else "",
        closure_pins=proposal.closure.pins if proposal.closure else [],
        connectors=draft.connectors,
        limits=proposal.limits,
        one_shot=draft.code is not None,
    )


def _append_request(run: Run, proposal: RunProposal, by: Caller) -> None:
    denied = run.state == RunState.DENIED
    audit.append(
        audit.Event.RUNS_RUN_DENIED if denied else audit.Event.RUNS_RUN_REQUESTED,
        tenant=run.project_id,
        actor=by.pseudonym,
        subject=f"run:{run.id}",
        outcome=proposal.outcome,
        facts={
            "environment": run.environment,
            "image": run.image_digest,
            "decision": str(run.decision_id),
            "revision": run.decision_revision,
            "packages": [f"{pin['name']}=={pin['version']}" for pin in run.closure_pins],
            # Of every wheel's hashes, too.
            "closure": f"sha256:{run.closure_id}" if run.closure_id else None,
            "caller": by.kind.value,
            "reasons": sorted({reason["code"] for reason in run.decision_reasons}),
        },
        commitments={f"file:{number}": commitment(file.blob) for number, file in enumerate(proposal.files)},
        personal={"purpose": run.purpose},
        about=by.pseudonym,
    )


def _add(
    run: Run,
    number: int,
    proposal: CodeProposal,
    decision: Decision,
    code: Sealed,
    prompt: Sealed | None,
    execution_id: UUID,
    by: Caller,
) -> Execution:
    origin = proposal.draft.origin
    execution = Execution(
        id=execution_id,
        run=run,
        number=number,
        language=proposal.draft.language,
        code=kept(code),
        prompt=kept(prompt) if prompt else None,
        analysis=proposal.analysis,
        origin_kind=origin.kind,
        origin_model=origin.model or by.model_name or "" if origin.kind is TokenKind.MODEL else "",
        corrects=origin.corrects,
        decision_id=decision.id,
        decision_revision=decision.revision,
        decided_at=timezone.now(),
    )
    rows.insert(execution)
    contents = {"code": commitment(execution.code)}
    if execution.prompt is not None:
        contents["prompt"] = commitment(execution.prompt)
    audit.append(
        audit.Event.RUNS_EXECUTION_REQUESTED,
        tenant=run.project_id,
        actor=by.pseudonym,
        subject=f"run:{run.id}/execution:{execution.number}",
        facts={
            "language": execution.language,
            "origin": execution.origin_kind,
            "model": execution.origin_model,
            "corrects": execution.corrects,
            "decision": str(decision.id),
            "revision": execution.decision_revision,
        },
        commitments=contents,
    )
    return execution


def _require_corrected(run: Run, corrects: int | None) -> None:
    if corrects is not None and not run.executions.filter(number=corrects).exists():
        raise Invalid(
            "unknown_execution",
            f"origin.corrects: this run has no execution {corrects}.",
            remedy="Name an earlier execution of the same run.",
        )


@audit.refusals
@transaction.atomic
def request_execution(
    run: Run,
    proposal: CodeProposal,
    code: Sealed | None,
    prompt: Sealed | None,
    *,
    execution_id: UUID,
    by: Caller,
    untold: bool = False,
) -> Execution | Refused:
    """Add a cell to the caller's run; it waits until those before it are done.

    `untold`: who asks is answered only when another commit has followed this one, or when seconds have passed.
    Raises NotFound, Conflict or Refused. Policy's own no is returned, not raised, so that its record stays.
    """
    locked = queries.runs_visible_to(by).select_for_update().get(pk=run.pk)
    unfinished, highest = queries.load(locked)
    with concerning(locked.project_id, f"run:{locked.id}"):
        require(rules.may_execute(locked, by, rules.Load(unfinished)))
        _require_corrected(locked, proposal.draft.origin.corrects)
    if proposal.asked.answer.outcome != "allow" or code is None:
        return _turned_down(locked, proposal, by)
    decision = _record(proposal.asked, locked, by)
    execution = _add(locked, highest + 1, proposal, decision, code, prompt, execution_id, by)
    hints.announce(locked, execution)
    if locked.state == RunState.READY:
        transaction.on_commit(lambda: hints.execute_next(locked.id))
        if untold:
            _leave_durability_to_what_follows()
    return execution


def _turned_down(run: Run, proposal: CodeProposal, by: Caller) -> Refused:
    answer = proposal.asked.answer
    decision = _record(proposal.asked, run, by)
    audit.append(
        audit.Event.RUNS_EXECUTION_DENIED,
        tenant=run.project_id,
        actor=by.pseudonym,
        subject=f"run:{run.id}",
        outcome=answer.outcome,
        facts={
            "decision": str(decision.id),
            "revision": answer.revision,
            "reasons": sorted({reason.code for reason in answer.reasons}),
        },
    )
    return policy_denied(answer.reasons, subject=f"run:{run.id}")


@audit.refusals
@transaction.atomic
def ask_again(execution: Execution, asked: Asked) -> bool:
    """Record a cell's decision made anew at its turn; whether it still allows. A no ends the execution."""
    locked = Run.objects.select_for_update().get(pk=execution.run_id)
    decision = _record(asked, locked, None)
    allowed = asked.answer.outcome == "allow"
    cell = Execution.objects.select_for_update().get(pk=execution.pk)
    cell.decision_id, cell.decision_revision = decision.id, asked.answer.revision
    cell.decided_at = timezone.now()
    if not allowed and cell.state == ExecutionState.QUEUED:
        _refuse_cell(cell, asked)
    cell.save()
    return allowed


@audit.refusals
@transaction.atomic
def ask_run_again(run: Run, anew: Anew) -> bool:
    """Record a run's decision made anew at the claim; whether it still allows. A no ends the run.

    From then on the run is for the image that was asked about.
    """
    locked = Run.objects.select_for_update().get(pk=run.pk)
    decision = _record(anew.asked, locked, None)
    if locked.state != RunState.QUEUED:
        return False
    _bear(locked, anew.asked, decision)
    if anew.image_digest != locked.image_digest:
        locked.image_digest = anew.image_digest
        locked.closure_id = anew.closure.id if anew.closure else ""
        locked.closure_pins = anew.closure.pins if anew.closure else []
    allowed = anew.asked.answer.outcome == "allow"
    if not allowed:
        _refuse_run(locked, anew.asked)
    locked.save()
    return allowed


def _refuse_cell(cell: Execution, asked: Asked) -> None:
    cell.move_to(ExecutionState.INTERRUPTED)
    cell.ended_code = "policy_denied"
    cell.ended_message = "; ".join(reason.message for reason in asked.answer.reasons)
    audit.append(
        audit.Event.RUNS_EXECUTION_DENIED,
        tenant=cell.run.project_id,
        actor=None,
        subject=f"run:{cell.run_id}/execution:{cell.number}",
        outcome=asked.answer.outcome,
        facts={"decision": str(cell.decision_id), "revision": cell.decision_revision},
    )


def _refuse_run(run: Run, asked: Asked) -> None:
    review = asked.answer.outcome == "review"
    run.move_to(RunState.AWAITING_APPROVAL if review else RunState.DENIED)
    if not review:
        run.ended_code, run.ended_message = "policy_denied", "Policy refused the request when its turn came."
        run.executions.filter(state=ExecutionState.QUEUED).update(
            state=ExecutionState.INTERRUPTED, ended_at=timezone.now(), ended_code="policy_denied"
        )
    audit.append(
        audit.Event.RUNS_RUN_DENIED if not review else audit.Event.RUNS_RUN_PARKED,
        tenant=run.project_id,
        actor=None,
        subject=f"run:{run.id}",
        outcome=asked.answer.outcome,
        facts={"decision": str(run.decision_id), "revision": run.decision_revision},
    )
