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
from doors.pagination import CursorPagination
from doors.parsing import StrictSerializer, validated
from runs import actions, lists, queries, shown
from runs.api import filters
from runs.models import File
from runs.serializers import FileSerializer, OwnerSerializer
from runs.uploads import SealedUpload, SealingHandler, UploadParser


class FileUploadSerializer(StrictSerializer):
    """One file for a project."""

    project = serializers.UUIDField()
    file = serializers.FileField(allow_empty_file=True)


class ListedFileSerializer(FileSerializer):
    """A file with the person who uploaded it."""

    project = serializers.UUIDField()
    owner = OwnerSerializer()


class Files(APIView):
    """Files of the caller's projects."""

    parser_classes = (UploadParser,)
    pagination_class = CursorPagination

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
        operation_id="files_list",
        parameters=[filters.PROJECT, filters.OWNER],
        responses=ListedFileSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List the files that a run of the caller's could have, newest first."""
        by = caller(request)
        found = lists.files(by, project_id=filters.identity(request, "project"), owner_id=filters.owner(request, by))
        paginator = self.pagination_class()
        page: list[File] = paginator.paginate_queryset(found, request, self)
        return paginator.get_paginated_response(list(ListedFileSerializer(list(map(_listed, page)), many=True).data))

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


def _listed(file: File) -> dict[str, Any]:
    return {**shown.file(file), "project": file.project_id, "owner": shown.owner(file.owner)}
