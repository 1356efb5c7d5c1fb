"""Who asks, as every action and query sees them. Apps share this module."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from config.environment import settings
from identity.states import Role, TokenKind


@cache
def _pseudonym_key() -> bytes:
    return hmac.digest(settings().secret_key.get_secret_value().encode(), b"bailiwick pseudonym v1", hashlib.sha256)


def pseudonym_of(user_id: UUID) -> str:
    """Name a person in the log: stable, and meaningless without the platform's secret key. 64 hex digits."""
    return hmac.digest(_pseudonym_key(), user_id.bytes, hashlib.sha256).hex()


def is_pseudonym(text: str) -> bool:
    """Whether it has the form of a person's name in the log."""
    return re.fullmatch(r"[0-9a-f]{64}", text) is not None


def mark_of(text: str) -> str:
    """Tell a name or an address from others where it must not be told itself. 16 hex digits; meaningless without the
    platform's secret key."""
    return hmac.digest(_pseudonym_key(), b"mark " + text.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()[:16]


@dataclass(frozen=True)
class Caller:
    """A person, or a model that acts for one; `roles` are already cut down to what the token's kind may use."""

    user_id: UUID
    username: str
    kind: TokenKind = TokenKind.PERSON
    model_name: str | None = None
    token_id: UUID | None = None
    session_id: UUID | None = None
    roles: Mapping[UUID, frozenset[Role]] = field(default_factory=dict)

    # What Django REST framework asks of `request.user`.
    is_authenticated = True
    is_active = True

    @property
    def pk(self) -> UUID:
        """The person's id."""
        return self.user_id

    @property
    def id(self) -> UUID:
        """The person's id."""
        return self.user_id

    def roles_in(self, project_id: UUID | None) -> frozenset[Role]:
        """The caller's roles in a project; empty for a stranger."""
        return frozenset() if project_id is None else self.roles.get(project_id, frozenset())

    def projects_as(self, *roles: Role) -> frozenset[UUID]:
        """The projects in which the caller holds at least one of the roles."""
        wanted = frozenset(roles)
        return frozenset(project for project, held in self.roles.items() if held & wanted)

    @property
    def projects(self) -> frozenset[UUID]:
        """The ids of the projects in which the caller holds any role."""
        return frozenset(project for project, held in self.roles.items() if held)

    @property
    def pseudonym(self) -> str:
        """The person's name in the log."""
        return pseudonym_of(self.user_id)

    @property
    def audience_model(self) -> bool:
        """Whether what this caller reads has left to a language model."""
        return self.kind is TokenKind.MODEL
