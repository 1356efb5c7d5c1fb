"""Bearer tokens: issued, revoked."""

import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

import audit
from audit import Event
from config.environment import settings
from config.errors import NotFound
from config.verdicts import require
from identity import rules
from identity.actions.actors import actor
from identity.callers import Caller, pseudonym_of
from identity.models import Token, User
from identity.queries import digest_of
from identity.states import TokenKind


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
        actor=actor(by),
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
        audit.append(Event.TOKEN_REVOKED, tenant=None, actor=actor(by), subject=f"token:{token.pk}")
    return token
