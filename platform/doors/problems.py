"""Every error as problem+json (RFC 9457) with a stable code, a sentence and the way out."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response

import audit
from config import metrics
from config.errors import BailiwickError, NotYet, Reason, Refused, TooMany, Unauthenticated
from doors.requests import request_id

CONTENT_TYPE = "application/problem+json"
CHALLENGE = 'Bearer realm="bailiwick"'
log = structlog.get_logger("problems")


def problem(
    status: int, code: str, detail: str, *, remedy: str = "", reasons: tuple[Reason, ...] = (), instance: str = ""
) -> dict[str, Any]:
    """The body of a problem."""
    metrics.observe_problem(code, status)
    body: dict[str, Any] = {
        "type": f"urn:bailiwick:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id(),
    }
    if instance:
        body["instance"] = instance
    if remedy:
        body["remedy"] = remedy
    if reasons:
        body["reasons"] = [
            {"code": reason.code, "message": reason.message, "remedy": reason.remedy} for reason in reasons
        ]
    return body


def handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """Django REST framework's exception handler: every exception of a view, faults included."""
    request = context.get("request")
    instance = request.path if request is not None else ""
    body, headers = _render(error, instance)
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def _render(error: Exception, instance: str) -> tuple[dict[str, Any], dict[str, str]]:
    headers: dict[str, str] = {}
    if isinstance(error, BailiwickError):
        reasons = error.reasons if isinstance(error, Refused) else ()
        if isinstance(error, Unauthenticated):
            headers["WWW-Authenticate"] = CHALLENGE
        if isinstance(error, TooMany | NotYet):
            headers["Retry-After"] = str(error.retry_after)
        body = problem(error.status, error.code, error.message, remedy=error.remedy, reasons=reasons, instance=instance)
        return body, headers
    if isinstance(error, exceptions.ValidationError):
        reasons = tuple(_reasons(error.detail))
        detail = reasons[0].message if len(reasons) == 1 else f"{len(reasons)} fields are not as documented."
        return problem(400, "invalid", detail, reasons=reasons, instance=instance), headers
    if isinstance(error, exceptions.APIException):
        return _render_framework(error, instance)
    if isinstance(error, Http404):
        return problem(
            404, "not_found", "There is nothing here, or it is not yours to see.", instance=instance
        ), headers
    if isinstance(error, PermissionDenied):
        return problem(403, "forbidden", "You may not do this.", instance=instance), headers
    if isinstance(error, RequestDataTooBig):
        return problem(413, "too_large", "The body is larger than this door takes.", instance=instance), headers
    if isinstance(error, SuspiciousOperation):
        return problem(400, "malformed_request", "The request is not well formed.", instance=instance), headers
    if isinstance(error, audit.NotRecorded):
        return _unavailable("not_recorded", "The log takes no entry now, so nothing was done.", error, instance)
    if isinstance(error, OperationalError | InterfaceError):
        return _unavailable("database_unavailable", "The database does not answer now.", error, instance)
    return internal_error(error, instance), headers


def _unavailable(code: str, detail: str, error: Exception, instance: str) -> tuple[dict[str, Any], dict[str, str]]:
    log.error(code, exc_info=error)
    body = problem(503, code, detail, remedy="Ask again after Retry-After seconds.", instance=instance)
    return body, {"Retry-After": "5"}


_FRAMEWORK = {
    exceptions.NotAuthenticated: ("token_missing", "This door needs a bearer token."),
    exceptions.AuthenticationFailed: ("token_unknown", "The bearer token is not one of ours."),
    exceptions.PermissionDenied: ("forbidden", "You may not do this."),
    exceptions.NotFound: ("not_found", "There is nothing here, or it is not yours to see."),
    exceptions.MethodNotAllowed: ("method_not_allowed", "This address does not know that method."),
    exceptions.UnsupportedMediaType: ("unsupported_media_type", "This door does not take that content type."),
    exceptions.ParseError: ("malformed_request", "The body is not well formed."),
}


def _render_framework(error: exceptions.APIException, instance: str) -> tuple[dict[str, Any], dict[str, str]]:
    code, detail = _FRAMEWORK.get(type(error), ("refused", "The request was refused."))
    headers = {}
    if error.status_code == 401:
        headers["WWW-Authenticate"] = CHALLENGE
    return problem(error.status_code, code, detail, instance=instance), headers


def _reasons(detail: Any, path: str = "") -> Iterator[Reason]:
    """Flatten what a serializer found: one reason for each fault, its message beginning with the field."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            here = "" if key == "non_field_errors" else str(key)
            yield from _reasons(inner, f"{path}.{here}".strip(".") if here else path)
    elif isinstance(detail, list | tuple):
        for inner in detail:
            yield from _reasons(inner, path)
    else:
        message = f"{path}: {detail}" if path else str(detail)
        yield Reason(str(getattr(detail, "code", "invalid")), message)


def internal_error(error: Exception, instance: str = "") -> dict[str, Any]:
    """The body for a fault: its request id, and nothing of its inside. The log has the traceback without values."""
    log.error("internal_error", exc_info=error)
    detail = f"Something broke on our side; nothing more was done. Tell an administrator request id {request_id()}."
    return problem(500, "internal_error", detail, instance=instance)


def rendered(error: Exception, request: HttpRequest) -> HttpResponse:
    """The problem that an exception is, outside of Django REST framework."""
    body, headers = _render(error, request.path)
    response = as_response(body)
    for name, value in headers.items():
        response[name] = value
    return response


def as_response(body: Mapping[str, Any]) -> HttpResponse:
    """A problem outside of Django REST framework."""
    return HttpResponse(orjson.dumps(body), status=body["status"], content_type=CONTENT_TYPE)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404."""
    return as_response(problem(404, "not_found", "There is nothing at this address.", instance=request.path))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400, for example an unlisted Host header."""
    return as_response(problem(400, "malformed_request", "The request is not well formed."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500."""
    detail = f"Something broke on our side. Tell an administrator request id {request_id()}."
    return as_response(problem(500, "internal_error", detail))
