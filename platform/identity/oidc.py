"""Sign-in by an OpenID provider, on top of allauth's: with a nonce, with PKCE, and the ID token checked in full."""

import hashlib
import json
import secrets
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404, HttpRequest, HttpResponse

from config.environment import settings
from identity.id_tokens import NotAnIdToken, claims_of

ID = "oidc"
CALLBACK = "/accounts/oidc/login/callback/"


class ProviderFault(OAuth2Error):  # type: ignore[misc]
    """The provider lets nobody in now; `reason` is a word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def subject_of(claims: dict[str, Any]) -> str:
    """One name for issuer and subject together: neither means anything without the other. 64 hex digits."""
    return hashlib.sha256(json.dumps([claims["iss"], claims["sub"]]).encode()).hexdigest()


class OAuth2Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """One exchange with the provider."""

    nonce = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        """The provider's own description, which must be of the issuer that is set. Raises ProviderFault."""
        try:
            config: dict[str, Any] = super().openid_config
        except (OSError, ValueError):
            raise ProviderFault("oidc_unavailable") from None
        if config.get("issuer") != settings().oidc_issuer:
            raise ProviderFault("oidc_issuer")
        return config

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """Where the provider sends people back to: never built from what a request says its host is."""
        return settings().public_url.rstrip("/") + CALLBACK

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        """Who signed in, by the ID token alone. Raises ProviderFault."""
        try:
            claims = claims_of(
                str(kwargs["response"].get("id_token", "")),
                self._keys(),
                issuer=self.openid_config["issuer"],
                client_id=app.client_id,
                nonce=self.nonce,
            )
        except NotAnIdToken as fault:
            raise ProviderFault(fault.reason) from None
        login = self.get_provider().sociallogin_from_response(request, claims)
        login.claims = claims
        return login

    def _keys(self) -> dict[str, Any]:
        try:
            with get_adapter().get_requests_session() as session:
                answer = session.get(self.openid_config["jwks_uri"])
                answer.raise_for_status()
                keys: dict[str, Any] = answer.json()
        except (OSError, ValueError):
            raise ProviderFault("oidc_unavailable") from None
        return keys


class Provider(OpenIDConnectProvider):  # type: ignore[misc]
    """What makes this provider ours: who somebody is, and what is asked for them."""

    oauth2_adapter_class = OAuth2Adapter
    # A token that a browser brings along was made for whoever asked for it.
    supports_token_authentication = False

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """Send the browser to the provider, with a nonce that the ID token must bring back."""
        nonce = secrets.token_urlsafe(32)
        asked = {**self.get_auth_params(), "nonce": nonce}
        response: HttpResponse
        try:
            response = super().redirect(
                request, process, next_url=next_url, data={"nonce": nonce}, auth_params=asked, **kwargs
            )
        except ProviderFault as fault:
            response = render_authentication_error(request, self, exception=fault)
        return response

    def extract_uid(self, data: dict[str, Any]) -> str:
        """Issuer and subject: the one thing by which somebody is known again."""
        return subject_of(data)

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What is kept of them."""
        return {"iss": data["iss"], "sub": data["sub"]}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        """Nothing by which an account here could be taken for theirs."""
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        """None are kept."""
        return []


class _Callback(OAuth2CallbackView):  # type: ignore[misc]
    adapter: OAuth2Adapter
    state: dict[str, Any] | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the answer; a provider that does not stand by it lets nobody in."""
        response: HttpResponse
        try:
            response = super().dispatch(request, *args, **kwargs)
        except ProviderFault as fault:
            told = {"state": self.state} if self.state else None
            response = render_authentication_error(
                request, self.adapter.get_provider(), exception=fault, extra_context=told
            )
        return response

    def _get_state(self, request: HttpRequest, provider: Any) -> tuple[Any, Any]:
        self.state, refusal = super()._get_state(request, provider)
        if self.state is not None:
            self.adapter.nonce = str((self.state.get("data") or {}).get("nonce", ""))
            # RFC 9207: an answer that names its issuer must name ours.
            if request.GET.get("iss", settings().oidc_issuer) != settings().oidc_issuer:
                raise ProviderFault("oidc_issuer")
        return self.state, refusal


def callback(request: HttpRequest) -> HttpResponse:
    """Where the provider sends people back to."""
    if not settings().oidc_issuer:
        raise Http404
    response: HttpResponse = _Callback.adapter_view(OAuth2Adapter(request, ID))(request)
    return response


provider_classes = [Provider]
