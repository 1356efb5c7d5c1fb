"""Every error is problem+json with a stable code, whatever part of the stack says no."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from config.errors import Reason, Refused, TooMany, Unavailable
from identity import queries
from tests.configured import configured
from tests.people import make_person

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert body["type"] == f"urn:bailiwick:problem:{body['code']}"
    assert body["status"] == answer.status_code
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert body["title"] and body["detail"]
    return answer.status_code, body["code"]


def post(client: APIClient, body: Any, content_type: str = "application/json") -> Any:
    return client.generic("POST", "/api/v1/tokens", body, content_type=content_type)


def test_each_error_has_its_code() -> None:
    client = make_person().client()
    token = "/api/v1/tokens/00000000-0000-4000-8000-000000000000/revoke"
    assert problem(client.get("/api/v1/nothing")) == (404, "not_found")
    assert problem(client.get("/assets/nothing")) == (404, "not_found")
    assert problem(client.get("/api/v1/projects/")) == (404, "not_found")
    assert problem(client.delete("/api/v1/projects")) == (405, "method_not_allowed")
    assert problem(client.options("/api/v1/projects")) == (405, "method_not_allowed")
    assert problem(client.post(token)) == (404, "not_found")
    assert problem(post(client, "a=1", "application/x-www-form-urlencoded")) == (415, "unsupported_media_type")
    assert problem(post(client, "{}", "text/plain")) == (415, "unsupported_media_type")
    assert problem(post(client, "{")) == (400, "malformed_json")
    assert problem(post(client, b'{"name":"\xff"}')) == (400, "not_utf8")
    assert problem(post(client, '{"nmae":1}')) == (400, "unknown_field")
    assert problem(post(client, "{}")) == (400, "invalid")
    assert problem(post(client, '{"expires_in_seconds":-1}')) == (400, "invalid")
    assert problem(post(client, '{"expires_in_seconds":1e400}')) == (400, "malformed_json")
    assert problem(post(client, '{"expires_in_seconds":60,"kind":"admin"}')) == (400, "invalid")
    with configured(body_max_bytes="2048"):
        assert problem(post(client, '{"name":"' + "x" * 3000 + '"}')) == (413, "too_large")


def test_a_field_at_fault_is_named_with_its_reason() -> None:
    answer = post(make_person().client(), '{"kind":"admin"}')
    body = json.loads(answer.content)
    assert body["detail"] == "2 fields are not as documented."
    assert body["reasons"] == [
        {"code": "invalid_choice", "message": 'kind: "admin" is not a valid choice.', "remedy": ""},
        {"code": "required", "message": "expires_in_seconds: This field is required.", "remedy": ""},
    ]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "token_missing"),
        ("Basic dXNlcjpwYXNz", "scheme_unknown"),
        ("Bearer", "token_unknown"),
        ("Bearer nonsense", "token_unknown"),
        ("Bearer bwk_" + "0" * 32 + "_" + "A" * 43, "token_unknown"),
    ],
)
def test_nobody_gets_a_challenge(header: str | None, code: str) -> None:
    client = APIClient(headers={"Authorization": header} if header else {})
    answer = client.get("/api/v1/projects")
    assert problem(answer) == (401, code)
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="bailiwick"'


def test_a_host_that_is_not_ours_is_refused() -> None:
    # What browsers use asks for the host: else another's name that leads here would be an origin like ours.
    for address in ("/", "/_allauth/browser/v1/config"):
        answer = APIClient().get(address, headers={"Host": "evil.example"})
        assert problem(answer) == (400, "malformed_request")


def test_a_fault_shows_its_request_id_and_nothing_of_its_inside(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = make_person().client()

    def broken(by: object) -> None:
        raise ZeroDivisionError("password=hunter2")

    monkeypatch.setattr(queries, "projects_visible_to", broken)
    answer = client.get("/api/v1/projects", headers={"X-Request-ID": "my-own-id-1"})
    assert problem(answer) == (500, "internal_error")
    assert answer.headers["X-Request-ID"] == "my-own-id-1"
    text = answer.content.decode()
    assert "hunter2" not in text and "ZeroDivision" not in text and "Traceback" not in text
    logged = capsys.readouterr().err
    assert "hunter2" not in logged
    (line,) = [json.loads(line) for line in logged.splitlines() if "internal_error" in line]
    assert line["request_id"] == "my-own-id-1"
    assert line["exception"][0]["type"] == "builtins.ZeroDivisionError"


def test_a_refusal_carries_its_reasons_and_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = Reason("package_denied", 'packages: "requests" is not allowed.', "Ask for an exception.")
    raised: list[Exception] = [
        Refused("policy_denied", "Policy says no.", remedy="Change it.", reasons=(reason,)),
        TooMany("queue_full", "The queue is full.", retry_after=7),
        Unavailable("queue_unavailable", "The queue does not answer."),
    ]
    client = make_person().client()

    def refuse(by: object) -> None:
        raise raised[0]

    monkeypatch.setattr(queries, "projects_visible_to", refuse)
    answer = client.get("/api/v1/projects")
    assert problem(answer) == (403, "policy_denied")
    body = json.loads(answer.content)
    assert body["remedy"] == "Change it."
    assert body["instance"] == "/api/v1/projects"
    assert body["reasons"] == [{"code": reason.code, "message": reason.message, "remedy": reason.remedy}]
    raised.pop(0)
    answer = client.get("/api/v1/projects")
    assert (problem(answer), answer.headers["Retry-After"]) == ((429, "queue_full"), "7")
    raised.pop(0)
    assert problem(client.get("/api/v1/projects")) == (503, "queue_unavailable")


@pytest.mark.parametrize("given", ["short", "x" * 65, "new\nline-12345", "<script>alert(1)"])
def test_a_request_id_that_could_mislead_is_replaced(given: str) -> None:
    answer = APIClient().get("/healthz", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] != given
    assert len(answer.headers["X-Request-ID"]) == 32


def test_answers_are_kept_by_no_cache_and_guessed_by_no_browser() -> None:
    answer = make_person().client().get("/api/v1/projects", headers={"Accept": "text/html"})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
