"""Walks a run along its path: claim, put files in, execute, collect. Between its steps it holds nothing.

Everything that comes out of a sandbox has been checked by the operator's client; sizes and counts are checked here
again, against the run's own limits.
"""

import mimetypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import structlog

import catalogue.actions
import catalogue.queries
from config.errors import BailiwickError, Refused
from gateways import blobs, events
from gateways.blobs import Sealed
from gateways.sandboxes import backend
from runs import actions, interrupts, limits
from runs.actions import Outcome
from runs.actions.working import Found
from runs.fates import run_end
from runs.limits import Ending
from runs.models import NAME_CHARS, Execution, Run
from runs.outputs import Gathered
from runs.states import ExecutionState, RunState
from sandbox_operator.errors import (
    BackendUnavailable,
    ContainmentFailed,
    Fate,
    ImageUnknown,
    OperatorError,
    PoolFull,
    SandboxLost,
)
from sandbox_operator.protocol import Claim, Done, ExecuteRequest, OutputEvent, RequestRefused, Session
from sandbox_operator.spec import Handle, Limits, SandboxSpec

CLAIM_SECONDS = 30.0
_CHUNK = 256 * 1024
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Started:
    """A run whose sandbox is ready; `cell` is the one of it that this worker took on with it."""

    run: Run
    cell: Execution | None


def start(run: Run, first: Callable[[Run], Execution | None]) -> Started | None:
    """Make a sandbox ready for a run that this worker took on. None where the run waits again or ended.

    `first` is asked, once the sandbox is there, for the cell that may begin at once.
    """
    try:
        packages = _packages(run)
        claim = backend().claim(_spec(run, packages), timeout=CLAIM_SECONDS)
    except (PoolFull, BackendUnavailable) as full:
        actions.requeue(run, full.code)
        return None
    except ImageUnknown as rolled:
        # An image is being rolled: the run's own is gone already, or the one that it was decided for is not there yet.
        actions.requeue(run, rolled.code, undecided=True)
        return None
    except ContainmentFailed as failed:
        actions.fail_containment(run, failed.report)
        return None
    except (Refused, OperatorError) as fault:
        actions.fail_start(run, Ending(fault.code, str(fault), getattr(fault, "remedy", "")))
        return None
    return _furnish(run, claim, first)


def _furnish(run: Run, claim: Claim, first: Callable[[Run], Execution | None]) -> Started | None:
    try:
        if files := list(run.files.select_related("blob").order_by("created_at")):
            with backend().open(claim.handle, epoch=run.epoch) as session:
                for file in files:
                    sealed = blobs.read(file.blob.name, bytes(file.blob.wrapped_key or b""))
                    session.put_file(file.name, sealed, file.blob.size)
        return Started(*actions.mark_ready(run, handle=str(claim.handle), sandbox=_described(claim), first=first(run)))
    except (OperatorError, BailiwickError) as fault:
        stop(str(claim.handle))
        actions.fail_start(run, Ending(fault.code, str(fault), "Ask for a new run."))
        return None
    except BaseException:
        stop(str(claim.handle))
        raise


def _packages(run: Run) -> Path | None:
    return catalogue.actions.install(catalogue.queries.closure(run.closure_id)) if run.closure_id else None


def _spec(run: Run, packages: Path | None) -> SandboxSpec:
    whole = {name: value if name == "cpu_cores" else int(value) for name, value in run.limits.items()}
    try:
        bounds = Limits(**whole)
    except ValueError as fault:
        remedy = "Ask for more of it, and tell a policy admin: its floor lets through what no sandbox can work with."
        raise Refused("limit_impossible", f"limits.{fault}", remedy=remedy) from fault
    return SandboxSpec(
        run_id=run.id,
        environment=run.environment,
        image_digest=run.image_digest,
        limits=bounds,
        expires_at=run.expires_at.timestamp() if run.expires_at else 0.0,
        packages=packages,
    )


