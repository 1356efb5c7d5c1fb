"""Asking for runs, seeing them, and ending them."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.environment import settings
from config.errors import Reason
from doors import idempotency
from doors.authentication import caller
from doors.idempotency import idempotent
from doors.pagination import CursorPagination
from doors.parsing import validated
from gateways import blobs, events
from gateways.blobs import Sealed
from identity.callers import Caller
from identity.states import TokenKind
from runs import actions, driver, lists, proposals, queries, shown
from runs.api import filters, results
from runs.errors import policy_denied
from runs.lists import Wanted
from runs.models import Run
from runs.proposals import CodeDraft, CodeProposal, Origin, RunDraft
from runs.serializers import RunAddedSerializer, RunRequestSerializer, RunSerializer
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


def draft_of(wish: dict[str, Any]) -> RunDraft:
    """A run as asked for, from a checked request."""
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


def _rendered(run: Run) -> dict[str, Any]:
    return dict(RunSerializer(shown.run(run)).data)


def _accepted(run: Run, request: Request) -> Response:
    """The run, unless it is denied. Who waits for its end is shown it then."""
    if run.state == RunState.DENIED:
        reasons = tuple(Reason(**reason) for reason in run.decision_reasons)
        raise policy_denied(reasons, subject=f"run:{run.id}")
    waits = run.one_shot and run.state != RunState.AWAITING_APPROVAL and results.seconds(request) > 0
    return Response({"id": run.id} if waits else _rendered(run), status=201)


_FILTERS = [
    filters.PROJECT,
    filters.OWNER,
    OpenApiParameter(
        "state",
        {"type": "array", "items": {"type": "string", "enum": [state.value for state in RunState]}},
        explode=False,
        description="In one of these states only.",
    ),
    OpenApiParameter("environment", str, description="In this environment only."),
    OpenApiParameter("q", str, description="Each word is in the purpose or the environment, or begins the run's id."),
    OpenApiParameter("since", OpenApiTypes.DATETIME, description="Asked for then or later."),
    OpenApiParameter("until", OpenApiTypes.DATETIME, description="Asked for before then."),
]


class Runs(APIView):
    """Runs of the caller's projects."""

    pagination_class = CursorPagination

    @extend_schema(
        operation_id="runs_list",
        parameters=_FILTERS,
        responses=RunSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List runs, newest first."""
        by = caller(request)
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(lists.runs(by, _wanted(request, by)), request, self) or []
        queries.fetch_parts(page)
        places = lists.queue_positions(page)
        rows = RunSerializer([shown.run(run, places) for run in page], many=True).data
        return paginator.get_paginated_response(list(rows))

    @extend_schema(
        operation_id="runs_create",
        parameters=[results.WAIT],
        request=RunRequestSerializer,
        responses={201: RunAddedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Ask for a run. Policy's no is 403 `policy_denied` with every reason; a full queue is 429 `queue_full`.

        With `wait`, and code to run, the answer is the run's id, its state, and as `result` what came of the code or
        where it stands when the time is up.
        """
        longest = results.seconds(request)
        added = self.add(request)
        if "state" not in added.data:
            by, run_id = caller(request), added.data["id"]
            results.wait(by, run_id, 1, longest)
            cell = queries.execution(by, run_id, 1)
            added.data = {"id": run_id, "state": cell.run.state, "result": results.result(cell, by)}
        return added

    @idempotent
    def add(self, request: Request) -> Response:
        """Ask for a run, once for an Idempotency-Key."""
        by = caller(request)
        draft = draft_of(validated(RunRequestSerializer(data=request.data)))
        proposal = proposals.propose_run(draft, by=by)
        code, prompt = seal_code(proposal.code) if proposal.outcome != "deny" else (None, None)
        try:
            run = actions.request_run(
                proposal,
                code,
                prompt,
                run_id=idempotency.reserved_id(request),
                queue=settings().queue_length,
                by=by,
                untold=draft.code is not None and results.untold(request),
            )
        except BaseException:
            actions.discard(sealed for sealed in (code, prompt) if sealed)
            raise
        return _accepted(run, request)

    def replay(self, request: Request, resource: str) -> Response:
        """The run that the first request made, as it stands now."""
        return _accepted(queries.run(caller(request), UUID(resource)), request)


def _wanted(request: Request, by: Caller) -> Wanted:
    return Wanted(
        project_id=filters.identity(request, "project"),
        owner_id=filters.owner(request, by),
        environment=filters.text(request, "environment"),
        states=filters.several(request, "state", RunState),
        since=filters.moment(request, "since"),
        until=filters.moment(request, "until"),
        words=filters.words(request, "q"),
    )


class OneRun(APIView):
    """One run."""

    @extend_schema(operation_id="runs_retrieve", responses=RunSerializer)
    def get(self, request: Request, run_id: UUID) -> Response:
        """Where the run stands."""
        return Response(_rendered(queries.run(caller(request), run_id)))


class _Ending(APIView):
    """A POST that ends something; asking again finds it ended."""

    def replay(self, request: Request, resource: str, run_id: UUID) -> Response:
        """The run as it stands now."""
        return Response(_rendered(queries.run(caller(request), run_id)))


class Interrupt(_Ending):
    """Interrupt the running cell; the run and its state live on."""

    @extend_schema(operation_id="runs_interrupt", request=None, responses=RunSerializer)
    @idempotent
    def post(self, request: Request, run_id: UUID) -> Response:
        """Interrupt what the run executes now."""
        run = actions.interrupt(run_id, by=caller(request))
        events.ask_interrupt(run_id)
        return Response(_rendered(run))


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
    return Response(_rendered(run))
