"""What came of a cell: waiting for its end, and showing it as far as policy lets it reach the caller."""

import time
from typing import Any
from uuid import UUID

import redis
from django.db import connections
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from config.errors import Invalid
from gateways import events
from gateways.events import Published
from identity.callers import Caller
from runs import actions, queries, receipts, shown
from runs.actions.releasing import Release
from runs.models import Execution
from runs.questions import Audience
from runs.serializers import ExecutionSerializer
from runs.states import DONE

WAIT_SECONDS = 60.0
# A lost event costs a waiter no more than this.
LOOK_SECONDS = 2.0
# PostgreSQL's writer brings to disk in less than a second what no commit waited for.
UNTOLD_SECONDS = 5.0
WAIT = OpenApiParameter("wait", float, description="Wait so many seconds (at most 60) for its end.")


def seconds(request: Request) -> float:
    """How long the caller would wait. Raises Invalid."""
    try:
        wanted = float(request.query_params.get("wait") or 0)
    except ValueError:
        wanted = -1.0
    if not 0 <= wanted <= WAIT_SECONDS:
        raise Invalid("invalid_wait", f"wait: seconds from 0 to {WAIT_SECONDS:g}.")
    return wanted


def untold(request: Request) -> bool:
    """Whether who asks hears of what is made only when it is done, or so long after that it is on disk."""
    return seconds(request) >= UNTOLD_SECONDS


def result(execution: Execution, by: Caller) -> dict[str, Any]:
    """A cell, its outputs and its usage, as far as policy lets them reach this caller; the release is on record."""
    told = shown.execution(execution, released(execution, by)) | {"receipt": receipts.offered(execution)}
    return dict(ExecutionSerializer(told).data)


def released(execution: Execution, by: Caller) -> Release | None:
    """Ask whether code and outputs may reach the caller; its author reads code that has no outputs yet unasked."""
    outputs = execution.outputs
    if outputs is None and by.user_id == execution.run.owner_id and not by.audience_model:
        return None
    return actions.release(
        execution.run,
        what="outputs",
        audience=Audience.CONSOLE,
        media_types=execution.output_media_types if outputs is not None else ["text/plain"],
        size=outputs.size if outputs is not None else execution.code.size,
        by=by,
    )


def wait(by: Caller, run_id: UUID, number: int, longest: float) -> None:
    """Return when the cell that the caller sees is done, when there is none such, or when the time is up."""
    until = time.monotonic() + longest
    after = last_event(run_id)
    if queries.execution_open(by, run_id, number):
        wait_after(after, by, run_id, number, until - time.monotonic())


def wait_after(after: str | None, by: Caller, run_id: UUID, number: int, longest: float) -> None:
    """Wait for a cell that was open once `after` was the run's last event."""
    until = time.monotonic() + longest
    while (left := until - time.monotonic()) > 0:
        # Who waits holds no connection of the pool.
        connections["default"].close()
        after, ended = _heard_end(run_id, number, after, min(left, LOOK_SECONDS))
        if ended or not queries.execution_open(by, run_id, number):
            return


def last_event(run_id: UUID) -> str | None:
    """Where to listen from; None while Redis is away."""
    try:
        return events.last_id(run_id)
    except redis.RedisError:
        return None


def _heard_end(run_id: UUID, number: int, after: str | None, longest: float) -> tuple[str | None, bool]:
    """Listen for the cell's end: where to go on (None: Redis is away), and whether the end was told."""
    until = time.monotonic() + longest
    try:
        after = after if after is not None else events.last_id(run_id)
        while (left := until - time.monotonic()) > 0:
            after, heard = events.wait(run_id, after, left)
            if any(_is_end(event, number) for event in heard):
                return after, True
        return after, False
    except redis.RedisError:
        time.sleep(min(longest, 0.25))
        return None, False


def _is_end(event: Published, number: int) -> bool:
    return event.kind == "execution" and event.data["number"] == number and event.data["state"] in DONE
