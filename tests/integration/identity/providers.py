"""OpenID providers on loopback: a real one as a process, and one whose answers a test can bend; and a platform that
people sign in to by them."""

import base64
import hashlib
import json
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.processes import MORTAL
from tests.stack import Stack
from tools.launch.keeper import await_ready, end, spawn

CLIENT, SECRET = "bailiwick", "the client's secret"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def real_provider(*people: dict[str, str]) -> Iterator[str]:
    """oidc-provider-mock, an implementation that is not ours, as a process; its issuer. It insists on a nonce."""
    port = free_port()
    command = [*MORTAL, sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    for person in people:
        command += ["--user-claims", json.dumps(person)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    issuer = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                httpx.get(f"{issuer}/.well-known/openid-configuration").raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None, "the provider ended"
                time.sleep(0.05)
        yield issuer
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def platform_with(stack: Stack, issuer: str) -> Iterator[str]:
    """A second web process of the same platform, whose people may sign in by that provider; its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    usual = stack.programs["web"]
    argv = tuple(str(port) if word == str(stack.state.ports.web) else word for word in usual.argv)
    told = {"PUBLIC_URL": url, "PORT": str(port), "OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": CLIENT}
    told["OIDC_CLIENT_SECRET"] = SECRET
    environment = {**usual.env, **{f"BAILIWICK_{name}": value for name, value in told.items()}}

    def ready(state: Any) -> bool:
        try:
            return httpx.get(f"{url}/healthz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    program = replace(usual, name=f"web-{port}", argv=argv, env=environment, ready=ready)
    child = spawn(program, stack.state)
    try:
        assert await_ready(program, stack.state, lambda: child.poll() is None)
        yield url
    finally:
        end(child, program)


class BentProvider:
    """A provider that signs in whomever `person` names. `claims`, `header`, `key`, `issuer` and `answer` bend what it
    says; a claim that is None is left out. It holds the client to PKCE and to its secret."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.reset()
        provider = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.get(self)

            def do_POST(self) -> None:
                provider.token(self)

            def log_message(self, format: str, *values: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def reset(self) -> None:
        """Be honest again."""
        self.person: dict[str, Any] = {"sub": "ada", "name": "Ada", "preferred_username": "ada"}
        self.claims: dict[str, Any] = {}
        self.signing: Any = self.key
        self.algorithm = "RS256"
        self.issuer: str | None = None
        self.callback: dict[str, str] = {}
        self.whole: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: dict[str, str] = {}
        self.refused: list[str] = []

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def get(self, door: BaseHTTPRequestHandler) -> None:
        """Discovery, keys, and the page where people sign in."""
        address = urlsplit(door.path)
        if address.path == "/.well-known/openid-configuration":
            self._tell(
                door,
                {
                    "issuer": self.issuer or self.url,
                    "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token",
                    "jwks_uri": f"{self.url}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                },
            )
        elif address.path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            self._tell(door, {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]})
        elif address.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(address.query).items()}
            self.asked = asked
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            back = {"code": code, "state": asked["state"], **self.callback}
            door.send_response(302)
            door.send_header("Location", f"{asked['redirect_uri']}?{urlencode(back)}")
            door.end_headers()

    def token(self, door: BaseHTTPRequestHandler) -> None:
        """Change a code for an ID token, once, for who began."""
        size = int(door.headers["Content-Length"])
        given = {name: values[0] for name, values in parse_qs(door.rfile.read(size).decode()).items()}
        asked = self.codes.pop(given.get("code", ""), None)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        fits = asked is not None and (
            given["client_id"],
            given["client_secret"],
            given["redirect_uri"],
            asked.get("code_challenge_method"),
            asked.get("code_challenge"),
        ) == (CLIENT, SECRET, asked["redirect_uri"], "S256", challenge)
        if asked is None or not fits:
            self.refused.append("invalid_grant")
            self._tell(door, {"error": "invalid_grant"}, 400)
            return
        answer = {"access_token": "opaque", "token_type": "Bearer", "id_token": self._id_token(asked), **self.whole}
        self._tell(door, {name: value for name, value in answer.items() if value is not None})

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": asked["client_id"], "nonce": asked.get("nonce"), "iat": now, "exp": now + 60}
        claims |= {**self.person, **self.claims}
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, self.signing, algorithm=self.algorithm, headers={"kid": "one"})

    def _tell(self, door: BaseHTTPRequestHandler, body: dict[str, Any], status: int = 200) -> None:
        content = json.dumps(body).encode()
        door.send_response(status)
        door.send_header("Content-Type", "application/json")
        door.send_header("Content-Length", str(len(content)))
        door.end_headers()
        door.wfile.write(content)
