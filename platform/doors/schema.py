"""What every operation of the OpenAPI document shares: bearer tokens, problems, idempotency keys, request ids."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_PROBLEM = "#/components/schemas/Problem"

_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "An error as RFC 9457 describes it, with a code that programs may rely on.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:bailiwick:problem:policy_denied"]},
        "title": {"type": "string", "examples": ["Forbidden"]},
        "status": {"type": "integer", "examples": [403]},
        "detail": {"type": "string", "description": "One sentence for a person."},
        "code": {"type": "string", "description": "Stable.", "examples": ["policy_denied"]},
        "instance": {"type": "string", "description": "The address that was asked."},
        "remedy": {"type": "string", "description": "The smallest change that would pass."},
        "reasons": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "message", "remedy"],
                "properties": {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "remedy": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string", "description": "Also in X-Request-ID; an administrator finds the log by it."},
    },
}

# status: (name of the component, what it means, a code as example, its sentence)
_PROBLEMS = {
    "400": ("Malformed", "The request is not of the documented form.", "unknown_field", "x: not a field here."),
    "401": ("Unauthenticated", "Who asks is not established.", "token_expired", "The token has expired."),
    "403": ("Refused", "A rule or policy says no, with reasons.", "policy_denied", "Policy does not allow this run."),
    "404": ("Absent", "Absent, or not yours to see.", "not_found", "There is no such run, or it is not yours to see."),
    "409": ("Conflict", "The thing's state, or its key, does not allow it.", "idempotency_key_reused", "Another body."),
    "412": ("OtherVersion", "Another version of the protocol is spoken.", "protocol_version", "Send version 1.0.0."),
    "413": ("TooLarge", "A size limit was passed; the detail names it.", "too_large", "body: larger than the limit."),
    "415": ("MediaType", "The door does not take that content type.", "unsupported_media_type", "Send JSON."),
    "429": ("TooMany", "A rate or queue is full.", "rate_limited", "More than 3000 writes a minute for each person."),
    "500": ("Fault", "Something broke on our side.", "internal_error", "Something broke on our side."),
    "503": ("Unavailable", "A part does not answer; nothing was done.", "unavailable", "The queue does not answer."),
}
_EVERYWHERE = ("401", "429", "500", "503")
_WITH_BODY = ("400", "403", "409", "413", "415")

_NOTHING = "x-creates-nothing"
# The extensions of a POST that only asks: repeating it is harmless, so it takes no Idempotency-Key.
CREATES_NOTHING = {_NOTHING: True}

_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "Repeating the request with the same key does it once: the answer is rendered afresh, with the header "
        "Idempotency-Replayed; another body under the key is a 409."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
}


class Schema(AutoSchema):
    """drf-spectacular's description of one view."""


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a program shows who it is."""

    target_class = "doors.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """The scheme's definition."""
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "bwk_<id>_<secret>",
            "description": "A person's token, or a model's token that acts for a person with no more rights.",
        }


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a person's browser shows who signed in."""

    target_class = "doors.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """The scheme's definition."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "bailiwick_session",
            "description": (
                "The console's session, for pages of this origin alone; __Host-bailiwick_session where https is on. "
                "Whatever changes something carries the cookie csrftoken's value in X-CSRFToken too, else 403 "
                "csrf_failed. What a page asks by itself carries X-Unattended: true: it does not put off the end of an "
                "idle session."
            ),
        }


def describe_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """drf-spectacular's postprocessing hook: add to each operation what every door can answer and take."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM_SCHEMA
    components["responses"] = {name: _response(*rest) for name, *rest in _described()}
    components.setdefault("parameters", {})["IdempotencyKey"] = _KEY
    for path, method, operation in _operations(result):
        responses = operation.setdefault("responses", {})
        for status in _statuses(path, method, operation):
            reference = {"$ref": f"#/components/responses/{_PROBLEMS[status][0]}"}
            # A view that describes its own problem of that status knows better.
            responses.setdefault(status, reference)
        operation["responses"] = dict(sorted(responses.items()))
        if method == "post" and not operation.pop(_NOTHING, False):
            operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
    return result


def _described() -> Iterator[tuple[str, str, str, str, str]]:
    for status, (name, meaning, code, detail) in _PROBLEMS.items():
        yield name, status, meaning, code, detail


def _response(status: str, meaning: str, code: str, detail: str) -> dict[str, Any]:
    example = {
        "type": f"urn:bailiwick:problem:{code}",
        "title": meaning,
        "status": int(status),
        "detail": detail,
        "code": code,
        "request_id": "4f9a1d0c6f0b4f3f8f3b1f0e2d9c7a55",
    }
    headers: dict[str, Any] = {}
    if status == "401":
        headers["WWW-Authenticate"] = {"schema": {"type": "string"}, "description": "Bearer."}
    if status == "429":
        headers["Retry-After"] = {"schema": {"type": "integer"}, "description": "Seconds."}
    content = {"application/problem+json": {"schema": {"$ref": _PROBLEM}, "examples": {code: {"value": example}}}}
    return {"description": meaning, "content": content} | ({"headers": headers} if headers else {})


def _operations(result: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in result["paths"].items():
        for method, operation in item.items():
            if method in _METHODS:
                yield path, method, operation


def _statuses(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield from _EVERYWHERE
    if any(parameter.get("name") == "Tus-Resumable" for parameter in operation.get("parameters", [])):
        yield "412"
    if "{" in path or method == "post":
        yield "404"
    if method == "get":
        yield "403"
        if parameters := operation.get("parameters"):
            yield "400"
            if any(parameter.get("name") == "project" for parameter in parameters):
                yield "404"
    else:
        yield from _WITH_BODY
