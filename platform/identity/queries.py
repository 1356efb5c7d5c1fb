"""Reads of identity, already cut down to what the caller may see."""

import hashlib
import hmac
import re
from collections import defaultdict
from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from config.errors import NotFound, Unauthenticated
from identity.callers import Caller
from identity.models import Membership, Project, Token, User
from identity.states import MODEL_ROLES, Role, TokenKind

_BEARER = re.compile(r"bwk_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")
_USED_STEP = timedelta(minutes=1)
_REMEDY = "Issue a new token with POST /api/v1/tokens, or ask a platform admin."


def digest_of(secret: str) -> bytes:
    """The stored form of a token's secret: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def authenticate(bearer: str) -> Caller:
    """Say who holds the token. Raises Unauthenticated: token_unknown, token_revoked or token_expired."""
    match = _BEARER.fullmatch(bearer)
    token = Token.objects.select_related("user").filter(pk=UUID(match[1])).first() if match else None
    if match is None or token is None or not hmac.compare_digest(digest_of(match[2]), bytes(token.digest)):
        raise Unauthenticated("token_unknown", "The bearer token is not one of ours.", remedy=_REMEDY)
    now = timezone.now()
    if token.revoked_at is not None:
        raise Unauthenticated("token_revoked", "The token was revoked.", remedy=_REMEDY)
    if token.expires_at <= now:
        raise Unauthenticated("token_expired", "The token has expired.", remedy=_REMEDY)
    if not token.user.is_active:
        raise Unauthenticated("user_inactive", "The token's person has no access any more.")
    if token.last_used_at is None or now - token.last_used_at > _USED_STEP:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
    return _caller_of(token)


def _caller_of(token: Token) -> Caller:
    kind = TokenKind(token.kind)
    return Caller(
        user_id=token.user_id,
        username=token.user.username,
        kind=kind,
        model_name=token.model_name or None,
        token_id=token.pk,
        roles=_roles_of(token.user_id, only=MODEL_ROLES if kind is TokenKind.MODEL else None),
    )


def _roles_of(user_id: UUID, *, only: frozenset[Role] | None = None) -> dict[UUID, frozenset[Role]]:
    found: defaultdict[UUID, set[Role]] = defaultdict(set)
    for project_id, role in Membership.objects.filter(user_id=user_id).values_list("project_id", "role"):
        if only is None or role in only:
            found[project_id].add(Role(role))
    return {project_id: frozenset(roles) for project_id, roles in found.items()}


def caller_for(user: User) -> Caller:
    """The person as they are now, without a token: for work that goes on after their request."""
    return Caller(user_id=user.pk, username=user.username, roles=_roles_of(user.pk))


def caller_again(caller: Caller) -> Caller:
    """The same caller with the roles of this moment. Raises Unauthenticated when their access has ended."""
    if caller.token_id is None:
        user = User.objects.filter(pk=caller.user_id, is_active=True).first()
        if user is None:
            raise Unauthenticated("user_inactive", "The person has no access any more.")
        return caller_for(user)
    live = Q(revoked_at=None) & Q(expires_at__gt=timezone.now()) & Q(user__is_active=True)
    token = Token.objects.select_related("user").filter(live, pk=caller.token_id).first()
    if token is None:
        raise Unauthenticated("token_revoked", "The token was revoked or has expired.", remedy=_REMEDY)
    return _caller_of(token)


def projects_visible_to(caller: Caller) -> QuerySet[Project]:
    """The projects in which the caller holds a role."""
    return Project.objects.filter(pk__in=caller.projects)


def project(caller: Caller, project_id: UUID) -> Project:
    """One project of the caller's. Raises NotFound, the same for absent and for not theirs."""
    found = projects_visible_to(caller).filter(pk=project_id).first()
    if found is None:
        raise NotFound("project")
    return found


def tokens_of(caller: Caller) -> QuerySet[Token]:
    """The caller's own tokens, newest first."""
    return Token.objects.filter(user_id=caller.user_id).order_by("-created_at", "-id")
