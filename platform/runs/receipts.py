"""Receipts of executions: what the log proves of one, and the openings that its reader may have."""

import time
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.db import connections
from django.utils import timezone

from audit import receipt
from audit.receipt import NotSigned, Opening, Part, Subject
from audit.tree import Head
from config.errors import NotYet
from identity.callers import Caller
from runs import actions
from runs.actions.keeping import commitment
from runs.actions.releasing import Release
from runs.models import Blob, Execution
from runs.questions import Audience
from runs.shown import WITHHELD

AVAILABLE, WAITING = "available", "waiting"
# No entry is signed sooner, so nobody looks before.
SIGNED_AFTER = timedelta(seconds=0.25)
PATIENCE = 1.0
_LOOK_AGAIN = 0.1
# What policy is told of a content whose kind nobody recorded.
_TEXT, _BYTES = "text/plain", "application/octet-stream"


def subject_of(execution: Execution) -> Subject:
    """The execution as the log names it."""
    return Subject(execution.run.project_id, execution.run_id, execution.number)


def offered(execution: Execution) -> dict[str, str] | None:
    """Where the receipt is, and whether it is there yet; None while the execution is not done."""
    if execution.ended_at is None:
        return None
    old_enough = execution.ended_at + SIGNED_AFTER < timezone.now()
    state = AVAILABLE if old_enough and receipt.signed(subject_of(execution)) else WAITING
    return {"href": f"/api/v1/runs/{execution.run_id}/executions/{execution.number}/receipt", "state": state}


def made(execution: Execution, by: Caller) -> bytes:
    """The receipt of an execution. Waits a second for its checkpoint. Raises NotYet."""
    if execution.ended_at is None:
        raise NotYet(
            "not_done_yet",
            f"Execution {execution.number} is {execution.state}; a receipt is of what came of it.",
            retry_after=2,
            remedy="Ask again when it is done.",
        )
    subject = subject_of(execution)
    found, head = _signed(subject)
    return receipt.write(subject, found, head, _openings(execution, found, by))


def _signed(subject: Subject) -> tuple[dict[str, Part], Head]:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            found = receipt.parts(subject)
            return found, receipt.covering(found.values())
        except NotSigned:
            if time.monotonic() >= until:
                raise NotYet(
                    "not_signed_yet",
                    "No checkpoint has all entries of this execution yet.",
                    retry_after=1,
                    remedy="Ask again in a second; if it lasts, /readyz says whether the log is signed.",
                ) from None
        # Who waits holds no connection of the pool.
        connections["default"].close()
        time.sleep(_LOOK_AGAIN)


def _openings(execution: Execution, found: dict[str, Part], by: Caller) -> Iterator[Opening]:
    contents = list(_contents(execution))
    release = _released(execution, contents, by)
    if not release.allowed:
        return
    withheld = set(release.obligations.get(WITHHELD, []))
    # The log numbers contents; which is which, the commitments themselves tell. What was erased stays closed.
    known = {
        commitment(blob): blob for blob, kinds in contents if blob.wrapped_key is not None and not withheld & kinds
    }
    for name, part in found.items():
        for label, committed in part.told["commitments"].items():
            if blob := known.get(committed):
                yield Opening(name, label, bytes(blob.salt), bytes(blob.sha256))


def _contents(execution: Execution) -> Iterator[tuple[Blob, set[str]]]:
    """What the entries commit to, each with the kinds of content that it holds."""
    yield execution.code, {_TEXT}
    if execution.prompt is not None:
        yield execution.prompt, {_TEXT}
    if execution.outputs is not None:
        yield execution.outputs, set(execution.output_media_types)
    for artifact in execution.artifacts.all():
        yield artifact.blob, {artifact.media_type}
    for file in execution.run.files.select_related("blob"):
        yield file.blob, {_BYTES}


def _released(execution: Execution, contents: Iterable[tuple[Blob, set[str]]], by: Caller) -> Release:
    """Ask as for the execution itself: salt and digest tell whoever guesses a content that the guess is right."""
    return actions.release(
        execution.run,
        what="outputs",
        audience=Audience.CONSOLE,
        media_types={kind for _, kinds in contents for kind in kinds},
        size=(execution.outputs or execution.code).size,
        by=by,
    )
