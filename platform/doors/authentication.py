"""Who asks: a program by its bearer token, a person in a browser by their session's cookie."""

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from config import metrics
from config.errors import Unauthenticated
from doors import csrf, throttling
from identity.callers import Caller
from identity.queries import authenticate, caller_in_session


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer bwk_…`; `request.user` is then a Caller."""

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        """Who asks, or None when no credentials came. Raises Unauthenticated."""
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer":
            raise Unauthenticated(
                "scheme_unknown", "Only bearer tokens are taken here.", remedy="Send `Authorization: Bearer <token>`."
            )
        address = str(request.META.get("REMOTE_ADDR", ""))
        try:
            with metrics.governing("identity"):
                return authenticate(credentials.strip()), None
        except Unauthenticated:
            throttling.count_failed_sign_in(address)
            raise

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return 'Bearer realm="bailiwick"'


class SessionAuthentication(BaseAuthentication):
    """The console's cookie, asked only where no token came. A change proves that it comes from our own pages.

    `X-Unattended: true` marks what a page asks by itself: it does not put off the end of an idle session.
    """

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        """Who signed in, or None when nobody did. Raises Unauthenticated, and Refused for another origin's pages."""
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if not key:
            return None
        csrf.require_own_page(request._request)
        csrf.require_proof(request._request)
        attended = request.headers.get("X-Unattended", "").lower() != "true"
        caller = caller_in_session(key, attended=attended)
        return None if caller is None else (caller, None)


def caller(request: Request) -> Caller:
    """Who asks. Raises Unauthenticated where a view let anybody in."""
    user: object = request.user
    if not isinstance(user, Caller):
        raise Unauthenticated("token_missing", "This door needs a bearer token, or a session's cookie.")
    return user