def _described(claim: Claim) -> dict[str, Any]:
    return {
        "image_digest": claim.image_digest,
        "gvisor_version": claim.gvisor_version,
        "warm": claim.warm,
        "enforced": list(claim.enforced),
        "not_enforced": list(claim.not_enforced),
        "probe": {"kind": claim.probe.kind, "checks": claim.probe.checks, "milliseconds": claim.probe.milliseconds},
    }


def stop(handle: str) -> None:
    """End a sandbox and all that it is made of. One that is gone is no error; the sweep tries again what failed."""
    try:
        backend().destroy(Handle.parse(handle))
    except OperatorError as fault:
        _log.warning("sandbox_not_stopped", code=fault.code)


def fate(handle: str) -> Fate:
    """What became of a sandbox that the backend does not list; unknown where it does not answer."""
    try:
        return backend().fate(Handle.parse(handle))
    except OperatorError:
        return Fate.UNKNOWN


def execute(cell: Execution) -> Outcome:
    """Run one cell that this worker took on, and bring back what came of it. Never raises what the sandbox caused."""
    gathered = Gathered(int(cell.run.limits["output_bytes"]))
    try:
        code = b"".join(blobs.read(cell.code.name, bytes(cell.code.wrapped_key or b""))).decode()
        with backend().open(Handle.parse(cell.run.handle or ""), epoch=cell.epoch or 0) as session:
            with interrupts.passed_to(cell.run_id, session):
                done = _run_cell(session, cell, code, gathered)
            return _collected(session, cell, done, gathered)
    except SandboxLost as lost:
        gathered.forget_death()
        return _kept(_lost(cell, lost.fate), gathered)
    except RequestRefused as refused:
        return _kept(Outcome(ExecutionState.FAILED, Ending(refused.code, str(refused))), gathered)
    except (OperatorError, BailiwickError) as fault:
        return Outcome(ExecutionState.LOST, limits.LOST, run_ends=(RunState.LOST, Ending(fault.code, str(fault))))


def _run_cell(session: Session, cell: Execution, code: str, gathered: Gathered) -> Done:
    bounds = cell.run.limits
    request = ExecuteRequest(
        number=cell.number,
        language=cell.language,
        code=code,
        wall_seconds=bounds["wall_seconds"],
        output_bytes=int(bounds["output_bytes"]),
        output_artifact_bytes=int(bounds["output_artifact_bytes"]),
    )
    for event in session.execute(request):
        if isinstance(event, OutputEvent):
            gathered.add(event.output)
            events.publish(cell.run_id, ("output", {"number": cell.number, "output": event.output}))
        else:
            return event
    raise SandboxLost(Fate.LOST, "the execution ended without saying how")


def _collected(session: Session, cell: Execution, done: Done, gathered: Gathered) -> Outcome:
    found: list[Found] = []
    try:
        skipped = _full_text(cell, done.full_text, found) if done.full_text is not None else []
        skipped += _artifacts(session, cell, found)
        state, ending = _ended(cell, done)
        return _kept(
            Outcome(
                state,
                ending,
                artifacts=found,
                skipped=skipped,
                truncated=done.truncated,
                wall_seconds=done.usage.wall_seconds,
                cpu_seconds=done.usage.cpu_seconds,
                peak_memory_bytes=done.usage.peak_memory_bytes,
            ),
            gathered,
        )
    except BailiwickError as fault:
        # The store cannot take what came out: the code ran, and nothing of it can be shown.
        actions.discard(artifact.content for artifact in found)
        return Outcome(ExecutionState.FAILED, Ending(fault.code, fault.message, "Run it again when there is room."))


