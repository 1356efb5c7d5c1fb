"""Each request has an id, in its answer, its problems and every log line; and is logged and counted once."""

import re
import time
import uuid
from collections.abc import Awaitable, Callable

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from config import metrics

_ACCEPTABLE = re.compile(r"[A-Za-z0-9-]{8,64}")
log = structlog.get_logger("http")


def request_id() -> str:
    """The id of the request that is being answered, or the empty string outside one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


class RequestContext:
    """Django middleware, for plain and asynchronous views alike."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse | Awaitable[HttpResponse]]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer one request."""
        if self.is_async:
            return self._answer_async(request)
        started = self._begin(request)
        return self._end(request, self.get_response(request), started)  # type: ignore[arg-type]

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        started = self._begin(request)
        return self._end(request, await self.get_response(request), started)  # type: ignore[misc]

    def _begin(self, request: HttpRequest) -> float:
        given = request.headers.get("X-Request-ID", "")
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=given if _ACCEPTABLE.fullmatch(given) else uuid.uuid4().hex)
        return time.perf_counter()

    def _end(self, request: HttpRequest, response: HttpResponseBase, started: float) -> HttpResponseBase:
        response["X-Request-ID"] = request_id()
        response.setdefault("Cache-Control", "no-store")
        if request.path.startswith("/api/"):
            # Whatever an answer holds, a browser that is led to it runs none of it in our origin.
            response.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
        for name, value in settings.SECURITY_HEADERS.items():
            response.setdefault(name, value)
        # The route's pattern, never the path or the query: those may carry names that people chose.
        match = request.resolver_match
        route = match.route if match is not None else "unknown"
        seconds = time.perf_counter() - started
        metrics.observe_request(request.method or "", route, response.status_code, seconds)
        run = match.kwargs.get("run_id") if match is not None else None
        log.info(
            "request",
            method=request.method,
            route=route,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
            **({"run_id": str(run)} if run is not None else {}),
        )
        return response
