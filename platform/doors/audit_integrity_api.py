"""How a log stands, for whom it concerns."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit import tree
from audit.integrity import Integrity, integrity
from config.errors import NotFound, Refused
from doors.audit_api import tenants
from doors.authentication import caller
from identity.callers import Caller
from identity.states import Role


class WitnessSerializer(serializers.Serializer[Any]):
    """A witness that the sequencer asks."""

    name = serializers.CharField()
    cosigned_at = serializers.DateTimeField(allow_null=True, help_text="Its latest cosignature that we have.")
    state = serializers.ChoiceField(["ok", "refusing", "silent"])


class MetaLogSerializer(serializers.Serializer[Any]):
    """The meta-log over the checkpoints of all others."""

    size = serializers.IntegerField()
    cosigned_at = serializers.DateTimeField(
        allow_null=True, help_text="When enough witnesses had cosigned a checkpoint for the last time."
    )
    witnesses = WitnessSerializer(many=True)


class LastVerificationSerializer(serializers.Serializer[Any]):
    """The last look of the platform itself at every entry of the log."""

    at = serializers.DateTimeField()
    size = serializers.IntegerField()
    result = serializers.ChoiceField(["verified", "tampered", "untrusted"])


class IntegritySerializer(serializers.Serializer[Any]):
    """A log's standing now."""

    project = serializers.UUIDField(allow_null=True)
    origin = serializers.CharField()
    size = serializers.IntegerField(help_text="Of the latest checkpoint.")
    # The framework takes fields out of the class: its own `root` stays what it is.
    root = serializers.CharField(help_text="Its root, in hex.")  # type: ignore[assignment]
    checkpoint_at = serializers.DateTimeField()
    lag_seconds = serializers.FloatField(help_text="The age of the oldest entry of any log that waits.")
    unintegrated = serializers.IntegerField(help_text="Entries of this log that wait; at most 10,000 are counted.")
    keys = serializers.ListField(child=serializers.CharField(), help_text="Verifier keys, the oldest first.")
    meta = MetaLogSerializer()
    last_verification = LastVerificationSerializer(allow_null=True)


class Standing(APIView):
    """How a log stands."""

    @extend_schema(
        operation_id="audit_integrity_retrieve",
        parameters=[OpenApiParameter("project", OpenApiTypes.UUID, description="Whose log; absent: the platform's.")],
        responses=IntegritySerializer,
    )
    def get(self, request: Request) -> Response:
        """A project's log for its auditors and platform admins; without a project, the platform's for platform admins.

        It is the platform's own word. Proof is an export, verified elsewhere.
        """
        by = caller(request)
        asked = request.query_params.get("project")
        if asked is None:
            require_platform_admin(by)
            project, head = None, tree.head_of_platform()
        else:
            (project,) = tenants(by, asked)
            head = tree.head_of(project)
        if head is None:
            raise NotFound("checkpoint yet")
        return Response(IntegritySerializer(_shown(integrity(head, project), project)).data)


def _shown(found: Integrity, project: UUID | None) -> dict[str, Any]:
    return {
        "project": project,
        "origin": found.head.origin,
        "size": found.head.size,
        "root": found.head.root.hex(),
        "checkpoint_at": found.checkpoint_at,
        "lag_seconds": round(found.lag_seconds, 3),
        "unintegrated": found.unintegrated,
        "keys": [str(key) for key in found.keys],
        "meta": {"size": found.meta_size, "cosigned_at": found.cosigned_at, "witnesses": found.witnesses},
        "last_verification": found.last_check,
    }


def require_platform_admin(by: Caller) -> None:
    """What belongs to no project is for those who run the platform. Raises Refused."""
    if not by.projects_as(Role.PLATFORM_ADMIN):
        raise Refused(
            "not_a_platform_admin",
            "Only platform admins read the logs that are no project's.",
            remedy="Name a project, or ask a platform admin.",
        )