def _kept(outcome: Outcome, gathered: Gathered) -> Outcome:
    try:
        sealed = blobs.write([gathered.encoded()])
    except BailiwickError as fault:
        actions.discard(artifact.content for artifact in outcome.artifacts)
        ending = Ending(fault.code, fault.message, "Run it again when there is room.")
        state = ExecutionState.FAILED if outcome.state is ExecutionState.SUCCEEDED else outcome.state
        return replace(outcome, state=state, ending=ending, artifacts=[])
    return replace(
        outcome, outputs=sealed, media_types=gathered.media_types, truncated=outcome.truncated or gathered.cut
    )


def _full_text(cell: Execution, text: BinaryIO, found: list[Found]) -> list[dict[str, str]]:
    name, bounds = f"output-{cell.number}.txt", cell.run.limits
    with text:
        if not bounds["artifact_count"]:
            return [{"name": name, "reason": "no files are kept of this run: artifact_count is 0"}]
        sealed = blobs.write(iter(lambda: text.read(_CHUNK), b""), limit=int(bounds["output_artifact_bytes"]))
    found.append(Found(name, "text/plain", sealed))
    return []


def _artifacts(session: Session, cell: Execution, found: list[Found]) -> list[dict[str, str]]:
    listed = session.artifacts()
    skipped = [{"name": one.name, "reason": one.reason} for one in listed.skipped]
    bounds = cell.run.limits
    for artifact in listed:
        if not artifact.changed:
            continue
        if reason := _unkeepable(artifact.name, found):
            skipped.append({"name": artifact.name[:NAME_CHARS], "reason": reason})
        elif len(found) >= bounds["artifact_count"]:
            reason = f"artifact_count: more than the limit of {bounds['artifact_count']} files in one execution"
            skipped.append({"name": artifact.name, "reason": reason})
        elif artifact.size > bounds["artifact_bytes"]:
            reason = f"artifact_bytes: {artifact.size:,} bytes, more than the limit of {bounds['artifact_bytes']:,}"
            skipped.append({"name": artifact.name, "reason": reason})
        else:
            try:
                sealed = _sealed(session.read_artifact(artifact.name), int(bounds["artifact_bytes"]))
                found.append(Found(artifact.name, _media_type(artifact.name), sealed))
            except RequestRefused as refused:
                skipped.append({"name": artifact.name, "reason": str(refused)})
    return skipped


def _unkeepable(name: str, found: list[Found]) -> str | None:
    if len(name) > NAME_CHARS:
        return f"its name is longer than {NAME_CHARS} characters"
    if any(name == one.name for one in found):
        return "its name is that of the full text of this execution's output"
    return None


def _sealed(chunks: Iterator[bytes], limit: int) -> Sealed:
    try:
        return blobs.write(chunks, limit=limit)
    except BailiwickError:
        # Read to its end all the same: a session that is left half-way loses its sandbox.
        for _ in chunks:
            pass
        raise


def _media_type(name: str) -> str:
    guessed, encoding = mimetypes.guess_type(name, strict=False)
    return guessed if guessed and not encoding else "application/octet-stream"


def _ended(cell: Execution, done: Done) -> tuple[ExecutionState, Ending]:
    if done.status == "ok":
        return ExecutionState.SUCCEEDED, Ending("succeeded", "")
    if done.status == "timed_out":
        return ExecutionState.TIMED_OUT, limits.timed_out(cell.run.limits)
    if done.status == "interrupted":
        return ExecutionState.INTERRUPTED, Ending("interrupted", "The execution was interrupted.")
    return ExecutionState.FAILED, Ending("error", "The code raised an error; its traceback is the last output.")


_CELL_ENDS = {
    Fate.OUT_OF_MEMORY: ExecutionState.OUT_OF_MEMORY,
    Fate.TIMED_OUT: ExecutionState.TIMED_OUT,
    Fate.EXPIRED: ExecutionState.INTERRUPTED,
}


def _lost(cell: Execution, fate: Fate) -> Outcome:
    state, ending = run_end(fate, cell.run.limits)
    return Outcome(_CELL_ENDS.get(fate, ExecutionState.LOST), ending, run_ends=(state, ending))
