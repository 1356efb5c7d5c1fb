"""Files on their way in."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.errors import Invalid, NotFound
from doors import idempotency
from doors.authentication import caller
from doors.idempotency import idempotent
from doors.parsing import StrictSerializer, validated
from runs import actions, queries, shown
from runs.serializers import FileSerializer
from runs.uploads import SealedUpload, SealingHandler, UploadParser


class FileUploadSerializer(StrictSerializer):
    """One file for a project."""

    project = serializers.UUIDField()
    file = serializers.FileField(allow_empty_file=True)


class Files(APIView):
    """Files of the caller's projects."""

    parser_classes = (UploadParser,)

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """Seal the file while it arrives."""
        self.handler = SealingHandler(request)
        request.upload_handlers = [self.handler]
        return super().initialize_request(request, *args, **kwargs)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Remove a content that no file came to name."""
        self.handler.abandon()
        return super().finalize_response(request, response, *args, **kwargs)

    @extend_schema(
        operation_id="files_create",
        request={"multipart/form-data": FileUploadSerializer},
        responses={201: FileSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Upload one file. It is sealed under a key of its own while it arrives."""
        wish = validated(FileUploadSerializer(data=request.data))
        upload = wish["file"]
        if not isinstance(upload, SealedUpload):
            raise Invalid("invalid", "file: must be a file part with a file name.")
        file = actions.store_file(
            upload.sealed,
            project_id=wish["project"],
            name=upload.name or "",
            file_id=idempotency.reserved_id(request),
            by=caller(request),
        )
        upload.taken = True
        return Response(FileSerializer(shown.file(file)).data, status=201)

    def replay(self, request: Request, resource: str) -> Response:
        """The file that the first request stored."""
        file = queries.files_visible_to(caller(request)).select_related("blob").filter(pk=UUID(resource)).first()
        if file is None:
            raise NotFound("file")
        return Response(FileSerializer(shown.file(file)).data, status=201)
