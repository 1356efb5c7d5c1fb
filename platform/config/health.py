"""Is it alive, and is each part there? Says nothing that a stranger could use: no address, no version, no secret."""

import sys
import threading
import time
import tomllib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as PartTimeout
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import django
import structlog
from django.db import connections
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from config import heartbeats
from config.environment import settings
from config.standings import Standings

log = structlog.get_logger("health")
# Longer than any sound part needs, shorter than a prober's patience.
PATIENCE = 3.0
# Anybody may ask; the parts are asked once a second however many do.
REMEMBERED_FOR = 1.0
STARTED = timezone.now()


@cache
def release() -> str:
    """Which Bailiwick this is, and what it runs on."""
    try:
        described = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text())
        own = str(described["project"]["version"])
    except OSError:
        own = "unknown"
    return f"{own} (Django {django.__version__}, Python {sys.version.partition(' ')[0]})"


class Unwell(Exception):
    """The part does not work; the message is fit for strangers."""


@dataclass(frozen=True)
class Part:
    """One part's answer; `detail` holds plain figures and names."""

    ok: bool
    latency_ms: float
    message: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    # For platform admins alone: a stranger could look up what is wrong with it.
    version: str = ""

    def as_json(self) -> dict[str, Any]:
        """The part as the page that is open to everybody shows it."""
        shown: dict[str, Any] = {"ok": self.ok, "latency_ms": round(self.latency_ms, 1)}
        if self.message:
            shown["message"] = self.message
        return shown | dict(self.detail)


def postgres() -> dict[str, Any]:
    """The database answers, to the application and to the log's reader."""
    version = ""
    for alias in ("default", "reader"):
        # A request's own threads are gone with it; here the connection goes back to the pool by hand.
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute("SHOW server_version")
                version = cursor.fetchone()[0]
        finally:
            connections[alias].close()
    return {"version": version.partition(" ")[0]}


def redis_answers() -> dict[str, Any]:
    """Redis answers."""
    told: Any = heartbeats.client().info("server")
    return {"version": str(told["redis_version"])}


def opa() -> dict[str, Any]:
    """OPA answers with its bundle active."""
    from gateways.opa import engine

    _, revision, failure = engine().data("limits")
    if failure is not None:
        raise Unwell(failure.message)
    return {"revision": revision, "version": engine().version()}


def sandboxes() -> dict[str, Any]:
    """The backend answers; says which limits it holds and which it cannot."""
    from gateways import sandboxes as pool

    health = pool.health()
    if not health.ok:
        raise Unwell("No sandboxes can be had: ask the sandbox daemon, or the cluster's operator, why.")
    return {
        "warm": health.warm,
        "starting": health.starting,
        "claimed": health.claimed,
        "max": health.max,
        "enforced": list(health.enforced),
        "not_enforced": list(health.not_enforced),
        "version": health.versions.get("gvisor") or health.versions.get("kubernetes", ""),
    }


def blobs() -> dict[str, Any]:
    """The blob store takes a write, gives it back, and has room."""
    from gateways import blobs as store

    _, free = store.probe()
    least = settings().blob_min_free_bytes
    if free < least:
        raise Unwell(f"The blob store has {free} bytes free; it needs {least} (BAILIWICK_BLOB_MIN_FREE_BYTES).")
    return {"free_bytes": free}


def audit() -> dict[str, Any]:
    """Entries are integrated in time, and every log is signed."""
    from audit.standing import standing

    try:
        found = standing()
    finally:
        connections["reader"].close()
    if found.trouble:
        raise Unwell(found.trouble)
    return {"lag_seconds": round(found.lag_seconds, 1), "version": release()}


def worker() -> dict[str, Any]:
    """At least one worker's consumer has shown itself."""
    return _alive(heartbeats.WORKER, "No worker has shown itself: tasks wait in the queue.")


def beat() -> dict[str, Any]:
    """Beat still sends the sweep."""
    return _alive(heartbeats.BEAT, "Beat has shown no sign: lost runs are not swept.")


def _alive(prefix: str, otherwise: str) -> dict[str, Any]:
    ages = heartbeats.ages(prefix)
    if not ages or ages[0] > heartbeats.FRESH_FOR:
        raise Unwell(otherwise)
    return {"processes": len(ages), "age_seconds": round(ages[0], 1), "version": release()}


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "postgres": postgres,
    "redis": redis_answers,
    "opa": opa,
    "sandboxes": sandboxes,
    "blobs": blobs,
    "audit": audit,
    "worker": worker,
    "beat": beat,
}


def ask(name: str, check: Callable[[], dict[str, Any]]) -> Part:
    """One part's answer; never raises."""
    started = time.perf_counter()
    version = ""
    try:
        detail, message, ok = dict(check()), "", True
        version = detail.pop("version", "")
    except Unwell as error:
        detail, message, ok = {}, str(error), False
    except Exception as error:
        # Its text may hold an address or a password: the log gets the kind, the page a sentence.
        log.warning("part_unwell", part=name, kind=type(error).__name__)
        detail, message, ok = {}, "Does not answer.", False
    return Part(ok, (time.perf_counter() - started) * 1000, message, detail, version)


@dataclass(frozen=True)
class Report:
    """Every part as it was found at one moment, and since when each has been well or unwell."""

    parts: Mapping[str, Part]
    since: Mapping[str, datetime]
    at: datetime


class _Reporter:
    """Asks all parts at once, at most once a second, and notes what has changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=2 * len(PARTS), thread_name_prefix="health")
        self._standings = Standings()
        self._told: tuple[float, Report] | None = None

    def report(self) -> Report:
        with self._lock:
            if self._told is None or time.monotonic() - self._told[0] > REMEMBERED_FOR:
                self._told = (time.monotonic(), self._look())
            return self._told[1]

    def _look(self) -> Report:
        parts, at = self._ask_all(), timezone.now()
        since = self._standings.note({name: part.ok for name, part in parts.items()}, at)
        return Report(parts, since, at)

    def _ask_all(self) -> dict[str, Part]:
        started = time.monotonic()
        asked = {name: self._pool.submit(ask, name, check) for name, check in PARTS.items()}
        found = {}
        for name, answer in asked.items():
            try:
                found[name] = answer.result(max(0.0, started + PATIENCE - time.monotonic()))
            except PartTimeout:
                found[name] = Part(False, PATIENCE * 1000, f"No answer within {PATIENCE:.0f} seconds.")
        return found


_reporter = _Reporter()


def report() -> Report:
    """Every part as it is now, asked at most once a second."""
    return _reporter.report()


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process serves requests."""
    return JsonResponse({"status": "alive"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Each part with its latency; 503 when one that is needed does not work."""
    parts = report().parts
    ready = all(part.ok for part in parts.values())
    body = {
        "status": "ready" if ready else "not_ready",
        "demo": settings().demo,
        "parts": {name: part.as_json() for name, part in parts.items()},
    }
    return JsonResponse(body, status=200 if ready else 503)
