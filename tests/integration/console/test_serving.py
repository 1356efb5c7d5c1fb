"""The built console: its page, what the page may do, and its assets."""

import gzip
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from doors import console

PAGE = '<!doctype html><html><head><meta name="csp-nonce" content="" /></head><body></body></html>'
SCRIPT = "export const told = 1;\n" * 200


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A build that is served."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "assets/index-abc.js").write_text(SCRIPT)
    (tmp_path / "assets/index-abc.js.br").write_bytes(b"made by the build")
    (tmp_path / "assets/style-abc.css").write_text("a{}" * 1000)
    (tmp_path / "assets/icon-abc.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("not an asset")
    monkeypatch.setattr(console, "_console", console._Console(tmp_path))
    yield tmp_path


def policy(headers: object) -> dict[str, set[str]]:
    """Directives of a content security policy."""
    text = dict(headers.items())["Content-Security-Policy"]  # type: ignore[attr-defined]
    return {name: set(values) for name, *values in (part.split() for part in text.split(";"))}


@pytest.mark.usefixtures("folder")
def test_every_page_of_the_console_is_the_page() -> None:
    for address in ("/", "/sign-in", "/runs/1/cells", "/apidocs", "/runs/a.csv", "/assetsy"):
        answer = Client().get(address)
        assert answer.status_code == 200, address
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("folder")
def test_the_page_may_do_nothing_but_what_it_needs() -> None:
    """The whole policy, so that an added privilege shows."""
    answer = Client().get("/")
    (nonce,) = re.findall(r'name="csp-nonce" content="([\w-]{24})"', answer.content.decode())
    assert policy(answer.headers) == {
        "default-src": {"'none'"},
        "script-src": {"'self'"},
        "style-src": {"'self'", f"'nonce-{nonce}'"},
        "img-src": {"'self'", "data:", "blob:"},
        "font-src": {"'self'"},
        "connect-src": {"'self'"},
        "frame-src": {"'self'"},
        "form-action": {"'self'"},
        "base-uri": {"'none'"},
        "frame-ancestors": {"'none'"},
        "require-trusted-types-for": {"'script'"},
        "trusted-types": {"default"},
    }
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    again = Client().get("/").content.decode()
    assert nonce not in again


@pytest.mark.usefixtures("folder")
def test_a_browser_without_a_token_gets_one_and_keeps_it() -> None:
    client = Client()
    cookie = client.get("/").cookies["csrftoken"]
    assert (cookie["samesite"], bool(cookie["httponly"])) == ("Strict", False)
    assert "csrftoken" not in client.get("/").cookies
    assert "bailiwick_session" not in client.get("/").cookies


@pytest.mark.usefixtures("folder")
def test_what_the_web_process_answers_itself_is_never_the_page() -> None:
    for address in ("/api/v1/nothing", "/api", "/_allauth/x", "/accounts/x", "/assets/x.js", "/static/x", "/readyz/x"):
        answer = Client().get(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), address
    # A script that is missing must not come as a page; nor is there anything to change here.
    for fetched in ("script", "style", "image", "iframe", "empty"):
        assert Client(headers={"Sec-Fetch-Dest": fetched}).get("/lost.js").status_code == 404
    assert Client(headers={"Sec-Fetch-Dest": "document"}).get("/runs").status_code == 200
    assert Client().post("/runs").status_code == 404


@pytest.mark.usefixtures("folder")
def test_assets_are_kept_for_ever_in_the_encoding_that_the_browser_takes() -> None:
    def ask(name: str, accepted: str) -> tuple[bytes, str, str]:
        answer = Client(headers={"Accept-Encoding": accepted}).get(f"/assets/{name}")
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Vary"] == "Accept-Encoding"
        return answer.content, answer.headers.get("Content-Encoding", ""), answer.headers["Content-Type"]

    assert ask("index-abc.js", "gzip, br") == (b"made by the build", "br", "text/javascript")
    body, encoding, _ = ask("index-abc.js", "gzip;q=0.5, br;q=0")
    assert (gzip.decompress(body).decode(), encoding) == (SCRIPT, "gzip")
    assert ask("index-abc.js", "")[:2] == (SCRIPT.encode(), "")
    assert ask("style-abc.css", "br, gzip")[1:] == ("gzip", "text/css")
    assert ask("icon-abc.svg", "br, gzip") == (b"<svg/>", "", "image/svg+xml")
    svg = Client().get("/assets/icon-abc.svg")
    assert {"default-src": {"'none'"}, "sandbox": set()}.items() <= policy(svg.headers).items()


@pytest.mark.usefixtures("folder")
def test_a_request_names_an_asset_and_never_a_path() -> None:
    for name in ("../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "/etc/passwd", "index-abc.js.br", "", "."):
        assert Client().get(f"/assets/{name}").status_code == 404, name


def test_a_new_build_is_served_at_once_and_the_old_one_is_gone(folder: Path) -> None:
    assert Client().get("/assets/index-abc.js").status_code == 200
    (folder / "assets/index-abc.js").rename(folder / "assets/index-new.js")
    (folder / "index.html").write_text(PAGE + "<!-- new -->")
    os.utime(folder / "index.html", (1, 1))
    assert b"<!-- new -->" in Client().get("/").content
    assert Client().get("/assets/index-new.js").status_code == 200
    assert Client().get("/assets/index-abc.js").status_code == 404


def test_without_a_build_the_page_says_so(folder: Path) -> None:
    (folder / "index.html").write_text("<html>no place for the nonce</html>")
    for _ in range(2):
        answer = Client().get("/")
        assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/plain; charset=utf-8")
        assert "make run" in answer.content.decode()
        (folder / "index.html").unlink(missing_ok=True)
    assert Client().get("/assets/index-abc.js").status_code in (200, 404)
    assert Client().get("/healthz").status_code == 200
