"""How django-allauth works here: no self sign-up, no e-mail, nothing linked by a name, and every way in on record."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from identity import actions, sealing
from identity.attempts import address_of
from identity.callers import mark_of
from identity.models import User

NAME = "Bailiwick"
_FACTOR = "second factor"
# What the log calls the ways in; a passkey is a WebAuthn credential that needs no password.
_WAYS = {"socialaccount": "oidc", "webauthn": "security_key"}


def ways_of(request: HttpRequest, user: User) -> list[str]:
    """By which ways the person proved who they are in this visit, in order, each once."""
    ways = []
    for record in get_authentication_records(request, user):
        way = record.get("type") or record["method"]
        ways.append("passkey" if record.get("passwordless") else _WAYS.get(way, way))
    return list(dict.fromkeys(ways))


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts that somebody else made: by manage.py, or by the organisation's OpenID provider."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account for themselves."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Pages of this origin alone."""
        host = self.request.get_host()
        return url_has_allowed_host_and_scheme(url, allowed_hosts={host}, require_https=self.request.is_secure())

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in under a new key; with its record, or not at all."""
        ways = ways_of(request, user)
        with transaction.atomic():
            super().login(request, user)
            session: Any = request.session
            session.save()
            actions.start_session(session.id, user, ways, mark_of(address_of(request)))
        request.signed_in = user  # type: ignore[attr-defined]

    def set_password(self, user: User, password: str) -> None:
        """Another password; every other session ends."""
        session: Any = self.request.session
        actions.set_password(user, password, kept=session.id)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Who was deactivated does not get in by any way."""
        actions.record_refused_sign_in(user.pk, "inactive", mark_of(address_of(request)))
        response: HttpResponse = super().respond_user_inactive(request, user)
        return response


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors whose secrets are sealed at rest."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return sealing.seal(text.encode(), purpose=_FACTOR).hex()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret. Raises Damaged."""
        return sealing.unseal(bytes.fromhex(encrypted_text), purpose=_FACTOR).decode()

    def _get_site_name(self) -> str:
        return NAME


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """People whom the OpenID provider names: known again by issuer and subject, made without any role."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Whoever the provider vouches for may come in, and sees nothing until somebody gives them a role."""
        return True

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Nobody is asked for a name: what the provider says is all."""
        return True

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Sign people in, and nothing else: an account here is never connected to one there.

        Whoever was deactivated is told so: the provider has just vouched that it is they who ask.
        """
        if sociallogin.state.get("process") != "login":
            raise PermissionDenied
        if sociallogin.is_existing and not sociallogin.user.is_active:
            actions.record_refused_sign_in(sociallogin.user.pk, "inactive", mark_of(address_of(request)))
            raise ValidationError("The account is not active.", code="inactive")

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> User:
        """Take nothing over before the account is made."""
        user: User = sociallogin.user
        return user

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        """Make the person, and remember issuer and subject, with the record of it."""
        account = sociallogin.account
        claims = sociallogin.claims
        user = actions.provision(account, name=claims.get("preferred_username"), display_name=claims.get("name"))
        sociallogin.user = user
        return user

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Record that the provider, or what came in its name, let nobody in."""
        reason = getattr(exception, "reason", None) or f"oidc_{getattr(error, 'value', error)}"
        actions.record_refused_sign_in(None, str(reason), mark_of(address_of(request)))
