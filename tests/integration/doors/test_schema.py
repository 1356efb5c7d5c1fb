"""The OpenAPI document: valid, free of warnings, and true to what the doors do."""

from typing import Any

import pytest
from django.core.management import call_command
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from rest_framework.test import APIClient

METHODS = {"get", "post", "put", "patch", "delete"}
# They answer a question, and make nothing.
ONLY_ASK = {"runs_preview", "packages_check"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    GENERATOR_STATS.reset()
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def test_the_document_is_valid_and_made_without_a_warning(document: dict[str, Any]) -> None:
    validate_schema(document)
    assert GENERATOR_STATS._warn_cache == {}
    assert GENERATOR_STATS._error_cache == {}


def test_it_is_served_to_everybody() -> None:
    answer = APIClient().get("/api/v1/schema/")
    assert answer.status_code == 200
    assert b"openapi: 3.1" in answer.content


def test_every_operation_names_its_problems_and_asks_who_it_is(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        assert {"401", "429", "500"} <= set(operation["responses"]), where
        assert operation["security"] == [{"bearer": []}, {"session": []}], where
        assert operation["description"], where
        parameters = [parameter.get("$ref", "") for parameter in operation.get("parameters", [])]
        makes = method == "post" and operation["operationId"] not in ONLY_ASK
        assert ("#/components/parameters/IdempotencyKey" in parameters) == makes, where


def test_every_list_is_a_page(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            schema = response.get("content", {}).get("application/json", {}).get("schema", {})
            assert schema.get("type") != "array", f"{method} {path} {status}"


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [ref for inner in node.values() for ref in references(inner)]
        return [ref for inner in node for ref in references(inner)] if isinstance(node, list) else []

    for reference in references(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_the_command_of_make_check_passes() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file="/dev/null")
