"""The auditor's door to the log. It stands here because the log knows no users."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import audit.queries
from audit import Event, tree
from audit.merkle import leaf_hash
from audit.models import Entry
from config.errors import Invalid, NotFound, Refused
from doors.authentication import caller
from doors.pagination import CursorPagination
from identity.callers import Caller
from identity.states import Role

READERS = (Role.AUDITOR, Role.PLATFORM_ADMIN)
_SUBJECT_MAX = 300


class AuditEntrySerializer(serializers.Serializer[Any]):
    """One entry, as its bytes say."""

    id = serializers.UUIDField()
    event = serializers.ChoiceField([event.value for event in Event])
    project = serializers.UUIDField()
    recorded_at = serializers.DateTimeField()
    actor = serializers.CharField(allow_null=True, help_text="The person's pseudonym.")
    subject = serializers.CharField(help_text="`noun:id`.")
    outcome = serializers.CharField()
    facts = serializers.DictField()
    commitments = serializers.DictField(child=serializers.CharField())
    sealed = serializers.DictField(help_text="Personal fields that are sealed beside the entry: what commits to them.")
    version = serializers.IntegerField()
    header = serializers.CharField(help_text="The entry's exact canonical JSON: these are the bytes that are hashed.")
    leaf_hash = serializers.CharField(help_text="Of these bytes, as RFC 6962 says, in hex.")
    index = serializers.IntegerField(allow_null=True, help_text="In its project's log; null until it is integrated.")


def _shown(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    indexes = tree.indexes_of(entry.pk for entry in entries)
    return [_one(bytes(entry.header), indexes.get(entry.pk)) for entry in entries]


def _one(encoded: bytes, index: int | None) -> dict[str, Any]:
    header = orjson.loads(encoded)
    project = header.pop("tenant")
    told = {"project": project, "header": encoded.decode(), "leaf_hash": leaf_hash(encoded).hex(), "index": index}
    return {"sealed": {}, **header, **told}


class EntryPages(CursorPagination):
    """By serial number: entries of one moment keep their order."""

    ordering = ("-n",)


_EXAMPLE = OpenApiExample(
    "a run was requested",
    value={
        "id": "0d9c4c1e-6b0f-4c5c-9a55-54a1a0a3f6b1",
        "event": "identity:member:added",
        "project": "6f7c2a52-3f5e-4d8b-8ad8-6a3a0e1f1c11",
        "recorded_at": "2026-01-31T09:30:00.000000Z",
        "actor": None,
        "subject": "person:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "outcome": "ok",
        "facts": {"role": "analyst"},
        "commitments": {},
        "sealed": {},
        "version": 1,
        "header": '{"actor":null,"commitments":{},"event":"identity:member:added",…}',
        "leaf_hash": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "index": 41,
    },
    response_only=True,
)


class AuditEntries(APIView):
    """The log's entries of the caller's projects."""

    pagination_class = EntryPages

    @extend_schema(
        operation_id="audit_entries_list",
        parameters=[
            OpenApiParameter("project", OpenApiTypes.UUID, description="Entries of this project only."),
            OpenApiParameter("event", str, enum=[event.value for event in Event], description="Of this kind only."),
            OpenApiParameter("subject", str, description="About this subject only, for example `run:<id>`."),
        ],
        responses=AuditEntrySerializer(many=True),
        examples=[_EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        """List entries, newest first, for auditors and platform admins of the project."""
        by = caller(request)
        found = audit.queries.entries(tenants(by, request.query_params.get("project")))
        if (event := request.query_params.get("event")) is not None:
            if event not in set(Event):
                raise Invalid("unknown_event", "event: not one that the log knows.")
            found = found.filter(event=event)
        if (subject := request.query_params.get("subject")) is not None:
            if len(subject) > _SUBJECT_MAX or "\x00" in subject:
                raise Invalid("invalid_subject", f"subject: `noun:id`, at most {_SUBJECT_MAX} characters.")
            found = audit.queries.about(found, subject)
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(found, request, self) or []
        return paginator.get_paginated_response(_shown(page))


class AuditEntry(APIView):
    """One entry of the log."""

    @extend_schema(operation_id="audit_entries_retrieve", responses=AuditEntrySerializer, examples=[_EXAMPLE])
    def get(self, request: Request, entry_id: UUID) -> Response:
        """One entry, for auditors and platform admins of its project."""
        entry = audit.queries.entries(tenants(caller(request), None)).filter(pk=entry_id).first()
        if entry is None:
            raise NotFound("audit entry")
        return Response(_shown([entry])[0])


def tenants(by: Caller, asked: str | None) -> frozenset[UUID]:
    """The projects whose log the caller may read, cut down to the one asked for."""
    readable = by.projects_as(*READERS)
    if asked is not None:
        try:
            project = UUID(asked)
        except ValueError:
            raise Invalid("invalid_project", "project: must be a project's id.") from None
        if project not in by.projects:
            raise NotFound("project")
        readable &= {project}
    if not readable:
        raise Refused(
            "not_an_auditor",
            "Only auditors and platform admins read the log, with a token of their own.",
            remedy="Ask an auditor of the project.",
        )
    return readable
