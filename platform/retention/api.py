"""Doors of erasures, holds and periods."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.celery import DISPOSE_SECONDS
from config.environment import settings
from config.errors import Invalid
from config.verdicts import require
from doors import idempotency
from doors.authentication import caller
from doors.idempotency import idempotent
from doors.pagination import CursorPagination
from doors.parsing import validated
from identity.callers import Caller
from retention import actions, queries, rules
from retention.models import Erasure, Hold
from retention.serializers import (
    ErasureRequestSerializer,
    ErasureSerializer,
    HoldRequestSerializer,
    HoldSerializer,
    LiftSerializer,
    RetentionSerializer,
)

_PROJECT = OpenApiParameter("project", OpenApiTypes.UUID, description="Of this project only.")


def _of_project(found: QuerySet[Any], field: str, request: Request) -> QuerySet[Any]:
    if (project := request.query_params.get("project")) is None:
        return found
    try:
        return found.filter(**{field: UUID(project)})
    except ValueError:
        raise Invalid("invalid_project", "project: must be a project's id.") from None


def _erasures(found: Iterable[Erasure], by: Caller) -> list[Any]:
    visible = by.projects_as(*rules.READERS)
    return [ErasureSerializer(each, context={"visible": visible}).data for each in found]


class Erasures(APIView):
    """The erasures of people of whom the caller's projects had something."""

    pagination_class = CursorPagination

    @extend_schema(operation_id="audit_erasures_list", parameters=[_PROJECT], responses=ErasureSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List erasures, newest first, for auditors and platform admins."""
        by = caller(request)
        found = _of_project(queries.erasures_visible_to(by), "projects", request)
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(found, request, self) or []
        return paginator.get_paginated_response(_erasures(page, by))

    @extend_schema(
        operation_id="audit_erasures_create", request=ErasureRequestSerializer, responses={201: ErasureSerializer}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Erase a person for good, for platform admins. What they did stays on record, without who they were.

        Their data keys, names, ways in and contents are gone when this answers; files that nobody can open follow.
        A legal hold refuses it. Asking again changes nothing.
        """
        by = caller(request)
        wanted = actions.Wanted(**validated(ErasureRequestSerializer(data=request.data)))
        erasure = actions.request_erasure(wanted, erasure_id=idempotency.reserved_id(request), by=by)
        return Response(_erasures([erasure], by)[0], status=201)

    def replay(self, request: Request, resource: str) -> Response:
        """The erasure that the first request asked for, as it stands now."""
        by = caller(request)
        return Response(_erasures([queries.erasure(by, UUID(resource))], by)[0], status=201)


class OneErasure(APIView):
    """One erasure."""

    @extend_schema(operation_id="audit_erasures_retrieve", responses=ErasureSerializer)
    def get(self, request: Request, erasure_id: UUID) -> Response:
        """An erasure's state: `erasing` while unreadable files are still being removed, then `done`."""
        by = caller(request)
        return Response(_erasures([queries.erasure(by, erasure_id)], by)[0])


class HoldPages(CursorPagination):
    """By when they were placed."""

    ordering = ("-placed_at", "-id")


def _hold(hold: Hold) -> Any:
    return HoldSerializer(hold).data


class Holds(APIView):
    """The legal holds of the projects whose log the caller reads."""

    pagination_class = HoldPages

    @extend_schema(operation_id="audit_holds_list", parameters=[_PROJECT], responses=HoldSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List holds, newest first, lifted ones too, for auditors and platform admins."""
        found = _of_project(queries.holds_visible_to(caller(request)), "project_id", request)
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(found, request, self) or []
        return paginator.get_paginated_response([_hold(hold) for hold in page])

    @extend_schema(operation_id="audit_holds_create", request=HoldRequestSerializer, responses={201: HoldSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Keep all of a project, or what it has of one person, from erasure and disposal; for its auditors."""
        wanted = validated(HoldRequestSerializer(data=request.data))
        by = caller(request)
        hold = actions.place_hold(
            wanted["project"], wanted["subject"], wanted["reason"], hold_id=idempotency.reserved_id(request), by=by
        )
        return Response(_hold(hold), status=201)

    def replay(self, request: Request, resource: str) -> Response:
        """The hold that the first request placed."""
        return Response(_hold(queries.hold(caller(request), UUID(resource))), status=201)


class HoldLift(APIView):
    """The end of a hold."""

    @extend_schema(operation_id="audit_holds_lift", request=LiftSerializer, responses=HoldSerializer)
    @idempotent
    def post(self, request: Request, hold_id: UUID) -> Response:
        """Lift a hold, for the project's auditors; nobody lifts one on themselves."""
        reason = validated(LiftSerializer(data=request.data))["reason"]
        return Response(_hold(actions.lift_hold(hold_id, reason, by=caller(request))))

    def replay(self, request: Request, resource: str, hold_id: UUID) -> Response:
        """The hold as it stands now."""
        return Response(_hold(queries.hold(caller(request), hold_id)))


class Retention(APIView):
    """How long things are kept."""

    @extend_schema(operation_id="audit_retention_retrieve", responses=RetentionSerializer)
    def get(self, request: Request) -> Response:
        """The periods, and when the disposal last ran and will run again, for auditors and platform admins."""
        require(rules.may_see_retention(caller(request)))
        last = queries.last_pass()
        told = {
            "audit_months": settings().retention_audit_months,
            "content_months": settings().retention_content_months,
            "last_run_at": last.started_at if last else None,
            "last_run_finished_at": last.finished_at if last else None,
            "next_run_at": last.started_at + timedelta(seconds=DISPOSE_SECONDS) if last else None,
        }
        return Response(RetentionSerializer(told).data)
