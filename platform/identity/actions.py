"""Writes of identity. `by` is None when the machine's operator acts through manage.py."""

import secrets
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

import audit
from audit import Event
from config.environment import settings
from config.errors import Conflict, NotFound
from config.verdicts import require
from identity import rules
from identity.callers import Caller, pseudonym_of
from identity.models import Membership, Project, Token, User
from identity.queries import digest_of
from identity.states import Classification, Role, TokenKind


def _actor(by: Caller | None) -> str | None:
    return by.pseudonym if by is not None else None


@audit.refusals
@transaction.atomic
def create_user(username: str, *, display_name: str = "", password: str | None = None, by: Caller | None) -> User:
    """Add a person. Raises Conflict username_taken."""
    user = User(username=username, display_name=display_name)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise Conflict("username_taken", "username: another person has this name already.") from None
    audit.append(Event.USER_CREATED, tenant=None, actor=_actor(by), subject=f"person:{pseudonym_of(user.pk)}")
    return user


@audit.refusals
@transaction.atomic
def create_project(
    slug: str, name: str, *, classification: Classification = Classification.INTERNAL, by: Caller | None
) -> Project:
    """Add a project. Raises Conflict slug_taken."""
    project = Project(slug=slug, name=name, classification=classification.value)
    try:
        with transaction.atomic():
            project.save(force_insert=True)
    except IntegrityError:
        raise Conflict("slug_taken", "slug: another project has this name already.") from None
    audit.append(
        Event.PROJECT_CREATED,
        tenant=project.pk,
        actor=_actor(by),
        subject=f"project:{project.pk}",
        facts={"classification": classification.value},
    )
    return project


@audit.refusals
@transaction.atomic
def add_member(project: Project, user: User, role: Role, *, by: Caller | None) -> Membership:
    """Give a person a role in a project; giving it twice changes nothing."""
    membership, created = Membership.objects.get_or_create(user=user, project=project, role=role.value)
    if created:
        _append_member(Event.MEMBER_ADDED, project.pk, user.pk, role, by)
    return membership


@audit.refusals
@transaction.atomic
def remove_member(project: Project, user: User, role: Role, *, by: Caller | None) -> None:
    """Take a role from a person. Raises NotFound."""
    deleted, _ = Membership.objects.filter(user=user, project=project, role=role.value).delete()
    if not deleted:
        raise NotFound("member")
    _append_member(Event.MEMBER_REMOVED, project.pk, user.pk, role, by)


def _append_member(event: Event, project_id: UUID, user_id: UUID, role: Role, by: Caller | None) -> None:
    audit.append(
        event,
        tenant=project_id,
        actor=_actor(by),
        subject=f"person:{pseudonym_of(user_id)}",
        facts={"role": role.value},
    )


@audit.refusals
@transaction.atomic
def issue_token(
    user: User,
    kind: TokenKind,
    expires_in: timedelta,
    *,
    model_name: str | None = None,
    name: str = "",
    token_id: UUID | None = None,
    by: Caller | None,
) -> tuple[Token, str]:
    """Make a token and its secret, which nobody can read again. Refused by the rules of identity.rules."""
    if by is not None:
        require(rules.may_manage_tokens(by))
        require(rules.may_revoke(user.pk, by))
    require(rules.may_be_of_kind(kind, model_name))
    require(rules.may_live(expires_in, longest=timedelta(days=settings().token_max_days)))
    secret = secrets.token_urlsafe(32)
    now = timezone.now()
    token = Token(
        user=user,
        kind=kind.value,
        name=name,
        model_name=model_name or "",
        digest=digest_of(secret),
        prefix=secret[:4],
        created_at=now,
        expires_at=now + expires_in,
    )
    if token_id is not None:
        token.pk = token_id
    token.save(force_insert=True)
    audit.append(
        Event.TOKEN_ISSUED,
        tenant=None,
        actor=_actor(by),
        subject=f"token:{token.pk}",
        facts={"kind": kind.value, "person": pseudonym_of(user.pk), "expires_at": token.expires_at.isoformat()},
    )
    return token, f"bwk_{token.pk.hex}_{secret}"


@audit.refusals
@transaction.atomic
def revoke_token(token_id: UUID, *, by: Caller) -> Token:
    """End a token now; ending it twice changes nothing. Raises NotFound for tokens of others."""
    token = Token.objects.select_for_update().filter(pk=token_id, user_id=by.user_id).first()
    if token is None:
        raise NotFound("token")
    require(rules.may_revoke(token.user_id, by))
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        audit.append(Event.TOKEN_REVOKED, tenant=None, actor=_actor(by), subject=f"token:{token.pk}")
    return token
