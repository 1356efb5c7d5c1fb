"""The running platform against its own OpenAPI document: whatever is asked, it answers as documented and never breaks.

Bounded and repeatable: a few requests for each operation, always the same ones. Half of them name things that exist.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests import tus
from tests.stack import Stack
from tests.work import Work, ok

# A piece of an upload is bytes as they are.
schemathesis.serializer.alias(tus.PIECE, "application/octet-stream")
EXAMPLES = 12
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def known(_whole_stack: Stack) -> Iterator[dict[str, Any]]:
    """Values of path and body fields that mean something: a run that has ended, its cell, its file."""
    with Work(_whole_stack) as work:
        file = work.upload("known.csv", b"a\n1\n")
        run = work.ready(files=[file["id"]])
        work.done(run["id"], "open('outputs/known.csv', 'w').write('1')\nprint(1)")
        ok(work.api.post(f"runs/{run['id']}/close"))
        upload = ok(tus.begin(work.api, run["project"], "known.bin", 1000), 201)["id"]
        yield {
            "upload_id": upload,
            "run_id": run["id"],
            "number": 1,
            "name": "known.csv",
            "decision_id": run["decision"]["id"],
            "project": run["project"],
            "files": [file["id"]],
        }
        for one in ok(work.api.get("runs", params={"limit": 200}))["results"]:
            if one["ended_at"] is None and one["created_at"] > run["created_at"]:
                work.cancel(one["id"])


@cache
def document(stack: Stack) -> Any:
    """The document as the platform serves it."""
    accept = {"Accept": "application/vnd.oai.openapi+json"}
    served = httpx.get(f"{stack.url}/api/v1/schema/", headers=accept, timeout=30)
    schema = schemathesis.openapi.from_dict(served.json())
    schema.config.update(base_url=stack.url)
    return schema


def test_the_document_is_served(stack: Stack):
    paths = document(stack).raw_schema["paths"]
    assert {"/api/v1/runs", "/api/v1/runs/{run_id}/executions", "/api/v1/files", "/api/v1/decisions"} <= set(paths)


def test_every_operation_answers_as_documented(stack: Stack, known: dict[str, Any]):
    """Every operation in one test: they are known only once the platform runs."""
    before = stack.log("web").count("internal_error")
    found = {}
    for result in document(stack).get_all_operations():
        operation = result.ok()
        try:
            _try(operation, stack, known)
        except BaseException as failure:
            if isinstance(failure, KeyboardInterrupt):
                raise
            found[operation.label] = str(failure)[:1500]
    assert not found, "\n\n".join(f"{label}: {failure}" for label, failure in found.items())
    assert stack.log("web").count("internal_error") == before


def _try(operation: Any, stack: Stack, known: dict[str, Any]) -> None:
    token = stack.users["analyst"]["token"]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), meaningful=st.booleans())
    def attempt(case: Any, meaningful: bool) -> None:
        # A stream of events of a live run would not end.
        if meaningful and not operation.path.endswith("/events"):
            _make_meaningful(case, known)
        case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {token}"}, timeout=30)

    attempt()


def _make_meaningful(case: Any, known: dict[str, Any]) -> None:
    for values in (case.path_parameters, case.body):
        if isinstance(values, dict):
            values.update({name: value for name, value in known.items() if name in values})
