"""The words of identity: roles, kinds of token, classes of data."""

from datetime import timedelta
from enum import StrEnum


class Role(StrEnum):
    """What a member may come for; design section 1."""

    ANALYST = "analyst"
    REVIEWER = "reviewer"
    POLICY_ADMIN = "policy_admin"
    AUDITOR = "auditor"
    PLATFORM_ADMIN = "platform_admin"


class TokenKind(StrEnum):
    """Whether a person's own program holds the token, or a language model that acts for the person."""

    PERSON = "person"
    MODEL = "model"


class SessionEnd(StrEnum):
    """Why a browser session is over."""

    SIGNED_OUT = "signed_out"
    ENDED_BY_OWNER = "ended_by_owner"
    EXPIRED = "expired"
    PASSWORD_CHANGED = "password_changed"
    ERASED = "erased"


class Classification(StrEnum):
    """How sensitive a project's data is, least first."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"


# Who reads a project's log, by a token or session of their own.
LOG_READERS = (Role.AUDITOR, Role.PLATFORM_ADMIN)

# A model helps an analyst. It never reviews, audits or administers, whatever its person may do.
MODEL_ROLES = frozenset({Role.ANALYST})

# Of a browser that has not signed in: longer than a second factor or another site's sign-in page takes.
ANONYMOUS_LIFE = timedelta(minutes=20)
