"""The log as other people's tools read it: keys, checkpoints, tiles, proofs (docs/audit.md)."""

from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from audit import tiles, tree
from audit.exportkey import export_key
from config.errors import Conflict, Invalid, NotFound
from doors.audit_api import READERS, tenants
from doors.audit_integrity_api import require_platform_admin
from doors.authentication import caller
from identity.callers import Caller

TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
# Tiles never change; what only a project's auditors may read is for no shared cache.
FOR_EVER = "private, max-age=31536000, immutable"
_PROJECT = OpenApiParameter("project", OpenApiTypes.UUID, description="The project whose log it is.")
_TEXT: Any = {(200, "text/plain"): OpenApiTypes.STR}
_BYTES: Any = {(200, BYTES): OpenApiTypes.BINARY}


def _text(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type=TEXT)
    response["Cache-Control"] = "no-store"
    return response


class Keys(APIView):
    """The public keys of the logs."""

    @extend_schema(operation_id="audit_keys_retrieve", responses=_TEXT)
    def get(self, request: Request) -> HttpResponse:
        """The keys of the caller's projects' logs, the platform's log, the meta-log and exports, one a line.

        Each is a verifier key as C2SP's signed-note describes it. Compare them with what the operator published.
        """
        keys = tree.verifier_keys(caller(request).projects, export_key)
        return _text("".join(f"{key}\n" for key in keys).encode())


def _head(by: Caller, project: UUID | str | None) -> tree.Head:
    readable = tenants(by, None if project is None else str(project))
    found = tree.head_of_meta() if project is None else tree.head_of(next(iter(readable)))
    if found is None:
        raise NotFound("checkpoint yet")
    return found


def _tile(by: Caller, project: UUID | str | None, path: str) -> HttpResponse:
    if project is None:
        raise Invalid("project_missing", "project: say whose log.")
    return _tile_within(_head(by, project), path)


def _tile_within(head: tree.Head, path: str) -> HttpResponse:
    wanted = tiles.parse(path)
    content = None if wanted is None else tree.tile(head, wanted)
    if content is None:
        raise NotFound("tile")
    response = HttpResponse(content, content_type=BYTES)
    response["Cache-Control"] = FOR_EVER
    return response


class Checkpoint(APIView):
    """The latest checkpoint of a log."""

    @extend_schema(operation_id="audit_checkpoint_retrieve", parameters=[_PROJECT], responses=_TEXT)
    def get(self, request: Request) -> HttpResponse:
        """The latest signed checkpoint of the project's log; without a project, the meta-log's."""
        return _text(_head(caller(request), request.query_params.get("project")).note)


class TileOf(APIView):
    """A tile of a project's log."""

    @extend_schema(operation_id="audit_tile_retrieve", parameters=[_PROJECT], responses=_BYTES)
    def get(self, request: Request, tile: str) -> HttpResponse:
        """Hashes (`<level>/<N>`) or entries (`entries/<N>`), whole or partial (`.p/<width>`), as tlog-tiles says."""
        return _tile(caller(request), request.query_params.get("project"), tile)


class LogCheckpoint(APIView):
    """The latest checkpoint below a log's prefix."""

    @extend_schema(operation_id="audit_logs_checkpoint_retrieve", responses=_TEXT)
    def get(self, request: Request, project_id: UUID) -> HttpResponse:
        """What tlog-tiles calls `<prefix>/checkpoint`, for tools that are given a prefix."""
        return _text(_head(caller(request), project_id).note)


class LogTile(APIView):
    """A tile below a log's prefix."""

    @extend_schema(operation_id="audit_logs_tile_retrieve", responses=_BYTES)
    def get(self, request: Request, project_id: UUID, tile: str) -> HttpResponse:
        """What tlog-tiles calls `<prefix>/tile/…`, for tools that are given a prefix."""
        return _tile(caller(request), project_id, tile)


_OWN = OpenApiParameter(
    "log", str, location=OpenApiParameter.PATH, enum=["platform", "meta"], description="`platform`, or `meta`."
)


def _own_head(by: Caller, log: str) -> tree.Head:
    heads = {"platform": tree.head_of_platform, "meta": tree.head_of_meta}
    require_platform_admin(by)
    found = heads[log]() if log in heads else None
    if found is None:
        raise NotFound("log")
    return found


class OwnCheckpoint(APIView):
    """The latest checkpoint of a log that is no project's."""

    @extend_schema(operation_id="audit_own_logs_checkpoint_retrieve", parameters=[_OWN], responses=_TEXT)
    def get(self, request: Request, log: str) -> HttpResponse:
        """Of the platform's log, or of the meta-log over all others, for platform admins."""
        return _text(_own_head(caller(request), log).note)


class OwnTile(APIView):
    """A tile of a log that is no project's."""

    @extend_schema(operation_id="audit_own_logs_tile_retrieve", parameters=[_OWN], responses=_BYTES)
    def get(self, request: Request, log: str, tile: str) -> HttpResponse:
        """Of the platform's log, or of the meta-log (whose entries are checkpoints), for platform admins."""
        return _tile_within(_own_head(caller(request), log), tile)


class EntryProof(APIView):
    """An entry's proof."""

    @extend_schema(
        operation_id="audit_entries_proof_retrieve",
        responses={**_TEXT, 409: OpenApiResponse(description="No checkpoint has the entry yet: `not_signed_yet`.")},
    )
    def get(self, request: Request, entry_id: UUID) -> HttpResponse:
        """A tlog-proof of the entry, for the project's auditors and platform admins, and for whoever did it."""
        by = caller(request)
        entry = tree.entry_of(entry_id)
        if entry is None or not _may_prove(by, entry):
            raise NotFound("audit entry")
        leaf = tree.leaf_of(entry_id)
        proof = None if leaf is None else tree.proof_of(leaf)
        if proof is None:
            raise Conflict(
                "not_signed_yet", "No checkpoint has this entry yet.", remedy="Ask again in a second; then see /readyz."
            )
        response = _text(proof)
        response["Content-Disposition"] = f'attachment; filename="{entry_id}.tlog-proof"'
        return response


def _may_prove(by: Caller, entry: bytes) -> bool:
    header = orjson.loads(entry)
    if header["tenant"] is None:
        return bool(header["actor"] == by.pseudonym)
    project = UUID(header["tenant"])
    return project in by.projects_as(*READERS) or (project in by.projects and header["actor"] == by.pseudonym)
