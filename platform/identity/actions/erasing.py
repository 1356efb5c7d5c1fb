"""The erasure of a person: their access ends, and nothing here says any more who they were."""

from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.utils import timezone

import audit
from audit import Event
from identity.actions.actors import actor
from identity.actions.sessions import end_session
from identity.callers import Caller, pseudonym_of
from identity.models import Membership, Session, Token, User
from identity.states import SessionEnd


def erase_person(user_id: UUID, *, by: Caller | None) -> None:
    """End every access of a person and remove their names, in the caller's own transaction. Twice changes nothing.

    The row stays, without a name: what they did still has somebody who did it.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    _end_tokens(user_id, by)
    for session_id in Session.objects.filter(user_id=user_id, ended_at=None).values_list("pk", flat=True):
        end_session(session_id, SessionEnd.ERASED, by=by)
    Session.objects.filter(user_id=user_id).delete()
    _remove_ways_in(user_id, by)
    _end_memberships(user_id, by)
    user.username, user.display_name = f"erased-{user_id.hex}", ""
    user.is_active, user.last_login = False, None
    user.set_unusable_password()
    user.save()


def _end_tokens(user_id: UUID, by: Caller | None) -> None:
    now = timezone.now()
    for token_id in Token.objects.filter(user_id=user_id, revoked_at=None).values_list("pk", flat=True):
        Token.objects.filter(pk=token_id).update(revoked_at=now)
        audit.append(Event.TOKEN_REVOKED, tenant=None, actor=actor(by), subject=f"token:{token_id}")
    Token.objects.filter(user_id=user_id).update(name="", prefix="")


def _remove_ways_in(user_id: UUID, by: Caller | None) -> None:
    person = pseudonym_of(user_id)
    factors = Authenticator.objects.filter(user_id=user_id)
    for kind in list(factors.values_list("type", flat=True)):
        audit.append(
            Event.FACTOR_REMOVED, tenant=None, actor=actor(by), subject=f"person:{person}", facts={"kind": kind}
        )
    # Without the signal that would record the removal as the person's own deed.
    factors._raw_delete(factors.db)
    SocialAccount.objects.filter(user_id=user_id).delete()
    EmailAddress.objects.filter(user_id=user_id).delete()


def _end_memberships(user_id: UUID, by: Caller | None) -> None:
    held = Membership.objects.filter(user_id=user_id)
    for project_id, role in list(held.values_list("project_id", "role")):
        audit.append(
            Event.MEMBER_REMOVED,
            tenant=project_id,
            actor=actor(by),
            subject=f"person:{pseudonym_of(user_id)}",
            # Nobody asked for this by itself.
            facts={"role": role, "request": None},
        )
    held.delete()
