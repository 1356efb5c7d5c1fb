"""Signing by a key that never leaves OpenBao or Vault (the transit engine, type ed25519)."""

import base64
import binascii
import http.client
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.signing import SignerUnavailable, WrongKey

# A rotated key signs after so many seconds at most.
LOOK_EVERY = 10.0
PATIENCE = 3.0
_MOST = 1 << 20
_SIGNATURE = re.compile(r"vault:v([1-9][0-9]{0,8}):([A-Za-z0-9+/]{86}==)")


class Transit(Protocol):
    """What is asked of the engine: one call, JSON in and out."""

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer's `data`. Raises SignerUnavailable."""
        ...


class HTTPTransit:
    """The engine over HTTP, with a token from a file that somebody renews."""

    def __init__(self, address: str, token_file: Path, mount: str = "transit") -> None:
        """Raises ValueError for an address that is none."""
        self._address = urlsplit(address)
        if self._address.scheme not in ("http", "https") or not self._address.hostname or self._address.query:
            raise ValueError("the transit engine's address is not one of HTTP")
        self._token_file = token_file
        self._mount = quote(mount.strip("/"), safe="/")

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer's `data`. Raises SignerUnavailable; its text has no token and no address."""
        secure = self._address.scheme == "https"
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connect(self._address.hostname or "", self._address.port, timeout=PATIENCE)
        try:
            # Read each time: an agent renews it.
            headers = {"X-Vault-Token": self._token_file.read_text().strip(), "X-Vault-Request": "true"}
            target = f"{self._address.path.rstrip('/')}/v1/{self._mount}/{path}"
            connection.request(method, target, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            status, text = answer.status, answer.read(_MOST)
        except (OSError, ValueError, http.client.HTTPException) as fault:
            raise SignerUnavailable(f"it does not answer ({type(fault).__name__})") from None
        finally:
            connection.close()
        if status != 200:
            raise SignerUnavailable(f"it answered {status}")
        try:
            found = json.loads(text)["data"]
        except (ValueError, KeyError, TypeError):
            found = None
        if not isinstance(found, dict):
            raise SignerUnavailable("its answer is none")
        return found


@dataclass(frozen=True)
class _Version:
    number: int
    public: bytes


class TransitSigner:
    """The latest version of a named key. What it signs is checked before anybody sees it."""

    def __init__(self, transit: Transit, name: str) -> None:
        self._transit = transit
        self._path = quote(name, safe="")
        self._version: _Version | None = None
        self._looked = 0.0

    @property
    def public(self) -> bytes:
        """The public key of the version that signs. Raises SignerUnavailable before the first look."""
        return self._present().public

    def look(self) -> None:
        """See which version signs now, a while after the last look. Raises SignerUnavailable, or WrongKey."""
        if self._version is not None and time.monotonic() - self._looked < LOOK_EVERY:
            return
        self._version = None
        told = self._transit("GET", f"keys/{self._path}")
        if told.get("type") != "ed25519" or told.get("derived"):
            raise WrongKey("the key is not a plain one of type ed25519")
        try:
            # Versions below min_decryption_version are not listed; the latest always is.
            number = int(told["latest_version"])
            public = base64.b64decode(told["keys"][str(number)]["public_key"], validate=True)
            Ed25519PublicKey.from_public_bytes(public)
        except (KeyError, TypeError, ValueError):
            raise SignerUnavailable("it does not tell the public key") from None
        self._version = _Version(number, public)
        self._looked = time.monotonic()

    def sign(self, text: bytes) -> bytes:
        """The signature of the text by the version of the last look. Raises SignerUnavailable."""
        version = self._present()
        wanted = {"input": base64.b64encode(text).decode(), "key_version": version.number}
        try:
            told = self._transit("POST", f"sign/{self._path}", wanted)
            return _checked(told, version, text)
        except SignerUnavailable:
            # Rotated with a new min_encryption_version, perhaps: look again.
            self._version = None
            raise

    def _present(self) -> _Version:
        if self._version is None:
            raise SignerUnavailable("it was not asked for its key yet")
        return self._version


def _checked(told: Mapping[str, Any], version: _Version, text: bytes) -> bytes:
    found = _SIGNATURE.fullmatch(str(told.get("signature")))
    if found is None or int(found[1]) != version.number:
        raise SignerUnavailable("its answer is no signature by the version that was asked for")
    try:
        signature = base64.b64decode(found[2], validate=True)
        Ed25519PublicKey.from_public_bytes(version.public).verify(signature, text)
    except (binascii.Error, InvalidSignature):
        raise SignerUnavailable("its signature is wrong") from None
    return signature
