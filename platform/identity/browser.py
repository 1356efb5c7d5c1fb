"""The pages by which people sign in and look after their way in: django-allauth's, each try counted, each change whole.

What identity.browser_urls does not list is not served: no sign-up, no e-mail, no reset by it, no tokens brought along.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from allauth.headless.account import views as account
from allauth.headless.mfa import views as mfa
from allauth.headless.socialaccount.views import RedirectToProviderView
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.html import escape

from config.errors import Invalid, Refused
from identity import attempts
from identity.attempts import Try
from identity.models import User

type Data = dict[str, Any]
type Attempt = AbstractContextManager[Try | None]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class _Guarded:
    """A page on which somebody can guess: each try is counted before it is looked at, and given back if it is right."""

    request: HttpRequest
    # The field whose error is a wrong guess, and the word for it in the log.
    secret: ClassVar[str]
    reason: ClassVar[str]

    def attempt(self, data: Data) -> Attempt:
        """The try that this request makes."""
        raise NotImplementedError

    def handle_input(self, data: Data | None) -> HttpResponse | None:
        """The refusal of what came, if it is refused. Raises TooMany before it is looked at."""
        with self.attempt(data or {}) as one:
            refusal: HttpResponse | None = super().handle_input(data)  # type: ignore[misc]
            if one is not None and refusal is not None and self.secret in self.input.errors:  # type: ignore[attr-defined]
                one.reason = self.reason
        return refusal


class _Whole:
    """A page that changes a person's way in: with its record, or not at all."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer in one transaction."""
        with nullcontext() if request.method in _SAFE else transaction.atomic():
            response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response


def _signed_in(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


class Login(_Guarded, account.LoginView):  # type: ignore[misc]
    """Sign in by name and password."""

    secret = "password"
    reason = "password"

    def attempt(self, data: Data) -> Attempt:
        """A try at the named person's password; one without a name or a password is none."""
        name, password = data.get("username"), data.get("password")
        if not isinstance(name, str) or not name or not password:
            return nullcontext()
        return attempts.at_password(self.request, name)


class Reauthenticate(_Guarded, account.ReauthenticateView):  # type: ignore[misc]
    """Show the password once more, before something that matters."""

    secret = "password"
    reason = "password"

    def attempt(self, data: Data) -> Attempt:
        """A try at the password of who is signed in."""
        return attempts.at_password(self.request, _signed_in(self.request).username)


class ChangePassword(_Guarded, account.ChangePasswordView):  # type: ignore[misc]
    """Another password, for who has one."""

    secret = "current_password"
    reason = "password"

    def attempt(self, data: Data) -> Attempt:
        """A try at the present password. Raises Refused for a person who has none: it would be a second way in."""
        user = _signed_in(self.request)
        if not user.has_usable_password():
            raise Refused(
                "no_password",
                "You sign in without a password, so there is none to change.",
                remedy="Change it where you sign in; a platform admin can give you a password here.",
            )
        return attempts.at_password(self.request, user.username)


class SecondFactor(_Guarded, mfa.AuthenticateView):  # type: ignore[misc]
    """The code of an authenticator app, or a recovery code, after the password."""

    secret = "code"
    reason = "second_factor"

    def attempt(self, data: Data) -> Attempt:
        """A try at the code of who gave the password."""
        return attempts.at_code(self.request, self.stage.login.user.pk)


class SecondFactorAgain(_Guarded, mfa.ReauthenticateView):  # type: ignore[misc]
    """A code once more, before something that matters."""

    secret = "code"
    reason = "second_factor"

    def attempt(self, data: Data) -> Attempt:
        """A try at the code of who is signed in."""
        return attempts.at_code(self.request, _signed_in(self.request).pk)


class _Signed(_Guarded):
    """A page that takes a passkey's signature: nobody guesses one, and what failed is on record."""

    secret = "credential"
    reason = "passkey"

    def handle_input(self, data: Data | None) -> HttpResponse | None:
        """Check what came. Raises Invalid where it is nothing that an authenticator makes."""
        try:
            return super().handle_input(data)
        except (AttributeError, KeyError, TypeError):
            raise Invalid("malformed_credential", "credential: not what an authenticator gives.") from None


class Passkey(_Signed, mfa.LoginWebAuthnView):  # type: ignore[misc]
    """Sign in by a passkey alone."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The challenge to sign. Raises TooMany for an address that asks too often."""
        attempts.require_room(request)
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def attempt(self, data: Data) -> Attempt:
        """A signature of somebody's."""
        return attempts.at_signature(self.request, None)


class SecurityKey(_Signed, mfa.AuthenticateWebAuthnView):  # type: ignore[misc]
    """A security key, after the password."""

    def attempt(self, data: Data) -> Attempt:
        """A signature of who gave the password."""
        return attempts.at_signature(self.request, self.stage.login.user.pk)


class SecurityKeyAgain(_Signed, mfa.ReauthenticateWebAuthnView):  # type: ignore[misc]
    """A security key or passkey once more, before something that matters."""

    def attempt(self, data: Data) -> Attempt:
        """A signature of who is signed in."""
        return attempts.at_signature(self.request, _signed_in(self.request).pk)


class Authenticators(mfa.AuthenticatorsView):  # type: ignore[misc]
    """The person's second factors and passkeys."""


class AuthenticatorApp(_Whole, mfa.ManageTOTPView):  # type: ignore[misc]
    """An authenticator app: its secret, and its end."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Set it up by a code, which is used up by that (RFC 6238, section 5.2)."""
        response: HttpResponse = super().post(request, *args, **kwargs)
        if response.status_code == 200:
            made = Authenticator.objects.get(user=_signed_in(request), type=Authenticator.Type.TOTP)
            made.wrap().validate_code(self.input.cleaned_data["code"])
        return response


class Passkeys(_Whole, mfa.ManageWebAuthnView):  # type: ignore[misc]
    """Passkeys and security keys: made, renamed, removed."""


class RecoveryCodes(_Whole, mfa.ManageRecoveryCodesView):  # type: ignore[misc]
    """Recovery codes: shown once, made anew."""


# No redirect: browsers hold a form's answer against its page's form-action too, and ours lets no form lead elsewhere.
_ONWARD = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Bailiwick</title>'
    '<meta http-equiv="refresh" content="0;url={0}"><p><a href="{0}">Go on to sign in</a></p></html>'
)


class ToProvider(RedirectToProviderView):  # type: ignore[misc]
    """The way to the OpenID provider, from a form of ours."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send the browser on. Raises Refused for anything but a sign-in."""
        if request.POST.get("process") != "login":
            raise Refused("no_linking", "An account here is never connected to one elsewhere.")
        attempts.require_room(request)
        redirect: HttpResponse = super().post(request, *args, **kwargs)
        return HttpResponse(_ONWARD.format(escape(redirect["Location"])))
