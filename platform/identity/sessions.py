"""Django's session engine (SESSION_ENGINE) over identity's table: an opaque cookie, a digest and a seal at rest.

Only the pages that sign people in use it. The API looks the cookie up itself, in one question with the caller's roles.
"""

import json
import secrets
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from identity import actions, queries, sealing
from identity.actions.sessions import Visitor
from identity.states import SessionEnd


class SessionStore(SessionBase):
    """One browser's session; `id` is known once it was found or kept."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.id: UUID | None = None
        self.visitor = Visitor()

    def load(self) -> dict[str, Any]:
        """What it remembers; nothing, under no key, when there is no such session or its time is up."""
        found = queries.kept_session(self.session_key) if self.session_key else None
        if found is None:
            # A key that we did not make is never taken up: nobody fixes another's session.
            self._session_key = None
            return {}
        self.id = found.pk
        content: dict[str, Any] = json.loads(
            sealing.unseal(bytes(found.data), purpose=queries.SEALED_FOR, place=found.pk.bytes)
        )
        return content

    def exists(self, session_key: str) -> bool:
        """Whether there is a session of this key."""
        return queries.kept_session(session_key) is not None

    def create(self) -> None:
        """Begin with nothing, under a new key."""
        self.id = None
        self._session_cache: dict[str, Any] = {}
        self.save(must_create=True)

    def save(self, must_create: bool = False) -> None:
        """Keep what it remembers. Raises UpdateError when the session has ended meanwhile."""
        data = dict(self.items())
        if self._session_key is None:
            self._session_key = _new_key()
        self.id = actions.keep_session(self.id, self._session_key, data, self.visitor)

    def cycle_key(self) -> None:
        """Go on under a new key. The old one opens nothing as soon as this is saved."""
        self._session_cache = dict(self.items())
        self._session_key = _new_key()
        self.modified = True

    def delete(self, session_key: str | None = None) -> None:
        """End the session."""
        key = session_key or self.session_key
        if self.id is None and key and (found := queries.kept_session(key)) is not None:
            self.id = found.pk
        if self.id is not None:
            actions.end_session(self.id, SessionEnd.SIGNED_OUT)
        self.id = None


def _new_key() -> str:
    return secrets.token_urlsafe(32)
