"""Bearer tokens at the door."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from config import metrics
from config.errors import Unauthenticated
from doors import throttling
from identity.callers import Caller
from identity.queries import authenticate


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


def caller(request: Request) -> Caller:
    """Who asks. Raises Unauthenticated where a view let anybody in."""
    user: object = request.user
    if not isinstance(user, Caller):
        raise Unauthenticated("token_missing", "This door needs a bearer token.")
    return user
