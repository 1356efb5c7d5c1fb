"""The only writes of identity. `by` is None when the machine's operator acts through manage.py."""

from identity.actions.people import add_member, create_project, create_user, provision, remove_member
from identity.actions.sessions import (
    end_overdue,
    end_session,
    end_session_of,
    forget_ended,
    keep_session,
    start_session,
)
from identity.actions.signing_in import (
    forget_used,
    record_factor,
    record_refused_sign_in,
    record_throttled_sign_in,
    set_password,
    use_once,
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
    "forget_used",
    "issue_token",
    "keep_session",
    "provision",
    "record_factor",
    "record_refused_sign_in",
    "record_throttled_sign_in",
    "remove_member",
    "revoke_token",
    "set_password",
    "start_session",
    "use_once",
]
