"""Problems as every door must give them, and what makes two of them the same."""

from typing import Any

import httpx

from tests.work import problem

NOWHERE = "00000000-0000-4000-8000-000000000000"
JSON = {"Content-Type": "application/json"}


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """A problem whole: type, title, status, detail, code, request id, and never a page."""
    body = problem(answer, status, code)
    assert body["type"] == f"urn:bailiwick:problem:{code}"
    assert body["title"]
    assert body["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    return body


def denied(answer: httpx.Response) -> dict[str, dict[str, str]]:
    """The reasons of policy's no, by code; each says what would pass."""
    reasons = refused(answer, 403, "policy_denied")["reasons"]
    assert reasons
    assert all(reason["message"] and reason["remedy"] for reason in reasons)
    return {reason["code"]: reason for reason in reasons}


def same_but_for_ids(one: httpx.Response, other: httpx.Response, *ids: str) -> bool:
    """Whether two answers differ in nothing but the ids that the requests named, and each answer's own id and date."""
    return _plain(one, ids) == _plain(other, ids)


def _plain(answer: httpx.Response, ids: tuple[str, ...]) -> tuple[int, dict[str, str], str]:
    own = {"date", "x-request-id", "content-length"}
    said = answer.text.replace(answer.headers["x-request-id"], "REQUEST")
    for identity in ids:
        said = said.replace(identity, "ID")
    return answer.status_code, {name: value for name, value in answer.headers.items() if name not in own}, said
