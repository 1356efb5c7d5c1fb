"""The built console, from memory: its page under a content security policy of its own, its assets for ever.

What is served was read when the build was found: a request names an asset, and never a path.
"""

import gzip
import mimetypes
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls.converters import StringConverter

from doors import csrf, problems

# What the web process answers itself; every other address is a page of the console.
TAKEN = ("api", "_allauth", "accounts", "assets", "static", "healthz", "readyz", "metrics")
NOT_BUILT = (
    "The console is not built. Run `make run` in the clone, or set BAILIWICK_CONSOLE to the folder of a built one, "
    "and load this page again. The API is there without it.\n"
)
_NONCE = '<meta name="csp-nonce" content="'
_FOR_EVER = "public, max-age=31536000, immutable"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default"
)
# A worker's script has the policy of its own answer; an image that is opened by itself runs nothing.
_SCRIPT_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'"
_ASSET_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
_HEADERS = {
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=(), clipboard-read=(), "
        "clipboard-write=(self), fullscreen=(self), publickey-credentials-create=(self), "
        "publickey-credentials-get=(self)"
    ),
}
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".woff2": "font/woff2", ".wasm": "application/wasm"}
# RFC 9110, 12.4.2: a weight of nothing refuses.
_REFUSED = re.compile(r";\s*q\s*=\s*0(\.0*)?\s*$")
# Smaller than this, or compressed already, an asset gains nothing.
_WORTH = 1024
_COMPRESSED = frozenset({".woff2", ".png", ".jpg", ".webp", ".avif"})


class PageConverter(StringConverter):
    """The path of a page of the console."""

    regex = rf"(?!(?:{'|'.join(TAKEN)})(?:/|$)).*"


@dataclass(frozen=True)
class Asset:
    """A file whose name changes with its content, in each encoding that it has."""

    media_type: str
    bodies: dict[str, bytes]


@dataclass(frozen=True)
class Build:
    """One build: its page, cut where the nonce goes, and its assets by name. `stamp` tells it from the next."""

    stamp: tuple[int, int, int]
    before: str
    after: str
    assets: dict[str, Asset]


def read(folder: Path) -> Build | None:
    """The build in the folder; None where there is none, or a page that has no place for the nonce."""
    index = folder / "index.html"
    try:
        stamp, page = _stamp(index), index.read_text()
    except OSError:
        return None
    before, mark, after = page.partition(_NONCE)
    if not mark:
        return None
    assets = folder / "assets"
    files = {file.relative_to(assets).as_posix(): file for file in sorted(assets.rglob("*")) if file.is_file()}
    ready = {name: _asset(file) for name, file in files.items() if file.suffix not in (".gz", ".br")}
    return Build(stamp, before + mark, after, ready)


def _stamp(file: Path) -> tuple[int, int, int]:
    found = os.stat(file)
    return found.st_mtime_ns, found.st_size, found.st_ino


def _asset(file: Path) -> Asset:
    plain = file.read_bytes()
    bodies = {"": plain}
    for encoding, suffix in (("br", ".br"), ("gzip", ".gz")):
        beside = file.with_name(file.name + suffix)
        if beside.exists():
            bodies[encoding] = beside.read_bytes()
    if "gzip" not in bodies and len(plain) > _WORTH and file.suffix not in _COMPRESSED:
        bodies["gzip"] = gzip.compress(plain, mtime=0)
    media_type = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return Asset(media_type, bodies)


class _Console:
    """The present build."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.build = read(folder)

    async def now(self) -> Build | None:
        """The build as it lies there now: a new one is read once."""
        try:
            stamp = _stamp(self.folder / "index.html")
        except OSError:
            stamp = None
        if stamp != (self.build.stamp if self.build else None):
            self.build = await sync_to_async(read, thread_sensitive=False)(self.folder)
        return self.build


_console = _Console(settings.CONSOLE_DIR)


async def page(request: HttpRequest, page: str) -> HttpResponse:
    """The console, whichever of its pages was asked for; for what is no page (an image, a script), 404."""
    if request.method not in ("GET", "HEAD") or request.headers.get("Sec-Fetch-Dest", "document") != "document":
        return problems.not_found(request)
    # No page of ours under a name that somebody else points at this machine; raises DisallowedHost.
    request.get_host()
    build = await _console.now()
    if build is None:
        return HttpResponse(NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
    nonce = secrets.token_urlsafe(18)
    response = HttpResponse(build.before + nonce + build.after)
    response["Content-Security-Policy"] = _POLICY.format(nonce=nonce)
    for name, value in _HEADERS.items():
        response[name] = value
    csrf.offer(request, response)
    return response


async def asset(request: HttpRequest, name: str) -> HttpResponse:
    """A file of the build, to be kept for ever; one of an earlier build is gone."""
    build = _console.build
    found = build.assets.get(name) if build else None
    if found is None and (build := await _console.now()) is not None:
        found = build.assets.get(name)
    if found is None or request.method not in ("GET", "HEAD"):
        return problems.not_found(request)
    encoding = _encoding(request.headers.get("Accept-Encoding", ""), found)
    response = HttpResponse(found.bodies[encoding], content_type=found.media_type)
    if encoding:
        response["Content-Encoding"] = encoding
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = _FOR_EVER
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    scripted = found.media_type == "text/javascript"
    response["Content-Security-Policy"] = _SCRIPT_POLICY if scripted else _ASSET_POLICY
    return response


def _encoding(accepted: str, asset: Asset) -> str:
    """The best encoding that the asset has and the browser takes."""
    taken = {part.partition(";")[0].strip() for part in accepted.split(",") if not _REFUSED.search(part)}
    return next((encoding for encoding in ("br", "gzip") if encoding in asset.bodies and encoding in taken), "")
