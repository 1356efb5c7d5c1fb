"""What the running platform writes to its logs: ids, and nothing that a user wrote or must keep secret."""

import json
import uuid

import httpx
import pytest

from tests.stack import Stack, secret_of

SECRET = f"sk-live-{uuid.uuid4().hex}"
CODE = f"api_key = '{SECRET}'  # private-remark-{uuid.uuid4().hex[:8]}"
PROCESSES = ("web", "worker", "beat")


def logs(stack: Stack) -> str:
    return "".join(stack.log(name) for name in PROCESSES)


def test_a_request_is_found_by_its_id_and_its_content_is_not(stack: Stack) -> None:
    with stack.api("analyst") as api, stack.api(token=f"bwk_{'0' * 32}_{SECRET}") as stranger:
        project = api.get("projects").json()["results"][0]["id"]
        wanted = f"request-{uuid.uuid4().hex}"
        run = api.post(
            "runs",
            json={
                "project": project,
                "purpose": f"purpose {SECRET}",
                "environment": "python",
                "language": "python",
                "code": f"{CODE}\nraise ValueError({SECRET!r})",
            },
            headers={"X-Request-ID": wanted},
        )
        assert run.status_code == 201, run.text
        run_id = run.json()["id"]
        done = api.get(f"runs/{run_id}/executions/1", params={"wait": "20"})
        assert SECRET in done.text, "the analyst sees their own error"
        issued = api.post("tokens", json={"expires_in_seconds": 3600, "name": SECRET}).json()
        api.get("projects", params={"cursor": SECRET})
        api.get(f"runs/{run_id}/artifacts/{SECRET}")
        api.post("runs", content=f'{{"project": "{SECRET}"')
        stranger.get("projects")
    text = logs(stack)
    bearer = stack.users["analyst"]["token"]
    for private in (SECRET, CODE, bearer, secret_of(bearer), issued["token"], secret_of(issued["token"])):
        assert private not in text
    lines = [json.loads(line) for line in text.splitlines() if wanted in line and line.startswith("{")]
    assert any(line["event"] == "request" and line["status"] == 201 for line in lines)
    # The request's id went along with its task, and the run's id is in the task's lines.
    told = [json.loads(line) for line in text.splitlines() if run_id in line and line.startswith("{")]
    assert any(line.get("run_id") == run_id for line in told)


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_over_the_limit_is_refused_by_the_real_server(stack: Stack, announced: bool) -> None:
    size = 3 * 1024 * 1024
    content = b"x" * size if announced else iter([b"x" * 65_536] * (size // 65_536))
    with stack.api("analyst") as api:
        answer = api.post("runs", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_health_and_metrics_of_the_real_server(stack: Stack) -> None:
    ready = httpx.get(f"{stack.url}/readyz", timeout=10)
    assert ready.status_code == 200
    assert all(part["ok"] for part in ready.json()["parts"].values())
    text = httpx.get(f"{stack.url}/metrics", timeout=10).text
    for name in (
        "bailiwick_http_request_seconds",
        "bailiwick_runs",
        "bailiwick_queue_messages",
        "bailiwick_database_pool",
    ):
        assert name in text
    for secret in (stack.state.environment(owner=True)["BAILIWICK_SECRET_KEY"], stack.users["analyst"]["token"]):
        assert secret not in ready.text + text
