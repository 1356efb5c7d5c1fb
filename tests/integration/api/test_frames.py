"""An output as a document of its own: sealed by its headers, released as all outputs are, and hidden where they are."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from rest_framework.test import APIClient

import policy.actions
from config.errors import Reason
from gateways.opa import Answer
from identity.models import Project
from identity.states import Role
from policy.models import Decision
from runs.models import Run
from runs.states import RunState
from tests.people import Person, make_person, make_project, model_of
from tests.rows import kept, make_cell, make_run

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("redis_server", "opa_server"),
]

HTML = "<script>alert('0451')</script><b>bold</b>"
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
OUTPUTS: list[dict[str, Any]] = [
    {"output_type": "stream", "name": "stdout", "text": "plain"},
    {"output_type": "display_data", "data": {"text/html": HTML, "text/plain": "bold"}, "metadata": {}},
    {"output_type": "execute_result", "data": {"image/svg+xml": [SVG[:20], SVG[20:]], "text/plain": "x"}},
    {"output_type": "error", "ename": "E", "evalue": "", "traceback": []},
]


@dataclass(frozen=True)
class Scene:
    """One cell with outputs, its people, and somebody of elsewhere."""

    project: Project
    run: Run
    people: dict[str, Person]


@pytest.fixture
def scene() -> Iterator[Scene]:
    project = make_project()
    owner = make_person((project, Role.ANALYST))
    run = make_run(project, owner.user, RunState.READY)
    kinds = ["image/svg+xml", "text/html", "text/plain"]
    make_cell(run, 1, outputs=kept(orjson.dumps(OUTPUTS)), output_media_types=kinds)
    make_cell(run, 2, outputs=None)
    people = {
        "owner": owner,
        "model": model_of(owner),
        "colleague": make_person((project, Role.ANALYST)),
        "outsider": make_person((make_project(), Role.ANALYST)),
    }
    yield Scene(project, run, people)


def frame(scene: Scene, index: int = 1, kind: str = "text/html", *, who: str = "owner", **named: Any) -> Any:
    run, number = named.get("run", scene.run.pk), named.get("number", 1)
    address = f"/api/v1/runs/{run}/executions/{number}/outputs/{index}"
    return scene.people[who].client().get(address, {"type": kind})


@pytest.mark.parametrize(("index", "kind", "content"), [(1, "text/html", HTML), (2, "image/svg+xml", SVG)])
def test_an_output_is_a_sealed_document(scene: Scene, index: int, kind: str, content: str) -> None:
    """The whole policy compared: an added source shows."""
    answer = frame(scene, index, kind, who="colleague")
    assert (answer.status_code, answer.content.decode()) == (200, content)
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
    assert answer.headers["content-security-policy"] == (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["x-dns-prefetch-control"] == "off"
    assert answer.headers["cache-control"] == "no-store"


ABSENT = [
    (0, "text/html", 1),
    (1, "image/svg+xml", 1),
    (3, "text/html", 1),
    (4, "text/html", 1),
    (1 << 70, "text/html", 1),
    (0, "text/html", 2),
    (0, "text/html", 3),
]


@pytest.mark.parametrize(("index", "kind", "number"), ABSENT)
def test_what_is_not_there_is_not_found(scene: Scene, index: int, kind: str, number: int) -> None:
    answer = frame(scene, index, kind, number=number)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_other_kinds_are_no_documents(scene: Scene) -> None:
    address = f"/api/v1/runs/{scene.run.pk}/executions/1/outputs/1"
    for params in ({}, {"type": "text/plain"}, {"type": "application/javascript"}, {"type": "TEXT/HTML"}):
        answer = scene.people["owner"].client().get(address, params)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_type")


def test_a_frame_of_others_looks_like_none(scene: Scene) -> None:
    answers = [frame(scene, who="outsider", run=run) for run in (scene.run.pk, uuid.uuid4())]
    assert {answer.status_code for answer in answers} == {404}
    told = [{**answer.json(), "request_id": "", "instance": ""} for answer in answers]
    assert told[0] == told[1]
    assert APIClient().get(f"/api/v1/runs/{scene.run.pk}/executions/1/outputs/1?type=text/html").status_code == 401


def test_what_models_do_not_get_they_do_not_get_in_a_frame(scene: Scene) -> None:
    """Taken out for a try: the look at what is withheld; the model then reads HTML."""
    for index, kind in ((1, "text/html"), (2, "image/svg+xml")):
        answer = frame(scene, index, kind, who="model")
        assert (answer.status_code, answer.json()["code"]) == (403, "output_withheld")
        assert "0451" not in answer.content.decode()
    assert answer.json()["remedy"]


def test_a_no_of_policy_shows_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    no = Answer("deny", (Reason("too_much", "Too much.", "Less."),))
    monkeypatch.setattr(policy.actions, "evaluate", lambda point, question: no)
    answer = frame(scene)
    assert (answer.status_code, answer.json()["code"]) == (403, "policy_denied")
    assert [reason["code"] for reason in answer.json()["reasons"]] == ["too_much"]
    assert "0451" not in answer.content.decode()


def test_each_frame_is_asked_about_as_all_outputs_are(scene: Scene) -> None:
    """The same question as of the execution's own door, so that no large output leaves by parts."""
    client = scene.people["owner"].client()
    client.get(f"/api/v1/runs/{scene.run.pk}/executions/1")
    assert frame(scene).status_code == 200
    asked = Decision.objects.filter(point="release", subject=f"run:{scene.run.pk}").order_by("created_at")
    whole, framed = ({**one.input, "now": ""} for one in asked)
    assert framed == whole
    assert framed["what"] == "outputs"
