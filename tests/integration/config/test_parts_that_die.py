"""Each part of the running platform, killed: the health page names it, and names it well again when it is back."""

import time
from typing import Any

import httpx
import pytest

from tests.stack import Stack

pytestmark = pytest.mark.faults

WITHIN = 60.0


def await_parts(stack: Stack, unwell: set[str]) -> dict[str, Any]:
    deadline = time.monotonic() + WITHIN
    while True:
        body: dict[str, Any] = httpx.get(f"{stack.url}/readyz", timeout=10).json()
        if {name for name, part in body["parts"].items() if not part["ok"]} == unwell:
            return body
        assert time.monotonic() < deadline, body
        time.sleep(0.3)


@pytest.mark.parametrize(
    ("process", "unwell"),
    [
        ("worker", {"worker"}),
        ("beat", {"beat"}),
        ("sequencer", {"audit"}),
        ("opa", {"opa"}),
        ("sandboxd", {"sandboxes"}),
    ],
)
def test_a_killed_part_is_named_and_forgiven(stack: Stack, process: str, unwell: set[str]) -> None:
    await_parts(stack, set())
    stack.kill(process)
    body = await_parts(stack, unwell)
    assert body["status"] == "not_ready"
    stack.start(process)
    assert await_parts(stack, set())["status"] == "ready"


def test_without_its_database_the_platform_is_alive_and_says_what_is_wrong(stack: Stack) -> None:
    await_parts(stack, set())
    stack.kill("postgres")
    deadline = time.monotonic() + WITHIN
    # The page remembers for a second; a worker or beat may stumble with the database.
    while httpx.get(f"{stack.url}/readyz", timeout=10).json()["parts"]["postgres"]["ok"]:
        assert time.monotonic() < deadline
        time.sleep(0.3)
    assert httpx.get(f"{stack.url}/healthz", timeout=10).status_code == 200
    with stack.api("analyst", timeout=30) as api:
        answer = api.get("projects")
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        assert stack.users["analyst"]["token"] not in answer.text
        stack.start("postgres")
        deadline = time.monotonic() + WITHIN
        while api.get("projects").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.3)
    await_parts(stack, set())
