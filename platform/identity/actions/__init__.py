"""The only writes of identity. `by` is None when the machine's operator acts through manage.py."""

from identity.actions.erasing import erase_person
from identity.actions.members import add_member, admit, change_role, dismiss, remove_member, request_role_change
from identity.actions.people import create_project, create_user, provision
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
    "admit",
    "change_role",
    "create_project",
    "create_user",
    "dismiss",
    "end_overdue",
    "end_session",
    "end_session_of",
    "erase_person",
    "forget_ended",
    "forget_used",
    "issue_token",
    "keep_session",
    "provision",
    "record_factor",
    "record_refused_sign_in",
    "record_throttled_sign_in",
    "remove_member",
    "request_role_change",
    "revoke_token",
    "set_password",
    "start_session",
    "use_once",
]
