"""Addresses of the pages by which people sign in, and of the one to which an OpenID provider sends them back."""

from allauth.headless.account.views import SessionView
from allauth.headless.base.views import ConfigView
from allauth.headless.constants import Client
from django.urls import URLPattern, path

from identity import browser, oidc

_PAGES = {
    "config": ConfigView,
    "auth/session": SessionView,
    "auth/login": browser.Login,
    "auth/reauthenticate": browser.Reauthenticate,
    "auth/2fa/authenticate": browser.SecondFactor,
    "auth/2fa/reauthenticate": browser.SecondFactorAgain,
    "auth/webauthn/login": browser.Passkey,
    "auth/webauthn/authenticate": browser.SecurityKey,
    "auth/webauthn/reauthenticate": browser.SecurityKeyAgain,
    "auth/provider/redirect": browser.ToProvider,
    "account/password/change": browser.ChangePassword,
    "account/authenticators": browser.Authenticators,
    "account/authenticators/totp": browser.AuthenticatorApp,
    "account/authenticators/webauthn": browser.Passkeys,
    "account/authenticators/recovery-codes": browser.RecoveryCodes,
}

urlpatterns: list[URLPattern] = [
    *[
        path(f"_allauth/browser/v1/{address}", page.as_api_view(client=Client.BROWSER))
        for address, page in _PAGES.items()
    ],
    path(oidc.CALLBACK.removeprefix("/"), oidc.callback),
]
