"""ID tokens: one that is ours, and every way in which one is not. Each fault alone."""

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from identity.id_tokens import NotAnIdToken, claims_of

ISSUER, CLIENT, NONCE = "https://idp.example.org", "bailiwick", "n" * 43
PROVIDER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())


def public(key: Any, **fields: Any) -> dict[str, Any]:
    """The public half as the provider publishes it."""
    kind = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return {**json.loads(kind.to_jwk(key.public_key())), "use": "sig", **fields}


KEYS = {"keys": [public(PROVIDER, kid="one", alg="RS256"), public(CURVE, kid="two", alg="ES256")]}


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    whole = {"iss": ISSUER, "sub": "248289761001", "aud": CLIENT, "nonce": NONCE, "iat": now, "exp": now + 300}
    return {name: value for name, value in {**whole, **changed}.items() if value is not None}


def token(key: Any = PROVIDER, algorithm: str = "RS256", kid: str | None = "one", **changed: Any) -> str:
    return jwt.encode(claims(**changed), key, algorithm=algorithm, headers={"kid": kid} if kid else None)


def read(given: str, keys: dict[str, Any] = KEYS) -> dict[str, Any]:
    return claims_of(given, keys, issuer=ISSUER, client_id=CLIENT, nonce=NONCE)


def reason(given: str, keys: dict[str, Any] = KEYS) -> str:
    with pytest.raises(NotAnIdToken) as caught:
        read(given, keys)
    return caught.value.reason


def test_a_good_token_says_who_it_is() -> None:
    assert read(token())["sub"] == "248289761001"
    assert read(token(CURVE, "ES256", "two"))["sub"] == "248289761001"
    assert read(token(aud=[CLIENT, "other"], azp=CLIENT))["aud"] == [CLIENT, "other"]
    # A key without a name, or without an algorithm of its own, is found where there is one such.
    only = {"keys": [public(PROVIDER)]}
    assert read(token(kid=None), only)["sub"] == read(token(algorithm="PS256", kid=None), only)["sub"]


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"iss": "https://evil.example"}, "oidc_issuer"),
        ({"iss": ISSUER + "/"}, "oidc_issuer"),
        ({"aud": "another-client"}, "oidc_audience"),
        ({"aud": []}, "oidc_token"),
        ({"aud": [CLIENT, "other"]}, "oidc_audience"),
        ({"azp": "another-client"}, "oidc_audience"),
        ({"nonce": "m" * 43}, "oidc_nonce"),
        ({"nonce": ""}, "oidc_nonce"),
        ({"nonce": 7}, "oidc_nonce"),
        ({"exp": timedelta(seconds=-61)}, "oidc_time"),
        ({"iat": timedelta(seconds=300), "exp": timedelta(seconds=600)}, "oidc_time"),
        ({"nbf": timedelta(seconds=300)}, "oidc_time"),
        ({"sub": ""}, "oidc_subject"),
        ({"sub": "s" * 256}, "oidc_subject"),
        *[({name: None}, "oidc_token") for name in ("iss", "sub", "aud", "nonce", "iat", "exp")],
    ],
)
def test_a_token_that_is_not_for_us_is_refused(changed: dict[str, Any], word: str) -> None:
    """Taken out for a try, each for its row: issuer, audience, REQUIRED, the nonce, azp and the subject's length."""
    # Counted from now, not from when the tests were collected.
    now = int(time.time())
    at = {name: now + int(given.total_seconds()) for name, given in changed.items() if isinstance(given, timedelta)}
    assert reason(token(**changed | at)) == word


def unsigned(algorithm: str, signature: bytes = b"") -> str:
    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    header = json.dumps({"alg": algorithm, "kid": "one", "typ": "JWT"}).encode()
    return f"{part(header)}.{part(json.dumps(claims()).encode())}.{part(signature)}"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "RS1", "HS256"])
def test_a_token_without_a_signature_is_refused(algorithm: str) -> None:
    """Taken out for a try: the refusal of an algorithm that is not in ALGORITHMS."""
    assert reason(unsigned(algorithm)) == "oidc_algorithm"
    assert reason(unsigned("RS256")) == "oidc_token"


def test_a_public_key_is_no_shared_secret() -> None:
    """The classic confusion of algorithms. Taken out for a try: ALGORITHMS with HS256 in it."""
    secret = PROVIDER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, body, _ = unsigned("HS256").split(".")
    mac = hmac.digest(secret, f"{head}.{body}".encode(), hashlib.sha256)
    forged = f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    assert reason(forged) == "oidc_algorithm"
    with_secret = {"keys": [{"kty": "oct", "k": base64.urlsafe_b64encode(secret).decode(), "kid": "one"}]}
    assert reason(forged, with_secret) == "oidc_algorithm"


def test_another_key_opens_nothing() -> None:
    assert reason(token(STRANGER)) == "oidc_token"
    assert reason(token(STRANGER, kid="three")) == "oidc_key"
    assert reason(token(kid="two")) == "oidc_key"
    assert reason(token(), {"keys": []}) == "oidc_key"
    assert reason(token(kid=None), {"keys": [public(PROVIDER), public(STRANGER)]}) == "oidc_key"
    assert reason(token(), {"keys": [public(PROVIDER, kid="one", use="enc")]}) == "oidc_key"
    assert reason(token(algorithm="RS512")) == "oidc_key"
    for nonsense in ("", "a", "a.b", "a.b.c", "é.b.c"):
        assert reason(nonsense) == "oidc_token"
