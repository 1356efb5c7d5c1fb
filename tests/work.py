"""An analyst's work through the API, as tests write it."""

import time
from typing import Any, Protocol, Self

import httpx

from tests.stack import Stack

FINISHED = {"succeeded", "failed", "timed_out", "out_of_memory", "interrupted", "lost"}
ENDED = {"denied", "closed", "failed", "cancelled", "expired", "lost"}


class Served(Protocol):
    """A platform that answers, wherever it runs."""

    def api(self, user: str | None = "analyst", *, token: str | None = None) -> httpx.Client:
        """A client of the REST API as that person."""
        ...


class Work:
    """One person's requests. Every method raises AssertionError with the problem where the platform refuses."""

    def __init__(self, stack: Served, user: str = "analyst", *, token: str | None = None) -> None:
        self.api = stack.api(user, token=token)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.api.close()

    @property
    def project(self) -> str:
        """The person's first project."""
        return str(ok(self.api.get("projects"))["results"][0]["id"])

    def upload(self, name: str, content: bytes) -> dict[str, Any]:
        """A file of the project."""
        files = {"file": (name, content, "application/octet-stream")}
        return ok(self.api.post("files", data={"project": self.project}, files=files), 201)

    def wish(self, **fields: Any) -> dict[str, Any]:
        """A request for a run, whole."""
        return {"project": self.project, "environment": "python", "purpose": "a test", **fields}

    def run(self, **fields: Any) -> dict[str, Any]:
        """A run that was allowed; `ready` once it serves code."""
        return ok(self.api.post("runs", json=self.wish(**fields)), 201)

    def ready(self, **fields: Any) -> dict[str, Any]:
        """A run whose sandbox waits for code."""
        run = self.run(**fields)
        return self.until(run["id"], "ready")

    def until(self, run_id: str, *states: str, within: float = 30.0) -> dict[str, Any]:
        """The run once it is in one of the states."""
        deadline = time.monotonic() + within
        while True:
            run = self.get(run_id)
            if run["state"] in states:
                return run
            assert time.monotonic() < deadline, f"the run is {run['state']}, not {states}: {run}"
            assert run["state"] not in ENDED, f"the run ended as {run['state']}: {run['ending']}"
            time.sleep(0.05)

    def get(self, run_id: str) -> dict[str, Any]:
        """The run as it stands."""
        return ok(self.api.get(f"runs/{run_id}"))

    def cell(self, run_id: str, code: str, language: str = "python", **fields: Any) -> int:
        """The number of a cell that was added."""
        wish = {"language": language, "code": code, **fields}
        return int(ok(self.api.post(f"runs/{run_id}/executions", json=wish), 201)["number"])

    def result(self, run_id: str, number: int = 1, within: float = 60.0) -> dict[str, Any]:
        """The cell once it is done."""
        deadline = time.monotonic() + within
        while True:
            wait = max(0.1, min(10.0, deadline - time.monotonic()))
            cell = ok(self.api.get(f"runs/{run_id}/executions/{number}", params={"wait": wait}))
            if cell["state"] in FINISHED:
                return cell
            assert time.monotonic() < deadline, f"the cell is {cell['state']}: {cell}"

    def done(self, run_id: str, code: str, language: str = "python", **fields: Any) -> dict[str, Any]:
        """Add a cell and wait for its end."""
        return self.result(run_id, self.cell(run_id, code, language, **fields))

    def one_shot(self, code: str, language: str = "python", **fields: Any) -> dict[str, Any]:
        """The one cell of a run that closes itself."""
        return self.result(self.run(code=code, language=language, **fields)["id"])

    def cancel(self, run_id: str) -> None:
        """End the run; one that ended already is fine."""
        answer = self.api.post(f"runs/{run_id}/cancel")
        assert answer.status_code in (200, 409), answer.text


def ok(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The body of an answer with that status."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:2000]}"
    body: dict[str, Any] = answer.json()
    return body


def entries(stack: Stack, subject: str) -> list[dict[str, Any]]:
    """The log's entries about a subject, newest first, as the auditor reads them."""
    with stack.api("auditor") as auditor:
        found: list[dict[str, Any]] = ok(auditor.get("audit/entries", params={"subject": subject, "limit": 200}))[
            "results"
        ]
        return found


def text(cell: dict[str, Any]) -> str:
    """Everything that a cell's outputs say as text."""
    said = []
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            said.append(output["text"])
        elif output["output_type"] == "error":
            said.append("\n".join(output["traceback"]))
        else:
            said.append(str(output["data"].get("text/plain", "")))
    return "\n".join(said)


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem of a refusal, checked for its documented shape."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:2000]}"
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["code"] == code, body
    assert body["status"] == status
    assert body["detail"]
    return body
