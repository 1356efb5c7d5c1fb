"""What a person holds in their hand: an authenticator app (RFC 6238) and a passkey (WebAuthn), in software."""

import base64
import hashlib
import hmac
import json
import secrets
import struct
import time
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def totp(secret: str, *, steps: int = 0) -> str:
    """The app's code of now, or of so many steps of 30 seconds later."""
    moment = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.digest(base64.b32decode(secret), moment, hashlib.sha1)
    place = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def encoded(content: bytes) -> str:
    """Base64url without padding, as WebAuthn's JSON has it."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of `encoded`."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Passkey:
    """A discoverable credential at one origin. `verified` tells whether it asked for a PIN or a finger."""

    origin: str
    verified: bool = True
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    person: str = ""
    uses: int = 0

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer navigator.credentials.create()."""
        wish = options["publicKey"]
        self.person = wish["user"]["id"]
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        statement = {"fmt": "none", "attStmt": {}, "authData": self._said(wish["rp"]["id"], ATTESTED) + attested}
        answer = self._answer("webauthn.create", wish["challenge"], attestationObject=encoded(cbor.encode(statement)))
        return {**answer, "clientExtensionResults": {"credProps": {"rk": True}}}

    def get(self, options: dict[str, Any], **changed: Any) -> dict[str, Any]:
        """Answer navigator.credentials.get(); `changed` bends what is signed."""
        wish = {**options["publicKey"], **changed}
        said = self._said(wish["rpId"])
        data = self._client_data("webauthn.get", wish["challenge"])
        signature = self.key.sign(said + hashlib.sha256(data).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            "webauthn.get",
            wish["challenge"],
            authenticatorData=encoded(said),
            signature=encoded(signature),
            userHandle=self.person,
        )

    def _said(self, rp_id: str, flags: int = 0) -> bytes:
        self.uses += 1
        flags |= PRESENT | (VERIFIED if self.verified else 0)
        return hashlib.sha256(rp_id.encode()).digest() + struct.pack(">BI", flags, self.uses)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, kind: str, challenge: str, **response: str) -> dict[str, Any]:
        data = encoded(self._client_data(kind, challenge))
        return {
            "id": encoded(self.id),
            "rawId": encoded(self.id),
            "type": "public-key",
            "response": {"clientDataJSON": data, **response},
            "clientExtensionResults": {},
        }
