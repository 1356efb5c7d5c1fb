"""Adding cells to a run, and reading what came of them."""

import time
from uuid import UUID

import redis
from django.db import connections
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.errors import Invalid, NotFound, Refused
from doors import idempotency
from doors.authentication import caller
from doors.idempotency import idempotent
from doors.parsing import validated
from gateways import events
from gateways.events import Published
from identity.callers import Caller
from runs import actions, proposals, queries, shown
from runs.actions.releasing import Release
from runs.api.runs import origin_of, seal_code
from runs.models import Execution
from runs.proposals import CodeDraft
from runs.questions import Audience
from runs.serializers import ExecutionCreatedSerializer, ExecutionRequestSerializer, ExecutionSerializer
from runs.states import DONE

WAIT_SECONDS = 60.0
# A lost event costs a waiter no more than this.
LOOK_SECONDS = 2.0


class Executions(APIView):
    """The cells of a run."""

    @extend_schema(
        operation_id="executions_create",
        request=ExecutionRequestSerializer,
        responses={201: ExecutionCreatedSerializer},
    )
    @idempotent
    def post(self, request: Request, run_id: UUID) -> Response:
        """Add a cell. It runs when those before it are done."""
        by = caller(request)
        wish = validated(ExecutionRequestSerializer(data=request.data))
        run = queries.run(by, run_id)
        about = {"id": str(run.id), "environment": run.environment, "purpose": run.purpose}
        draft = CodeDraft(wish["language"], wish["code"], origin_of(wish.get("origin")))
        proposal = proposals.propose_code(draft, run.project, about, by)
        code, prompt = seal_code(proposal)
        try:
            made = actions.request_execution(
                run, proposal, code, prompt, execution_id=idempotency.reserved_id(request), by=by
            )
            if isinstance(made, Refused):
                raise made
        except BaseException:
            actions.discard(sealed for sealed in (code, prompt) if sealed)
            raise
        return _created(made)

    def replay(self, request: Request, resource: str, run_id: UUID) -> Response:
        """The cell that the first request added, as it stands now."""
        run = queries.run(caller(request), run_id)
        made = run.executions.filter(pk=UUID(resource)).first()
        if made is None:
            raise NotFound("execution")
        return _created(made)


def _created(made: Execution) -> Response:
    response = Response(ExecutionCreatedSerializer(made).data, status=201)
    response.resource = made.id  # type: ignore[attr-defined]
    return response


class OneExecution(APIView):
    """One cell of a run."""

    @extend_schema(
        operation_id="executions_retrieve",
        parameters=[OpenApiParameter("wait", float, description="Wait so many seconds (at most 60) for its end.")],
        responses=ExecutionSerializer,
    )
    def get(self, request: Request, run_id: UUID, number: int) -> Response:
        """The cell, its outputs and its usage, as far as policy lets them reach this caller."""
        by = caller(request)
        seconds = _seconds(request.query_params.get("wait"))
        if seconds > 0:
            _wait(by, run_id, number, seconds)
        found = queries.execution(by, run_id, number)
        return Response(ExecutionSerializer(shown.execution(found, released(found, by))).data)


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


def _seconds(text: str | None) -> float:
    try:
        seconds = float(text or 0)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= WAIT_SECONDS:
        raise Invalid("invalid_wait", f"wait: seconds from 0 to {WAIT_SECONDS:g}.")
    return seconds


def _wait(by: Caller, run_id: UUID, number: int, seconds: float) -> None:
    """Return when the cell that the caller sees is done, when there is none such, or when the time is up."""
    until = time.monotonic() + seconds
    after = _last(run_id)
    while queries.execution_open(by, run_id, number) and (left := until - time.monotonic()) > 0:
        # Who waits holds no connection of the pool.
        connections["default"].close()
        after, ended = _heard_end(run_id, number, after, min(left, LOOK_SECONDS))
        if ended:
            return


def _heard_end(run_id: UUID, number: int, after: str | None, seconds: float) -> tuple[str | None, bool]:
    """Listen for the cell's end: where to go on (None: Redis is away), and whether the end was told."""
    until = time.monotonic() + seconds
    try:
        after = after if after is not None else events.last_id(run_id)
        while (left := until - time.monotonic()) > 0:
            after, heard = events.wait(run_id, after, left)
            if any(_is_end(event, number) for event in heard):
                return after, True
        return after, False
    except redis.RedisError:
        time.sleep(min(seconds, 0.25))
        return None, False


def _is_end(event: Published, number: int) -> bool:
    return event.kind == "execution" and event.data["number"] == number and event.data["state"] in DONE


def _last(run_id: UUID) -> str | None:
    try:
        return events.last_id(run_id)
    except redis.RedisError:
        return None
