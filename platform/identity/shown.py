"""What identity's doors show of a person and their sessions."""

from typing import Any

from allauth.mfa.models import Authenticator

from identity import queries, rules
from identity.callers import Caller
from identity.models import Session, User
from identity.states import Role


def me(by: Caller) -> dict[str, Any]:
    """Who the caller is, as they see it themselves."""
    user = User.objects.get(pk=by.user_id)
    return {
        "id": user.pk,
        "username": user.username,
        "display_name": user.display_name,
        "projects": [
            {"id": project.pk, "name": project.name, "roles": sorted(role.value for role in by.roles_in(project.pk))}
            for project in queries.projects_visible_to(by).order_by("name", "id")
        ],
        "platform_admin": bool(by.projects_as(Role.PLATFORM_ADMIN)),
        "session": _ends(by),
        "mfa": _factors(by),
    }


def _factors(by: Caller) -> dict[str, Any]:
    kinds = list(Authenticator.objects.filter(user_id=by.user_id).values_list("type", flat=True))
    return {"totp": Authenticator.Type.TOTP in kinds, "passkeys": kinds.count(Authenticator.Type.WEBAUTHN)}


def _ends(by: Caller) -> dict[str, Any] | None:
    if by.session_id is None:
        return None
    session = Session.objects.get(pk=by.session_id)
    idle, absolute = rules.session_ends(session.created_at, session.last_seen_at, queries.session_limits())
    return {"idle_expires_at": idle, "absolute_expires_at": absolute}


def session(session: Session, by: Caller) -> dict[str, Any]:
    """One of the caller's sessions."""
    return {
        "id": session.pk,
        "created_at": session.created_at,
        "last_seen_at": session.last_seen_at,
        "address": session.address,
        "user_agent": session.user_agent,
        "current": session.pk == by.session_id,
        "ended_at": session.ended_at,
    }
