"""Browsers in which a person signed in before: a cookie that opens nothing but has tries of its own (OWASP).

Whoever hammers an account from elsewhere uses up other tries than its person does at home.
"""

import secrets
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from identity.callers import pseudonym_of

LIFE = 180 * 86_400
_SALT = "bailiwick known device v1"
# People who share a browser; the one who was longest away is forgotten first.
_PEOPLE = 5


def device_of(request: HttpRequest, user_id: UUID | None) -> str | None:
    """The name of this browser among those where the person signed in; None for another's, or a forged one."""
    return None if user_id is None else _known(request).get(pseudonym_of(user_id))


def remember(request: HttpRequest, response: HttpResponse, user_id: UUID) -> None:
    """Have the browser show, the next time, that this person signed in here."""
    known = _known(request)
    person = pseudonym_of(user_id)
    device = known.pop(person, None) or secrets.token_hex(8)
    kept = dict([*known.items(), (person, device)][-_PEOPLE:])
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(kept, salt=_SALT),
        max_age=LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        # It comes along from an identity provider, too, where it would be forgotten otherwise.
        samesite="Lax",
    )


def _known(request: HttpRequest) -> dict[str, str]:
    try:
        known: dict[str, str] = signing.loads(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=_SALT, max_age=LIFE
        )
    except signing.BadSignature:
        return {}
    return known
