"""Doors of exports: ask, look, take away."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.errors import Invalid
from config.verdicts import require
from doors import idempotency
from doors.authentication import caller
from doors.downloads import BYTES, ZIP, download
from doors.idempotency import idempotent
from doors.pagination import CursorPagination
from doors.parsing import validated
from evidence import actions, queries, rules
from evidence.actions import Wanted
from evidence.errors import Unsatisfiable
from evidence.models import Export
from evidence.ranges import Slice, slice_of
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
        by = caller(request)
        export = actions.request_export(
            wanted["project"],
            _wanted(wanted),
            actions.ask_to_open(wanted["project"], by),
            export_id=idempotency.reserved_id(request),
            by=by,
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
        parameters=[
            OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="One range of bytes (RFC 9110)."),
            OpenApiParameter("If-Range", str, OpenApiParameter.HEADER, description="The ETag of the part at hand."),
        ],
        responses={(status, kind): OpenApiTypes.BINARY for status in (200, 206) for kind in (ZIP, BYTES)}
        | {409: OpenApiTypes.OBJECT, 416: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, export_id: UUID) -> StreamingHttpResponse:
        """The bundle, one zip archive; that it left, and with whom, is on record. A download that broke off goes on
        with `Range`, as the same one."""
        by = caller(request)
        part = _part(request, queries.export(by, export_id))
        export = actions.take_away(export_id, part.start if part else 0, by=by)
        assert export.blob is not None
        return _sent(export, export.blob.size, part)

    def head(self, request: Request, export_id: UUID) -> HttpResponse:
        """The headers of the whole bundle. Nothing leaves, so nothing is on record."""
        export = queries.export(caller(request), export_id)
        require(rules.may_take_away(export.state, erased=export.erased))
        assert export.blob is not None
        headers = {"Content-Length": str(export.blob.size), "Accept-Ranges": "bytes", "ETag": _etag(export)}
        return HttpResponse(headers=headers, content_type=ZIP)

    def handle_exception(self, exc: Exception) -> Response:
        """As everywhere; and how much there is, to who asked for more."""
        response = super().handle_exception(exc)
        if isinstance(exc, Unsatisfiable):
            response["Content-Range"] = f"bytes */{exc.size}"
        return response


def _etag(export: Export) -> str:
    return f'"{bytes(export.blob.sha256).hex()}"' if export.blob else '""'


def _part(request: Request, export: Export) -> Slice | None:
    if export.blob is None:
        return None
    given = request.headers
    return slice_of(given.get("Range"), given.get("If-Range"), _etag(export), export.blob.size)


def _sent(export: Export, size: int, part: Slice | None) -> StreamingHttpResponse:
    whole = part or Slice(0, size)
    assert export.blob is not None
    chunks = blobs.read(export.blob.name, bytes(export.blob.wrapped_key or b""), whole.start)
    response = download(
        _first(chunks, whole.end - whole.start),
        name=f"bailiwick-{export.pk}.zip",
        media_type=ZIP,
        size=whole.end - whole.start,
    )
    response["Accept-Ranges"], response["ETag"] = "bytes", _etag(export)
    if part is not None:
        response.status_code = 206
        response["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{size}"
    return response


def _first(chunks: Iterator[bytes], length: int) -> Iterator[bytes]:
    """So many bytes of a content."""
    for chunk in chunks:
        yield chunk[:length]
        length -= len(chunk)
        if length <= 0:
            return


def _wanted(given: dict[str, Any]) -> Wanted:
    chosen = given.get("filter") or {}
    return Wanted(
        first=given["from"],
        end=given["to"],
        since=chosen.get("since"),
        until=chosen.get("until"),
        events=tuple(dict.fromkeys(chosen.get("events") or ())),
        blobs=given["blobs"],
        views=tuple(dict.fromkeys(given["views"])),
    )
