"""Whatever the OpenAPI document lets be sent, every door answers as the document says, and none breaks."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode

from identity.states import Role
from tests.people import make_person, make_project
from tests.tus import PIECE

# A piece of an upload is bytes as they are.
schemathesis.serializer.alias(PIECE, "application/octet-stream")

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("redis_server", "opa_server"),
]


def operations() -> Iterator[Any]:
    document = schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application())
    found: Any
    for found in document.get_all_operations():
        yield found.ok()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_door_breaks(mode: GenerationMode) -> None:
    project = make_project()
    person = make_person(*[(project, role) for role in Role])
    headers = {"Authorization": f"Bearer {person.bearer}"}
    tried = 0
    for operation in operations():
        if mode is GenerationMode.NEGATIVE and operation.method.upper() == "GET" and not operation.query:
            continue

        @settings(
            max_examples=6,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def holds(case: Any) -> None:
            nonlocal tried
            tried += 1
            answer = case.call(headers=headers)
            described = case.operation.definition.raw["responses"]
            where = f"{case.method} {case.path}: {answer.status_code} {answer.text[:500]}"
            assert answer.status_code < 500 or answer.status_code == 503, where
            assert str(answer.status_code) in described or answer.status_code in (404, 405), where
            if answer.status_code >= 400:
                assert answer.json()["code"], where

        holds()
    assert tried > 20
