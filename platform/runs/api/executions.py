"""Adding cells to a run, and reading what came of them."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.errors import NotFound, Refused
from doors import idempotency
from doors.authentication import caller
from doors.idempotency import idempotent
from doors.parsing import validated
from runs import actions, proposals, queries
from runs.api import results
from runs.api.runs import origin_of, seal_code
from runs.models import Execution
from runs.proposals import CodeDraft
from runs.serializers import (
    ExecutionAddedSerializer,
    ExecutionCreatedSerializer,
    ExecutionRequestSerializer,
    ExecutionSerializer,
)
from runs.states import DONE


class Executions(APIView):
    """The cells of a run."""

    @extend_schema(
        operation_id="executions_create",
        parameters=[results.WAIT],
        request=ExecutionRequestSerializer,
        responses={201: ExecutionAddedSerializer},
    )
    def post(self, request: Request, run_id: UUID) -> Response:
        """Add a cell. It runs when those before it are done; with `wait`, its end and what came of it is the answer."""
        longest = results.seconds(request)
        # From before the cell is there, so that nothing of it is missed.
        after = results.last_event(run_id) if longest else None
        added = self.add(request, run_id=run_id)
        if longest:
            by, number = caller(request), added.data["number"]
            if added.data["state"] not in DONE:
                results.wait_after(after, by, run_id, number, longest)
            added.data = results.result(queries.execution(by, run_id, number), by)
        return added

    @idempotent
    def add(self, request: Request, run_id: UUID) -> Response:
        """Add a cell, once for an Idempotency-Key."""
        by = caller(request)
        wish = validated(ExecutionRequestSerializer(data=request.data))
        run = queries.run(by, run_id)
        about = {"id": str(run.id), "environment": run.environment, "purpose": run.purpose}
        draft = CodeDraft(wish["language"], wish["code"], origin_of(wish.get("origin")))
        proposal = proposals.propose_code(draft, run.project, about, by)
        code, prompt = seal_code(proposal)
        try:
            made = actions.request_execution(
                run,
                proposal,
                code,
                prompt,
                execution_id=idempotency.reserved_id(request),
                by=by,
                untold=results.untold(request),
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

    @extend_schema(operation_id="executions_retrieve", parameters=[results.WAIT], responses=ExecutionSerializer)
    def get(self, request: Request, run_id: UUID, number: int) -> Response:
        """The cell, its outputs and its usage, as far as policy lets them reach this caller."""
        by = caller(request)
        if longest := results.seconds(request):
            results.wait(by, run_id, number, longest)
        return Response(results.result(queries.execution(by, run_id, number), by))
