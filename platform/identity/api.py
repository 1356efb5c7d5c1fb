"""Doors of identity: who the caller is, their projects, tokens and sessions."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.errors import NotFound
from config.verdicts import require
from doors import idempotency
from doors.authentication import caller
from doors.idempotency import idempotent
from doors.pagination import CursorPagination
from doors.parsing import validated
from identity import actions, queries, rules, shown
from identity.callers import Caller
from identity.models import Project, Session, User
from identity.serializers import (
    IssuedTokenSerializer,
    MeSerializer,
    NewTokenSerializer,
    ProjectSerializer,
    SessionSerializer,
    TokenSerializer,
)
from identity.states import TokenKind


class Me(APIView):
    """Who asks."""

    @extend_schema(operation_id="me", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Tell who the caller is, in which projects, and when their session ends."""
        by = caller(request)
        require(rules.may_manage_sign_in(by))
        return Response(MeSerializer(shown.me(by)).data)


class Sessions(APIView):
    """The browsers in which the caller is signed in."""

    pagination_class = CursorPagination

    @extend_schema(operation_id="sessions_list", responses=SessionSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the caller's sessions that have not ended, newest first."""
        by = caller(request)
        require(rules.may_manage_sign_in(by))
        paginator = self.pagination_class()
        page: list[Session] = paginator.paginate_queryset(queries.sessions_of(by), request, self) or []
        return paginator.get_paginated_response([_session(session, by) for session in page])


class SessionEnding(APIView):
    """The end of a session."""

    @extend_schema(operation_id="sessions_end", request=None, responses=SessionSerializer)
    @idempotent
    def post(self, request: Request, session_id: UUID) -> Response:
        """Sign the caller out in one of their browsers, now; in this one too."""
        by = caller(request)
        return Response(_session(actions.end_session_of(session_id, by=by), by))

    def replay(self, request: Request, resource: str, session_id: UUID) -> Response:
        """The ended session."""
        by = caller(request)
        return Response(_session(actions.end_session_of(session_id, by=by), by))


def _session(session: Session, by: Caller) -> Any:
    return SessionSerializer(shown.session(session, by)).data


class Projects(APIView):
    """The caller's projects."""

    pagination_class = CursorPagination

    @extend_schema(operation_id="projects_list", responses=ProjectSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the caller's projects with the caller's roles in each."""
        by = caller(request)
        paginator = self.pagination_class()
        page: list[Project] = paginator.paginate_queryset(queries.projects_visible_to(by), request, self) or []
        return paginator.get_paginated_response([_project(project, by.roles_in(project.pk)) for project in page])


def _project(project: Project, roles: frozenset[Any]) -> Any:
    return ProjectSerializer(
        {
            "id": project.pk,
            "slug": project.slug,
            "name": project.name,
            "classification": project.classification,
            "roles": sorted(role.value for role in roles),
        }
    ).data


class Tokens(APIView):
    """The caller's own tokens."""

    pagination_class = CursorPagination

    @extend_schema(operation_id="tokens_list", responses=TokenSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the caller's tokens, newest first; never their secrets."""
        by = caller(request)
        require(rules.may_manage_tokens(by))
        paginator = self.pagination_class()
        page = paginator.paginate_queryset(queries.tokens_of(by), request, self)
        return paginator.get_paginated_response(list(TokenSerializer(page, many=True).data))

    @extend_schema(operation_id="tokens_create", request=NewTokenSerializer, responses={201: IssuedTokenSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Issue a token. Its secret is in this answer and nowhere else."""
        by = caller(request)
        wish = validated(NewTokenSerializer(data=request.data))
        token, bearer = actions.issue_token(
            User(pk=by.user_id),
            TokenKind(wish["kind"]),
            timedelta(seconds=wish["expires_in_seconds"]),
            model_name=wish["model_name"],
            name=wish["name"],
            token_id=idempotency.reserved_id(request),
            by=by,
        )
        return Response({**TokenSerializer(token).data, "token": bearer}, status=201)

    def replay(self, request: Request, resource: str) -> Response:
        """The token again, without its secret."""
        by = caller(request)
        require(rules.may_manage_tokens(by))
        token = queries.tokens_of(by).filter(pk=UUID(resource)).first()
        if token is None:
            raise NotFound("token")
        return Response(TokenSerializer(token).data, status=201)


class TokenRevocation(APIView):
    """The end of a token."""

    @extend_schema(operation_id="tokens_revoke", request=None, responses=TokenSerializer)
    @idempotent
    def post(self, request: Request, token_id: UUID) -> Response:
        """Revoke one of the caller's tokens, now."""
        return Response(TokenSerializer(actions.revoke_token(token_id, by=caller(request))).data)

    def replay(self, request: Request, resource: str, token_id: UUID) -> Response:
        """The revoked token."""
        return Response(TokenSerializer(actions.revoke_token(token_id, by=caller(request))).data)
