"""Doors of exports: ask, look, take away."""

from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.errors import Invalid
from doors import idempotency
from doors.authentication import caller
from doors.downloads import BYTES, ZIP, download
from doors.idempotency import idempotent
from doors.pagination import CursorPagination
from doors.parsing import validated
from evidence import actions, queries
from evidence.serializers import ExportRequestSerializer, ExportSerializer
from gateways import blobs


class Exports(APIView):
    """The exports of the projects that the caller audits."""

    pagination_class = CursorPagination

    @extend_schema(
        operation_id="audit_exports_list",
        parameters=[OpenApiParameter("project", OpenApiTypes.UUID, description="Exports of this project only.")],
        responses=ExportSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List exports, newest first."""
        found = queries.exports_visible_to(caller(request))
        if (project := request.query_params.get("project")) is not None:
            try:
                found = found.filter(project_id=UUID(project))
            except ValueError:
                raise Invalid("invalid_project", "project: must be a project's id.") from None
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(found, request, self) or []
        return paginator.get_paginated_response([ExportSerializer(export).data for export in page])

    @extend_schema(
        operation_id="audit_exports_create", request=ExportRequestSerializer, responses={201: ExportSerializer}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Ask for a bundle of a project's log, for its auditors. It is made by a worker; ask for its state."""
        wanted: dict[str, Any] = validated(ExportRequestSerializer(data=request.data))
        export = actions.request_export(
            wanted["project"],
            first=wanted["from"],
            end=wanted["to"],
            export_id=idempotency.reserved_id(request),
            by=caller(request),
        )
        return Response(ExportSerializer(export).data, status=201)

    def replay(self, request: Request, resource: str) -> Response:
        """The export that the first request asked for, as it stands now."""
        return Response(ExportSerializer(queries.export(caller(request), UUID(resource))).data, status=201)


class OneExport(APIView):
    """One export."""

    @extend_schema(operation_id="audit_exports_retrieve", responses=ExportSerializer)
    def get(self, request: Request, export_id: UUID) -> Response:
        """An export's state and progress."""
        return Response(ExportSerializer(queries.export(caller(request), export_id)).data)


class ExportDownload(APIView):
    """An export's bundle."""

    @extend_schema(
        operation_id="audit_exports_download",
        responses={(200, kind): OpenApiTypes.BINARY for kind in (ZIP, BYTES)} | {409: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, export_id: UUID) -> StreamingHttpResponse:
        """The bundle, one zip archive; that it left, and with whom, is on record."""
        export = actions.take_away(export_id, by=caller(request))
        assert export.blob is not None
        chunks = blobs.read(export.blob.name, bytes(export.blob.wrapped_key or b""))
        return download(chunks, name=f"bailiwick-{export.pk}.zip", media_type=ZIP, size=export.blob.size)
