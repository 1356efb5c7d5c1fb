"""The cells of a run in a row: where each stands, and nothing of its contents."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from doors.authentication import caller
from doors.pagination import CursorPagination
from identity.states import TokenKind
from runs import lists, shown
from runs.api.executions import Executions
from runs.models import Execution
from runs.serializers import EndingSerializer, UsageSerializer
from runs.states import ExecutionState


class CellOriginSerializer(serializers.Serializer[Any]):
    """Who wrote the code; the prompt comes with the execution itself."""

    kind = serializers.ChoiceField([kind.value for kind in TokenKind])
    model = serializers.CharField(allow_blank=True)
    corrects = serializers.IntegerField(allow_null=True)


@extend_schema_serializer(component_name="ListedExecution")
class CellSerializer(serializers.Serializer[Any]):
    """Where one execution stands, without its code and outputs."""

    number = serializers.IntegerField()
    language = serializers.CharField()
    state = serializers.ChoiceField([state.value for state in ExecutionState])
    origin = CellOriginSerializer()
    truncated = serializers.BooleanField()
    usage = UsageSerializer()
    ending = EndingSerializer(allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class InOrder(CursorPagination):
    """First to last."""

    ordering = ("number",)


class Cells(Executions):
    """The cells of a run: a list of them, and the way to add one."""

    pagination_class = InOrder

    @extend_schema(operation_id="executions_list", responses=CellSerializer(many=True))
    def get(self, request: Request, run_id: UUID) -> Response:
        """List the run's cells in order; code and outputs come with each of them alone."""
        paginator = self.pagination_class()
        page: list[Execution] = paginator.paginate_queryset(lists.executions(caller(request), run_id), request, self)
        rows = CellSerializer([shown.cell(each) for each in page], many=True).data
        return paginator.get_paginated_response(list(rows))
