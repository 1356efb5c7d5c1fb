"""Entries of the log: search, and one by its id."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import audit.queries
from audit import tree
from audit.merkle import leaf_hash
from audit.models import Entry
from config.errors import NotFound
from doors import filters
from doors.audit_api import tenants
from doors.authentication import caller
from doors.pagination import CursorPagination
from identity.callers import Caller
from lookup import queries
from lookup.api import asked
from lookup.pages import FoundPages
from lookup.serializers import AuditEntrySerializer


def _shown(entries: Sequence[Entry], by: Caller) -> list[dict[str, Any]]:
    indexes = tree.indexes_of(entry.pk for entry in entries)
    payloads, sizes = queries.payloads(by, entries), queries.signed_sizes(entries)
    shown = []
    for entry in entries:
        one = _one(bytes(entry.header))
        index, size = indexes.get(entry.pk), sizes.get(entry.tenant) if entry.tenant else None
        covered = index is not None and size is not None and index < size
        one |= {"index": index, "log_size": size if covered else None, "payload": payloads.get(entry.pk)}
        shown.append(one)
    return shown


def _one(encoded: bytes) -> dict[str, Any]:
    header = orjson.loads(encoded)
    project = header.pop("tenant")
    told = {"project": project, "header": encoded.decode(), "leaf_hash": leaf_hash(encoded).hex()}
    return {"sealed": {}, **header, **told}


class LogPages(CursorPagination):
    """By serial number: entries of one moment keep their order."""

    ordering = ("-n",)

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        """The page; the log itself was read, so that it lacks nothing."""
        response = super().get_paginated_response(data)
        response.data["projection"] = None
        return response


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
        "log_size": 57,
        "payload": None,
    },
    response_only=True,
)


class AuditEntries(APIView):
    """The log's entries of the caller's projects."""

    pagination_class = FoundPages

    @extend_schema(
        operation_id="audit_entries_list",
        parameters=asked.PARAMETERS,
        responses=AuditEntrySerializer(many=True),
        examples=[_EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        """List the entries that hold to every condition, newest first, for auditors and platform admins of the project.

        By project and subject alone the log itself answers, in the order of its writing. Every other condition is
        looked up in a projection of the log, in the order of the entries' times; `projection` says how far behind that
        is.
        """
        filters.only(request, asked.PARAMETERS)
        by = caller(request)
        projects = tenants(by, request.query_params.get("project"))
        if asked.by_the_log(request):
            return self._by_the_log(request, by, projects)
        paginator = FoundPages()
        # Before the search: what is laid out meanwhile is found, and not promised.
        paginator.standing = queries.standing_of(projects)
        rows = paginator.paginate_queryset(asked.search(request, by, projects), request, self) or []
        return paginator.get_paginated_response(_shown(queries.entries(projects, rows), by))

    def _by_the_log(self, request: Request, by: Caller, projects: frozenset[UUID]) -> Response:
        found = audit.queries.entries(projects)
        if (subject := asked.subject(request)) is not None:
            found = audit.queries.about(found, subject)
        paginator = LogPages()
        page = paginator.paginate_queryset(found, request, self) or []
        return paginator.get_paginated_response(_shown(page, by))


class AuditEntry(APIView):
    """One entry of the log."""

    @extend_schema(operation_id="audit_entries_retrieve", responses=AuditEntrySerializer, examples=[_EXAMPLE])
    def get(self, request: Request, entry_id: UUID) -> Response:
        """One entry, for auditors and platform admins of its project."""
        by = caller(request)
        entry = audit.queries.entries(tenants(by, None)).filter(pk=entry_id).first()
        if entry is None:
            raise NotFound("audit entry")
        return Response(_shown([entry], by)[0])
