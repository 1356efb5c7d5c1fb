"""Limits as policy has them, and what is used of the platform: own use, and figures that betray nobody's."""

import uuid
from typing import Any

import pytest

from config.errors import Reason, Refused
from gateways import sandboxes
from identity.states import Role
from policy import queries
from runs.limits import DESCRIBED
from runs.states import RunState
from sandbox_operator.protocol import BackendHealth
from tests.configured import configured
from tests.people import Person, make_person, make_project, model_of
from tests.rows import make_run

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("redis_server"),
]


def get(person: Person, address: str, **params: Any) -> Any:
    return person.client().get(f"/api/v1/{address}", params)


@pytest.mark.usefixtures("opa_server")
def test_limits_are_the_policys_own_and_described() -> None:
    found = get(make_person(), "limits").json()["limits"]
    assert [one["name"] for one in found] == list(DESCRIBED)
    memory = next(one for one in found if one["name"] == "memory_bytes")
    assert memory == {
        "name": "memory_bytes",
        "unit": "bytes",
        "title": "Memory",
        "floor": 67108864,
        "default": 1073741824,
        "ceiling": 4294967296,
        "model_ceiling": 2147483648,
    }
    assert all(isinstance(memory[bound], int) for bound in ("floor", "default", "ceiling", "model_ceiling"))


def test_a_limit_that_has_no_words_is_shown_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        queries, "limits", lambda: {"gpus": queries.Limit(0, 1, 0, 0), "processes": queries.Limit(1, 2, 1, 1)}
    )
    found = get(make_person(), "limits").json()["limits"]
    assert [(one["name"], one["unit"], one["title"]) for one in found] == [
        ("processes", "count", "Processes"),
        ("gpus", "count", "gpus"),
    ]


def test_limits_that_cannot_be_read_are_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent() -> Any:
        raise Refused("policy_denied", "No answer.", reasons=(Reason("policy_timeout", "No answer."),))

    monkeypatch.setattr(queries, "limits", silent)
    answer = get(make_person(), "limits")
    assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (403, "policy_timeout")


class Pool:
    """A backend that only says how it is."""

    def __init__(self, ok: bool) -> None:
        self._ok = ok

    def health(self) -> BackendHealth:
        return BackendHealth(self._ok, 1, 0, 3, 8 if self._ok else 0, (), (), {})


def quotas(person: Person, **params: Any) -> dict[str, tuple[Any, ...]]:
    answer = get(person, "quota", **params)
    assert answer.status_code == 200, answer.json()
    assert answer.json()["file_max_bytes"] == 1024**3
    return {one["name"]: (one["scope"], one["used"], one["limit"], one["left"]) for one in answer.json()["quotas"]}


def test_own_use_is_counted_and_the_platforms_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxes, "backend", lambda: Pool(ok=True))
    one, other = make_project(), make_project()
    ann = make_person((one, Role.ANALYST), (other, Role.ANALYST))
    bob = make_person((one, Role.ANALYST))
    for project, person, state in [
        (one, ann, RunState.QUEUED),
        (one, ann, RunState.CLOSED),
        (other, ann, RunState.READY),
        (one, bob, RunState.QUEUED),
    ]:
        make_run(project, person.user, state)
    with configured(queue_length="5"):
        found = quotas(ann)
    assert found["live_runs"] == ("person", 2, None, None)
    assert found["queue"] == ("platform", 2, 5, 3)
    assert found["sandboxes"] == ("platform", 3, 8, 5)
    assert quotas(ann, project=other.pk)["live_runs"][1] == 1
    assert quotas(model_of(bob))["live_runs"][1] == 1
    with configured(queue_length="1"):
        assert quotas(ann)["queue"] == ("platform", 2, 1, 0)


def test_a_pool_that_does_not_answer_is_not_called_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxes, "backend", lambda: Pool(ok=False))
    assert quotas(make_person())["sandboxes"][2:] == (None, None)


def test_use_of_another_project_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxes, "backend", lambda: Pool(ok=True))
    person, project = make_person(), make_project()
    answers = [get(person, "quota", project=asked) for asked in (project.pk, uuid.uuid4())]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "not_found")}
    assert answers[0].json() | {"request_id": ""} == answers[1].json() | {"request_id": ""}
    assert get(person, "quota", project="x").json()["code"] == "invalid_project"
