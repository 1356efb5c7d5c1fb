"""ID tokens, checked in full as OpenID Connect Core 1.0, section 3.1.3.7, asks; nothing is left to the connection."""

import hmac
from collections.abc import Mapping
from typing import Any

import jwt
from jwt.api_jwk import PyJWK

# By kind of key: signatures that only the provider can make. Never "none", and never a secret that both sides know.
ALGORITHMS = {
    "RSA": frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    "EC": frozenset({"ES256", "ES384", "ES512"}),
    "OKP": frozenset({"EdDSA"}),
}
LEEWAY_SECONDS = 60
REQUIRED = ["iss", "sub", "aud", "exp", "iat", "nonce"]
# OpenID Connect Core 1.0, section 2: at most 255 ASCII characters.
LONGEST_SUBJECT = 255


class NotAnIdToken(Exception):
    """The token proves nothing; `reason` is a word for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def claims_of(token: str, keys: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str) -> dict[str, Any]:
    """What the provider says of who signed in. Raises NotAnIdToken."""
    key = _key_of(token, keys)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=[key.algorithm_name],
            issuer=issuer,
            audience=client_id,
            leeway=LEEWAY_SECONDS,
            options={"require": REQUIRED, "strict_aud": False},
        )
    except jwt.InvalidIssuerError:
        raise NotAnIdToken("oidc_issuer") from None
    except jwt.InvalidAudienceError:
        raise NotAnIdToken("oidc_audience") from None
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError):
        raise NotAnIdToken("oidc_time") from None
    except jwt.PyJWTError:
        raise NotAnIdToken("oidc_token") from None
    _require_for_us(claims, client_id, nonce)
    return claims


def _key_of(token: str, keys: Mapping[str, Any]) -> PyJWK:
    """The one key of the provider's that the token can be signed with."""
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise NotAnIdToken("oidc_token") from None
    algorithm, name = header.get("alg"), header.get("kid")
    kinds = {kind for kind, theirs in ALGORITHMS.items() if algorithm in theirs}
    if not kinds:
        raise NotAnIdToken("oidc_algorithm")
    fitting = [
        key
        for key in keys.get("keys", [])
        if key.get("kty") in kinds
        and key.get("use") in (None, "sig")
        and key.get("alg") in (None, algorithm)
        and (name is None or key.get("kid") == name)
    ]
    if len(fitting) != 1:
        raise NotAnIdToken("oidc_key")
    try:
        return PyJWK(fitting[0], algorithm)
    except jwt.PyJWTError:
        raise NotAnIdToken("oidc_key") from None


def _require_for_us(claims: Mapping[str, Any], client_id: str, nonce: str) -> None:
    audience, party = claims["aud"], claims.get("azp")
    if (party is not None and party != client_id) or (isinstance(audience, list) and len(audience) > 1 and not party):
        raise NotAnIdToken("oidc_audience")
    given = claims["nonce"]
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise NotAnIdToken("oidc_nonce")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise NotAnIdToken("oidc_subject")
