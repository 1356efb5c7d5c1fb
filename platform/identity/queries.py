"""Reads of identity, already cut down to what the caller may see."""

import hashlib
import hmac
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet
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


class _Held(NamedTuple):
    """A token with its person, and one of that person's roles (both None for a person without any)."""

    id: UUID
    digest: bytes
    kind: str
    model_name: str
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    user_id: UUID
    username: str
    is_active: bool
    project_id: UUID | None
    role: str | None


_HELD = (
    *("id", "digest", "kind", "model_name", "expires_at", "revoked_at", "last_used_at"),
    *("user_id", "user__username", "user__is_active", "user__memberships__project_id", "user__memberships__role"),
)


def _held(token_id: UUID) -> list[_Held]:
    """One row a role: every request asks this, so it is one question."""
    return list(map(_Held._make, Token.objects.filter(pk=token_id).values_list(*_HELD)))


def authenticate(bearer: str) -> Caller:
    """Say who holds the token. Raises Unauthenticated: token_unknown, token_revoked or token_expired."""
    match = _BEARER.fullmatch(bearer)
    held = _held(UUID(match[1])) if match else []
    if match is None or not held or not hmac.compare_digest(digest_of(match[2]), bytes(held[0].digest)):
        raise Unauthenticated("token_unknown", "The bearer token is not one of ours.", remedy=_REMEDY)
    now = timezone.now()
    caller = _caller_of(held, now)
    last_used_at = held[0].last_used_at
    if last_used_at is None or now - last_used_at > _USED_STEP:
        Token.objects.filter(pk=held[0].id).update(last_used_at=now)
    return caller


def _caller_of(held: Sequence[_Held], now: datetime) -> Caller:
    token = held[0]
    if token.revoked_at is not None:
        raise Unauthenticated("token_revoked", "The token was revoked.", remedy=_REMEDY)
    if token.expires_at <= now:
        raise Unauthenticated("token_expired", "The token has expired.", remedy=_REMEDY)
    if not token.is_active:
        raise Unauthenticated("user_inactive", "The token's person has no access any more.")
    kind = TokenKind(token.kind)
    roles = [(one.project_id, one.role) for one in held if one.project_id is not None and one.role is not None]
    return Caller(
        user_id=token.user_id,
        username=token.username,
        kind=kind,
        model_name=token.model_name or None,
        token_id=token.id,
        roles=_by_project(roles, only=MODEL_ROLES if kind is TokenKind.MODEL else None),
    )


def _by_project(
    roles: Iterable[tuple[UUID, str]], *, only: frozenset[Role] | None = None
) -> dict[UUID, frozenset[Role]]:
    found: defaultdict[UUID, set[Role]] = defaultdict(set)
    for project_id, role in roles:
        if only is None or role in only:
            found[project_id].add(Role(role))
    return {project_id: frozenset(held) for project_id, held in found.items()}


def caller_for(user: User) -> Caller:
    """The person as they are now, without a token: for work that goes on after their request."""
    roles = Membership.objects.filter(user_id=user.pk).values_list("project_id", "role")
    return Caller(user_id=user.pk, username=user.username, roles=_by_project(roles))


def caller_again(caller: Caller) -> Caller:
    """The same caller with the roles of this moment. Raises Unauthenticated when their access has ended."""
    if caller.token_id is None:
        user = User.objects.filter(pk=caller.user_id, is_active=True).first()
        if user is None:
            raise Unauthenticated("user_inactive", "The person has no access any more.")
        return caller_for(user)
    held = _held(caller.token_id)
    if not held:
        raise Unauthenticated("token_unknown", "The token is not there any more.", remedy=_REMEDY)
    return _caller_of(held, timezone.now())


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
