"""Doors of policy: what was decided, on what, and by which revision."""

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.errors import Invalid
from doors.authentication import caller
from doors.pagination import CursorPagination
from policy import queries
from policy.models import Decision
from policy.serializers import DecisionSerializer, DecisionSummarySerializer
from policy.states import Outcome, Point

_FILTERS = [
    OpenApiParameter("project", UUID, description="Of this project only."),
    OpenApiParameter("point", str, enum=[point.value for point in Point]),
    OpenApiParameter("outcome", str, enum=[outcome.value for outcome in Outcome]),
    OpenApiParameter("subject", str, description="About this thing only, for example run:<id>."),
]


class Decisions(APIView):
    """Decisions of the caller's projects."""

    pagination_class = CursorPagination

    @extend_schema(operation_id="decisions_list", parameters=_FILTERS, responses=DecisionSummarySerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the decisions that the caller may see, newest first, without their inputs."""
        found = queries.decisions_visible_to(caller(request)).filter(**_wanted(request))
        paginator = self.pagination_class()
        page: list[Decision] = paginator.paginate_queryset(found, request, self) or []
        return paginator.get_paginated_response([DecisionSummarySerializer(each).data for each in page])


class OneDecision(APIView):
    """One decision."""

    @extend_schema(operation_id="decisions_retrieve", responses=DecisionSerializer)
    def get(self, request: Request, decision_id: UUID) -> Response:
        """Show a decision with its input, its reasons and the revision that gave it."""
        return Response(DecisionSerializer(queries.decision(caller(request), decision_id)).data)


def _wanted(request: Request) -> dict[str, str | UUID]:
    wanted: dict[str, str | UUID] = {}
    for name, words in (("point", list(Point)), ("outcome", list(Outcome)), ("subject", None), ("project", None)):
        given = request.query_params.get(name)
        if given is None:
            continue
        if words is not None and given not in words:
            raise Invalid(f"invalid_{name}", f"{name}: must be one of {', '.join(words)}.")
        if name == "project":
            wanted["project_id"] = _project(given)
        elif "\x00" in given:
            raise Invalid("nul_character", f"{name}: has a NUL character.")
        else:
            wanted[name] = given
    return wanted


def _project(given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise Invalid("invalid_project", "project: must be a project's id.") from None
