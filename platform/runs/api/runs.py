"""Asking for runs, seeing them, and ending them."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.environment import settings
from config.errors import Invalid, Reason
from doors import idempotency
from doors.authentication import caller
from doors.idempotency import idempotent
from doors.pagination import CursorPagination
from doors.parsing import validated
from gateways import blobs, events
from gateways.blobs import Sealed
from identity.states import TokenKind
from runs import actions, driver, proposals, queries, shown
from runs.errors import policy_denied
from runs.models import Run
from runs.proposals import CodeDraft, CodeProposal, Origin, RunDraft
from runs.serializers import RunRequestSerializer, RunSerializer
from runs.states import RunState


def origin_of(wish: dict[str, Any] | None) -> Origin:
    """Who wrote the code, as the request states it."""
    return Origin(TokenKind.MODEL, **wish) if wish else Origin()


def seal_code(proposal: CodeProposal | None) -> tuple[Sealed | None, Sealed | None]:
    """Code and prompt, sealed; nothing of code that policy refused is kept."""
    if proposal is None or proposal.asked.answer.outcome == "deny":
        return None, None
    prompt = proposal.draft.origin.prompt
    return blobs.write([proposal.content]), blobs.write([prompt.encode()]) if prompt else None


def _draft(wish: dict[str, Any]) -> RunDraft:
    code = None
    if "code" in wish:
        code = CodeDraft(wish.get("language", "python"), wish["code"], origin_of(wish.get("origin")))
    return RunDraft(
        project_id=wish["project"],
        environment=wish["environment"],
        purpose=wish["purpose"],
        packages=wish["packages"],
        connectors=wish["connectors"],
        limits=wish["limits"],
        files=wish["files"],
        code=code,
    )


def _answer(run: Run) -> Response:
    if run.state == RunState.DENIED:
        reasons = tuple(Reason(**reason) for reason in run.decision_reasons)
        raise policy_denied(reasons, subject=f"run:{run.id}")
    return Response(RunSerializer(shown.run(run)).data, status=201)


class Runs(APIView):
    """Runs of the caller's projects."""

    pagination_class = CursorPagination

    @extend_schema(
        operation_id="runs_list",
        parameters=[
            OpenApiParameter("project", OpenApiTypes.UUID, description="Runs of this project only."),
            OpenApiParameter("state", str, enum=[state.value for state in RunState], description="In this state only."),
        ],
        responses=RunSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List runs, newest first."""
        found = queries.runs_visible_to(caller(request))
        if (project := request.query_params.get("project")) is not None:
            found = found.filter(project_id=_uuid(project))
        if (state := request.query_params.get("state")) is not None:
            if state not in set(RunState):
                raise Invalid("unknown_state", f"state: one of {', '.join(RunState)}.")
            found = found.filter(state=state)
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(found, request, self) or []
        queries.fetch_parts(page)
        return paginator.get_paginated_response([RunSerializer(shown.run(run)).data for run in page])

    @extend_schema(operation_id="runs_create", request=RunRequestSerializer, responses={201: RunSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask for a run. Policy's no is 403 `policy_denied` with every reason; a full queue is 429 `queue_full`."""
        by = caller(request)
        proposal = proposals.propose_run(_draft(validated(RunRequestSerializer(data=request.data))), by=by)
        code, prompt = seal_code(proposal.code) if proposal.outcome != "deny" else (None, None)
        try:
            run = actions.request_run(
                proposal,
                code,
                prompt,
                run_id=idempotency.reserved_id(request),
                queue=settings().queue_length,
                by=by,
            )
        except BaseException:
            actions.discard(sealed for sealed in (code, prompt) if sealed)
            raise
        return _answer(run)

    def replay(self, request: Request, resource: str) -> Response:
        """The run that the first request made, as it stands now."""
        return _answer(queries.run(caller(request), UUID(resource)))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("invalid_project", "project: must be a project's id.") from None


class OneRun(APIView):
    """One run."""

    @extend_schema(operation_id="runs_retrieve", responses=RunSerializer)
    def get(self, request: Request, run_id: UUID) -> Response:
        """Where the run stands."""
        return Response(RunSerializer(shown.run(queries.run(caller(request), run_id))).data)


class _Ending(APIView):
    """A POST that ends something; asking again finds it ended."""

    def replay(self, request: Request, resource: str, run_id: UUID) -> Response:
        """The run as it stands now."""
        return Response(RunSerializer(shown.run(queries.run(caller(request), run_id))).data)


class Interrupt(_Ending):
    """Interrupt the running cell; the run and its state live on."""

    @extend_schema(operation_id="runs_interrupt", request=None, responses=RunSerializer)
    @idempotent
    def post(self, request: Request, run_id: UUID) -> Response:
        """Interrupt what the run executes now."""
        run = actions.interrupt(run_id, by=caller(request))
        events.ask_interrupt(run_id)
        return Response(RunSerializer(shown.run(run)).data)


class Close(_Ending):
    """Close an idle run."""

    @extend_schema(operation_id="runs_close", request=None, responses=RunSerializer)
    @idempotent
    def post(self, request: Request, run_id: UUID) -> Response:
        """Close the run; its sandbox is destroyed."""
        return _ended(actions.close(run_id, by=caller(request)))


class Cancel(_Ending):
    """Cancel a run in any live state."""

    @extend_schema(operation_id="runs_cancel", request=None, responses=RunSerializer)
    @idempotent
    def post(self, request: Request, run_id: UUID) -> Response:
        """End the run now, whatever it does."""
        return _ended(actions.cancel(run_id, by=caller(request)))


def _ended(run: Run) -> Response:
    if run.handle:
        # Here and not only in a task: ending does not wait for the queue.
        driver.stop(run.handle)
    return Response(RunSerializer(shown.run(run)).data)
