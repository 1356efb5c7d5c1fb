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

from config.environment import settings
from config.errors import NotFound, Unauthenticated
from config.verdicts import Denied, require
from identity import rules
from identity.callers import Caller, is_pseudonym, pseudonym_of
from identity.models import Membership, Project, Session, Token, User
from identity.states import ANONYMOUS_LIFE, MODEL_ROLES, Role, TokenKind

_BEARER = re.compile(r"bwk_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")
_USED_STEP = timedelta(minutes=1)
# What the session remembers is sealed for this purpose.
SEALED_FOR = "session"
_SIGN_IN = "Sign in again."
_REMEDY = "Issue a new token with POST /api/v1/tokens, or ask a platform admin."


def digest_of(secret: str) -> bytes:
    """The stored form of a token's or cookie's secret: 256 random bits need no slow hash."""
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


class _Present(NamedTuple):
    """A session with its person, and one of that person's roles (both None for a person without any)."""

    id: UUID
    password_mark: str
    created_at: datetime
    last_seen_at: datetime
    ended_at: datetime | None
    user_id: UUID | None
    username: str
    password: str
    is_active: bool
    project_id: UUID | None
    role: str | None


_PRESENT = (
    *("id", "password_mark", "created_at", "last_seen_at", "ended_at", "user_id", "user__username", "user__password"),
    *("user__is_active", "user__memberships__project_id", "user__memberships__role"),
)


def _present(found: QuerySet[Session]) -> list[_Present]:
    """One row a role, as for tokens."""
    return list(map(_Present._make, found.values_list(*_PRESENT)))


def caller_in_session(key: str, *, attended: bool = True) -> Caller | None:
    """Say who signed in to the session of this cookie; None where nobody did. Raises Unauthenticated.

    A request that no person made (`attended` is False) does not put off the session's end.
    """
    present = _present(Session.objects.filter(digest=digest_of(key)))
    if not present:
        raise Unauthenticated("session_ended", "The session has ended.", remedy=_SIGN_IN)
    now = timezone.now()
    session = present[0]
    if session.user_id is None:
        return None
    caller = _caller_present(present, now)
    if attended and now - session.last_seen_at > _USED_STEP:
        Session.objects.filter(pk=session.id, last_seen_at__lt=now).update(last_seen_at=now)
    return caller


def _caller_present(present: Sequence[_Present], now: datetime) -> Caller:
    session = present[0]
    # Made from what the person's password is now; Django compares the same where it looks a session up.
    mark = User(password=session.password).get_session_auth_hash()
    if session.ended_at is not None or session.user_id is None or not hmac.compare_digest(session.password_mark, mark):
        raise Unauthenticated("session_ended", "The session has ended.", remedy=_SIGN_IN)
    verdict = rules.session_lives(session.created_at, session.last_seen_at, session_limits(), now=now)
    if isinstance(verdict, Denied):
        raise Unauthenticated(verdict.code, verdict.message, remedy=verdict.remedy)
    if not session.is_active:
        raise Unauthenticated("user_inactive", "The person has no access any more.")
    roles = [(one.project_id, one.role) for one in present if one.project_id is not None and one.role is not None]
    return Caller(user_id=session.user_id, username=session.username, session_id=session.id, roles=_by_project(roles))


def session_limits() -> rules.Limits:
    """How long sessions last here."""
    return rules.Limits(
        timedelta(minutes=settings().session_idle_minutes), timedelta(hours=settings().session_max_hours)
    )


def kept_session(key: str) -> Session | None:
    """The session of this cookie as the sign-in pages use it, before and after the sign-in; None when it is over."""
    session = Session.objects.filter(digest=digest_of(key), ended_at=None).first()
    if session is None:
        return None
    now = timezone.now()
    if session.user_id is None:
        return session if now < session.last_seen_at + ANONYMOUS_LIFE else None
    verdict = rules.session_lives(session.created_at, session.last_seen_at, session_limits(), now=now)
    return None if isinstance(verdict, Denied) else session


def sessions_of(caller: Caller) -> QuerySet[Session]:
    """The caller's own sessions that have not ended, newest first."""
    now = timezone.now()
    limits = session_limits()
    return Session.objects.filter(
        user_id=caller.user_id,
        ended_at=None,
        last_seen_at__gt=now - limits.idle,
        created_at__gt=now - limits.longest,
    ).order_by("-created_at", "-id")


def caller_again(caller: Caller) -> Caller:
    """The same caller with the roles of this moment. Raises Unauthenticated when their access has ended."""
    if caller.session_id is not None:
        present = _present(Session.objects.filter(pk=caller.session_id))
        if not present:
            raise Unauthenticated("session_ended", "The session has ended.", remedy=_SIGN_IN)
        return _caller_present(present, timezone.now())
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


def members_of(caller: Caller, project_id: UUID) -> QuerySet[Membership]:
    """Who has which role in a project, oldest first. Raises NotFound, or Refused for who does not administer it."""
    found = project(caller, project_id)
    require(rules.may_manage_members(found.pk, caller))
    return Membership.objects.filter(project=found).select_related("user").order_by("created_at", "id")


def tokens_of(caller: Caller) -> QuerySet[Token]:
    """The caller's own tokens, newest first."""
    return Token.objects.filter(user_id=caller.user_id).order_by("-created_at", "-id")


def person_called(name: str) -> User | None:
    """The person of that pseudonym or username, whoever asks: whoever calls must have decided who may know of them."""
    if not is_pseudonym(name):
        return User.objects.filter(username=name).first()
    # Nothing but the secret key leads from a pseudonym to a person.
    people = User.objects.order_by("pk").values_list("pk", flat=True).iterator()
    found = next((user_id for user_id in people if pseudonym_of(user_id) == name), None)
    return None if found is None else User.objects.get(pk=found)


def projects_of(user_id: UUID) -> frozenset[UUID]:
    """The projects in which a person holds a role."""
    return frozenset(Membership.objects.filter(user_id=user_id).values_list("project_id", flat=True))


def lock_projects(projects: Iterable[UUID]) -> None:
    """Hold these projects' rows until the transaction ends, always in one order; who only uses them does not wait."""
    rows = Project.objects.filter(pk__in=list(projects)).order_by("pk").select_for_update(no_key=True)
    list(rows.values_list("pk", flat=True))


def every_project() -> list[UUID]:
    """The ids of all projects, for the platform's own work."""
    return list(Project.objects.order_by("pk").values_list("pk", flat=True))
