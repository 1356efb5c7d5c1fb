"""A person's browser over HTTP, as tests use it: its cookies, its origin, and where it sits."""

import itertools
import time
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

SIGN_IN = "/_allauth/browser/v1/auth"
ACCOUNT = "/_allauth/browser/v1/account"
_HOSTS = itertools.count(1)


def new_address() -> str:
    """An address that no other test uses (RFC 2544's range for tests)."""
    number = next(_HOSTS) + int(time.time()) % 100 * 500
    return f"198.18.{number // 250 % 250}.{number % 250 + 1}"


class Visit:
    """One browser. It says that its pages are the platform's own, as a real one does."""

    def __init__(self, url: str, *, address: str | None = None) -> None:
        self.url = url
        self.address = address or new_address()
        # The web server takes the address from a proxy on this machine, which is what a test is.
        headers = {"X-Forwarded-For": self.address, "User-Agent": "a test's browser"}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    @property
    def proof(self) -> dict[str, str]:
        """What a page of ours sends along with a change."""
        return {"X-CSRFToken": self.http.cookies.get("csrftoken") or "", "Origin": self.url}

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Read."""
        return self.http.get(path, **options)

    def post(self, path: str, body: Any = None, *, method: str = "POST", **headers: str) -> httpx.Response:
        """Change something."""
        return self.http.request(method, path, json=body, headers={**self.proof, **headers})

    def open(self) -> Self:
        """Load the page, as far as it matters here: the browser gets its token."""
        assert self.get(f"{SIGN_IN}/session").status_code in (200, 401)
        return self

    def sign_in(self, username: str, password: str) -> httpx.Response:
        """Give a name and a password."""
        return self.open().post(f"{SIGN_IN}/login", {"username": username, "password": password})

    def me(self) -> httpx.Response:
        """Who the API says that this is."""
        return self.get("/api/v1/me")

    def plant(self, name: str, value: str) -> Self:
        """Put a cookie into the browser, as if the platform had set it."""
        self.http.cookies.set(name, value, domain=urlsplit(self.url).hostname or "", path="/")
        return self

    def __repr__(self) -> str:
        return f"a browser at {self.address}"
