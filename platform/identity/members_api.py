"""Doors of a project's members, for its platform admins."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.errors import NotFound
from doors import idempotency
from doors.authentication import caller
from doors.idempotency import idempotent
from doors.pagination import CursorPagination
from doors.parsing import validated
from identity import actions, queries
from identity.models import Membership
from identity.serializers import MemberSerializer, NewMemberSerializer
from identity.states import Role

_NOT_SIGNED: Any = {503: OpenApiResponse(description="The log did not sign the request in time: nothing was changed.")}


class _OldestFirst(CursorPagination):
    ordering = ("created_at", "id")


class Members(APIView):
    """Who has which role in a project."""

    pagination_class = _OldestFirst

    @extend_schema(operation_id="members_list", responses=MemberSerializer(many=True))
    def get(self, request: Request, project_id: UUID) -> Response:
        """List each role of each person, for the project's platform admins."""
        paginator = self.pagination_class()
        found = queries.members_of(caller(request), project_id)
        page: list[Membership] = paginator.paginate_queryset(found, request, self) or []
        return paginator.get_paginated_response([MemberSerializer(each).data for each in page])

    @extend_schema(
        operation_id="members_create",
        request=NewMemberSerializer,
        responses={201: MemberSerializer} | _NOT_SIGNED,
    )
    @idempotent
    def post(self, request: Request, project_id: UUID) -> Response:
        """Give a person a role. Answers once the request is under a signed checkpoint of the project's log."""
        wish = validated(NewMemberSerializer(data=request.data))
        membership = actions.admit(
            project_id,
            wish["username"],
            Role(wish["role"]),
            membership_id=idempotency.reserved_id(request),
            by=caller(request),
        )
        return Response(MemberSerializer(membership).data, status=201)

    def replay(self, request: Request, resource: str, project_id: UUID) -> Response:
        """The role that the first request gave."""
        found = queries.members_of(caller(request), project_id).filter(pk=UUID(resource)).first()
        if found is None:
            raise NotFound("member")
        return Response(MemberSerializer(found).data, status=201)


class OneMember(APIView):
    """One role of one person."""

    @extend_schema(operation_id="members_destroy", responses={204: None} | _NOT_SIGNED)
    def delete(self, request: Request, project_id: UUID, membership_id: UUID) -> Response:
        """Take the role away. Answers once the request is under a signed checkpoint of the project's log."""
        actions.dismiss(project_id, membership_id, by=caller(request))
        return Response(status=204)
