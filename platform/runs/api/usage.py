"""What a run uses while it lives."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from doors.authentication import caller
from runs import measuring, queries

_FIGURES = ("memory_bytes", "peak_memory_bytes", "cpu_seconds", "disk_bytes")


class PresentUsageSerializer(serializers.Serializer[Any]):
    """Measured outside the sandbox at this moment; all null while there is no sandbox, or nobody who can tell."""

    memory_bytes = serializers.IntegerField(
        allow_null=True,
        help_text="Held now, of limits.memory_bytes; files that the sandbox's cache can drop are left out.",
    )
    peak_memory_bytes = serializers.IntegerField(
        allow_null=True, help_text="At most since the last execution began, cached files included."
    )
    cpu_seconds = serializers.FloatField(allow_null=True, help_text="Since the run got its sandbox.")
    disk_bytes = serializers.IntegerField(allow_null=True, help_text="Written, of limits.disk_bytes.")


class PresentUsage(APIView):
    """A run's use of its limits, as it rises and falls."""

    @extend_schema(operation_id="runs_usage", responses=PresentUsageSerializer)
    def get(self, request: Request, run_id: UUID) -> Response:
        """What the run uses now. Asking does not keep it from being idle; ask every two seconds at most."""
        found = measuring.usage(queries.run(caller(request), run_id))
        return Response(PresentUsageSerializer({name: getattr(found, name, None) for name in _FIGURES}).data)
