"""The only writes of identity. `by` is None when the machine's operator acts through manage.py."""

from identity.actions.people import add_member, create_project, create_user, remove_member
from identity.actions.sessions import (
    end_overdue,
    end_session,
    end_session_of,
    forget_ended,
    keep_session,
    start_session,
)
from identity.actions.tokens import issue_token, revoke_token

__all__ = [
    "add_member",
    "create_project",
    "create_user",
    "end_overdue",
    "end_session",
    "end_session_of",
    "forget_ended",
    "issue_token",
    "keep_session",
    "remove_member",
    "revoke_token",
    "start_session",
]
