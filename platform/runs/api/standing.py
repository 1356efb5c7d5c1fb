"""How things stand: what waits for the caller, and, for platform admins, how each part of the platform is."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

import catalogue.queries
from config import health
from config.environment import settings
from config.health import Report
from config.verdicts import require
from doors.authentication import caller
from identity.callers import Caller
from identity.states import Role
from runs import lists, pending, queries, rules
from runs.models import Run
from runs.pending import Kind
from runs.states import RunState

MOST_FAILURES = 20
OK, DOWN = "ok", "down"


class WaitingRunSerializer(serializers.Serializer[Any]):
    """The run that something is about."""

    id = serializers.UUIDField()
    project = serializers.UUIDField()
    project_name = serializers.CharField()
    purpose = serializers.CharField()
    state = serializers.ChoiceField([state.value for state in RunState])


class WaitingItemSerializer(serializers.Serializer[Any]):
    """One thing that waits for the caller."""

    kind = serializers.ChoiceField([kind.value for kind in Kind])
    run = WaitingRunSerializer()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True, help_text="When it stops waiting by itself.")
    message = serializers.CharField()
    remedy = serializers.CharField(allow_blank=True)


class WaitingSerializer(serializers.Serializer[Any]):
    """What waits for the caller: how many things, and the newest of them."""

    count = serializers.IntegerField()
    results = WaitingItemSerializer(many=True)


class PartSerializer(serializers.Serializer[Any]):
    """One part of the platform."""

    name = serializers.CharField()
    state = serializers.ChoiceField([OK, DOWN])
    since = serializers.DateTimeField(help_text="It has been in this state since then, or longer.")
    latency_ms = serializers.FloatField()
    version = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True, help_text="What is wrong with it.")
    detail = serializers.DictField(help_text="What it says of itself; figures and names of its own.")


class PoolSerializer(serializers.Serializer[Any]):
    """One pool of sandboxes; `environment` is null for one that several environments share."""

    environment = serializers.CharField(allow_null=True)
    warm = serializers.IntegerField()
    claimed = serializers.IntegerField()
    starting = serializers.IntegerField()
    max = serializers.IntegerField()


class QueueSerializer(serializers.Serializer[Any]):
    """The runs that wait for a sandbox."""

    length = serializers.IntegerField()
    limit = serializers.IntegerField()
    oldest_seconds = serializers.FloatField(allow_null=True)


class FailureSerializer(serializers.Serializer[Any]):
    """One run that ended as nobody wished."""

    run = serializers.UUIDField()
    project = serializers.UUIDField()
    project_name = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()


class HealthSerializer(serializers.Serializer[Any]):
    """The platform as it stands."""

    at = serializers.DateTimeField()
    parts = PartSerializer(many=True)
    pools = PoolSerializer(many=True)
    queue = QueueSerializer()
    recent_failures = FailureSerializer(many=True)


class Waiting(APIView):
    """What waits for the caller."""

    @extend_schema(operation_id="waiting_retrieve", responses=WaitingSerializer)
    def get(self, request: Request) -> Response:
        """The caller's runs that wait for people or for code, and those that failed within a day."""
        count, found = pending.of(caller(request), timezone.now())
        rows = [{**vars(each), "run": _run(each.run)} for each in found]
        return Response(WaitingSerializer({"count": count, "results": rows}).data)


def _run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "project": run.project_id,
        "project_name": run.project.name,
        "purpose": run.purpose,
        "state": run.state,
    }


class Health(APIView):
    """The platform's parts."""

    @extend_schema(operation_id="health_retrieve", responses=HealthSerializer)
    def get(self, request: Request) -> Response:
        """Each part with its state and since when, the pools, the queue, and what failed last. For platform admins."""
        by = caller(request)
        require(rules.may_see_health(by))
        report = health.report()
        shown = {
            "at": report.at,
            "parts": _parts(report),
            "pools": _pools(report),
            "queue": _queue(),
            "recent_failures": _failures(by),
        }
        return Response(HealthSerializer(shown).data)


def _parts(report: Report) -> list[dict[str, Any]]:
    # Whoever reads this was answered: that part is well as long as its process runs.
    own = {"name": "web", "state": OK, "since": health.STARTED, "latency_ms": 0.0, "version": health.release()}
    asked = [
        {
            "name": name,
            "state": OK if part.ok else DOWN,
            "since": report.since[name],
            "latency_ms": round(part.latency_ms, 1),
            "version": part.version,
            "message": part.message,
            "detail": part.detail,
        }
        for name, part in report.parts.items()
    ]
    return [own | {"message": "", "detail": {}}, *asked]


def _pools(report: Report) -> list[dict[str, Any]]:
    part = report.parts["sandboxes"]
    if not part.ok:
        return []
    # A machine has one pool, whatever its sandboxes are made from.
    names = list(catalogue.queries.environments().values_list("name", flat=True))
    sizes = {name: part.detail[name] for name in ("warm", "claimed", "starting", "max")}
    return [{"environment": names[0] if len(names) == 1 else None, **sizes}]


def _queue() -> dict[str, Any]:
    oldest = lists.longest_waiting()
    seconds = None if oldest is None else (timezone.now() - oldest).total_seconds()
    return {"length": queries.queue_length(), "limit": settings().queue_length, "oldest_seconds": seconds}


def _failures(by: Caller) -> list[dict[str, Any]]:
    return [
        {
            "run": run.id,
            "project": run.project_id,
            "project_name": run.project.name,
            "code": run.ended_code,
            "message": run.ended_message,
            "at": run.ended_at,
        }
        for run in lists.ended_badly(by, by.projects_as(Role.PLATFORM_ADMIN))[:MOST_FAILURES]
    ]
