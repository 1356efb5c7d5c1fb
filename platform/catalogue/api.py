"""Doors of the catalogue: what there is to run on."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue import queries
from catalogue.models import Environment
from catalogue.serializers import EnvironmentSerializer, EnvironmentSummarySerializer
from doors.authentication import caller
from doors.pagination import CursorPagination


class _ByName(CursorPagination):
    ordering = ("name",)


class Environments(APIView):
    """The environments that a run can name."""

    pagination_class = _ByName

    @extend_schema(operation_id="environments_list", responses=EnvironmentSummarySerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the environments, each with the digest of its image."""
        caller(request)
        paginator = self.pagination_class()
        page: list[Environment] = paginator.paginate_queryset(queries.environments(), request, self) or []
        return paginator.get_paginated_response([EnvironmentSummarySerializer(each).data for each in page])


class OneEnvironment(APIView):
    """One environment."""

    @extend_schema(operation_id="environments_retrieve", responses=EnvironmentSerializer)
    def get(self, request: Request, name: str) -> Response:
        """Show an environment with its bill of materials: every package of its image, with version and hash."""
        caller(request)
        return Response(EnvironmentSerializer(queries.shown_environment(name)).data)
