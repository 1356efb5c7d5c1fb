"""Files in pieces, as tus 1.0 has it (creation, termination, expiration): pause, retry, go on after a lost network."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import IO, Any
from uuid import UUID

from django.utils.http import http_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.environment import settings
from config.errors import Invalid, Refused
from doors import idempotency
from doors.authentication import caller
from doors.idempotency import idempotent
from doors.pagination import CursorPagination
from doors.slices import CONTENT_TYPE, NUMBER
from doors.throttling import PersonThrottle
from runs import actions, queries, receiving, shown
from runs.models import File, Upload
from runs.serializers import FileSerializer

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration"
_LENGTH = re.compile(r"[0-9]{1,18}")

_SPEAKS = OpenApiParameter(
    "Tus-Resumable", str, OpenApiParameter.HEADER, required=True, enum=[VERSION], description="The protocol's version."
)
_OFFSET = OpenApiParameter(
    "Upload-Offset", int, OpenApiParameter.HEADER, response=[204], description="Where the upload stands now."
)
_EXPIRES = OpenApiParameter(
    "Upload-Expires", str, OpenApiParameter.HEADER, response=[201, 204], description="When it ends if not finished."
)


class OtherVersion(Refused):
    """The client does not speak our version of the protocol."""

    status = 412


class UploadSerializer(serializers.Serializer[Any]):
    """An upload in pieces: where it stands, and the file once all of it is here."""

    id = serializers.UUIDField()
    project = serializers.UUIDField()
    name = serializers.CharField()
    offset = serializers.IntegerField(help_text="Bytes that are here.")
    size = serializers.IntegerField(help_text="Bytes that there will be.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    file = FileSerializer(allow_null=True)


class PieceParser(BaseParser):
    """The bytes of one piece."""

    media_type = CONTENT_TYPE

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, bytes]:
        """What came, held in memory: a long body comes in slices."""
        return {"content": stream.read()}


class OncePerBody(PersonThrottle):
    """A body counts once, in however many slices it is handed on."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """True, or raises TooMany rate_limited."""
        scope = getattr(request._request, "scope", {})
        return scope.get(NUMBER, 0) > 0 or super().allow_request(request, view)


class _Resumable(APIView):
    """A door that speaks tus: its every answer says so."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse another version of the protocol. GET is not the protocol's."""
        super().initial(request, *args, **kwargs)
        if request.method not in {"GET", "OPTIONS"} and request.headers.get("Tus-Resumable") != VERSION:
            raise OtherVersion(
                "protocol_version",
                f"Tus-Resumable: uploads in pieces speak version {VERSION} here.",
                remedy=f"Send `Tus-Resumable: {VERSION}`.",
            )

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Name the version that is spoken."""
        final = super().finalize_response(request, response, *args, **kwargs)
        final["Tus-Resumable"] = final["Tus-Version"] = VERSION
        return final


class Uploads(_Resumable):
    """Uploads in pieces of the caller."""

    pagination_class = CursorPagination

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Read what a creation wants; it is all in the headers."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            request.told = _told(request)  # type: ignore[attr-defined]

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """What of the protocol is spoken, and how large a file may be."""
        offers = {"Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(settings().upload_max_bytes)}
        return Response(status=204, headers=offers)

    @extend_schema(operation_id="uploads_list", responses=UploadSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the caller's uploads of the last day, newest first."""
        paginator = self.pagination_class()
        page: list[Upload] = paginator.paginate_queryset(queries.uploads_of(caller(request)), request, self)
        return paginator.get_paginated_response(list(UploadSerializer(_shown(page), many=True).data))

    @extend_schema(
        operation_id="uploads_create",
        request=None,
        parameters=[
            _SPEAKS,
            OpenApiParameter("Upload-Length", int, OpenApiParameter.HEADER, required=True, description="Bytes."),
            OpenApiParameter(
                "Upload-Metadata",
                str,
                OpenApiParameter.HEADER,
                required=True,
                description="`project` and `filename`, each followed by a space and its value in base64, with a comma.",
            ),
            OpenApiParameter(
                "Location", str, OpenApiParameter.HEADER, response=[201], description="The upload's address."
            ),
            _EXPIRES,
        ],
        responses={201: UploadSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Begin an upload in pieces. Names, sizes and rules are those of POST /files."""
        told: dict[str, Any] = request.told  # type: ignore[attr-defined]
        upload = actions.begin_upload(
            project_id=UUID(told["project"]),
            name=told["filename"],
            size=told["length"],
            upload_id=idempotency.reserved_id(request),
            by=caller(request),
        )
        return _begun(upload)

    def replay(self, request: Request, resource: str) -> Response:
        """The upload that the first request began."""
        return _begun(queries.upload(caller(request), UUID(resource)))


class OneUpload(_Resumable):
    """One upload in pieces."""

    parser_classes = (PieceParser,)
    throttle_classes = (OncePerBody,)

    @extend_schema(operation_id="uploads_retrieve", responses=UploadSerializer)
    def get(self, request: Request, upload_id: UUID) -> Response:
        """Where it stands, and the file once it is finished. (HEAD tells the same in the protocol's headers.)"""
        upload = queries.upload(caller(request), upload_id)
        return Response(UploadSerializer(next(iter(_shown([upload])))).data)

    def head(self, request: Request, upload_id: UUID) -> Response:
        """Where it stands."""
        upload = queries.upload(caller(request), upload_id)
        standing = {"Upload-Offset": str(upload.received), "Upload-Length": str(upload.size)}
        return Response(headers=standing | _expiry(upload.expires_at))

    @extend_schema(
        operation_id="uploads_continue",
        request={CONTENT_TYPE: OpenApiTypes.BINARY},
        parameters=[
            _SPEAKS,
            OpenApiParameter(
                "Upload-Offset", int, OpenApiParameter.HEADER, required=True, description="Where this piece begins."
            ),
            _OFFSET,
            _EXPIRES,
        ],
        responses={204: None},
    )
    def patch(self, request: Request, upload_id: UUID) -> Response:
        """Add a piece where the upload stands. What is acknowledged is kept; with the last piece the file is there."""
        offset = request.headers.get("Upload-Offset", "")
        if not _LENGTH.fullmatch(offset):
            raise Invalid("upload_offset_missing", "Upload-Offset: a whole number of bytes.")
        data: object = request.data
        content = data["content"] if isinstance(data, dict) and data else b""
        upload = receiving.receive(upload_id, int(offset), content, by=caller(request))
        standing = {"Upload-Offset": str(upload.received)}
        return Response(status=204, headers=standing | _expiry(upload.expires_at))

    @extend_schema(operation_id="uploads_end", request=None, parameters=[_SPEAKS], responses={204: None})
    def delete(self, request: Request, upload_id: UUID) -> Response:
        """Give an unfinished upload up; what came of it is removed."""
        actions.end_upload(upload_id, by=caller(request))
        return Response(status=204)


def _told(request: Request) -> dict[str, Any]:
    length = request.headers.get("Upload-Length", "")
    if not _LENGTH.fullmatch(length):
        raise Invalid(
            "upload_length_missing",
            "Upload-Length: the file's size in bytes, known from the start.",
            remedy="Send Upload-Length; a length that is told later is not taken.",
        )
    if int(request.headers.get("Content-Length") or 0) > 0:
        raise Invalid("upload_begins_empty", "body: an upload is begun without content.", remedy="Send it by PATCH.")
    named = _metadata(request.headers.get("Upload-Metadata", ""))
    project = named.get("project", "")
    try:
        UUID(project)
    except ValueError:
        raise Invalid("invalid_project", "Upload-Metadata: project must be a project's id.") from None
    return {"project": project, "filename": named.get("filename", ""), "length": int(length)}


def _metadata(header: str) -> dict[str, str]:
    named: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        name, _, value = pair.partition(" ")
        try:
            text = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            raise Invalid(
                "upload_metadata", f"Upload-Metadata: {name[:40]}: its value is no UTF-8 in base64."
            ) from None
        if name in named:
            raise Invalid("upload_metadata", f"Upload-Metadata: {name[:40]} comes twice.")
        named[name] = text
    return named


def _begun(upload: Upload) -> Response:
    response = Response(UploadSerializer(next(iter(_shown([upload])))).data, status=201)
    response["Location"] = f"/api/v1/uploads/{upload.id}"
    response["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    return response


def _expiry(expires_at: datetime) -> dict[str, str]:
    return {"Upload-Expires": http_date(expires_at.timestamp())}


def _shown(uploads: Iterable[Upload]) -> list[dict[str, Any]]:
    rows = list(uploads)
    files: Mapping[UUID, File] = queries.files_of_uploads(rows)
    plain = ("id", "name", "size", "created_at", "expires_at")
    return [
        {
            **{name: getattr(one, name) for name in plain},
            "project": one.project_id,
            "offset": one.received,
            "file": shown.file(files[one.id]) if one.id in files else None,
        }
        for one in rows
    ]
