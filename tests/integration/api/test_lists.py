"""Lists of runs, cells and files: what each filter leaves, that nothing is skipped, that nobody finds the hidden."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from identity.models import Project
from identity.states import Role
from runs.models import Run
from runs.states import ExecutionState, RunState
from tests.people import Person, make_person, make_project, model_of
from tests.rows import make_cell, make_file, make_run

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("redis_server"),
]

SECRET = "hidden-0451"
NOW = timezone.now()


@dataclass(frozen=True)
class Scene:
    """Two analysts of one project, one of another, and what they made."""

    ours: Project
    theirs: Project
    ann: Person
    bob: Person
    eve: Person
    runs: dict[str, Run]

    def names(self, answer: Any) -> list[str]:
        """The runs of a list, by the names that they have here."""
        known = {str(run.pk): name for name, run in self.runs.items()}
        return [known[one["id"]] for one in answer.json()["results"]]


@pytest.fixture
def scene() -> Iterator[Scene]:
    ours, theirs = make_project("ours"), make_project("theirs")
    ann, bob = (make_person((ours, Role.ANALYST)) for _ in range(2))
    eve = make_person((theirs, Role.ANALYST))
    day = timedelta(days=1)
    runs = {
        "old": make_run(ours, ann.user, purpose="Penguins by island", created_at=NOW - 30 * day),
        "failed": make_run(ours, ann.user, RunState.FAILED, purpose="Body mass, 100% sure", created_at=NOW - 2 * day),
        "bobs": make_run(ours, bob.user, RunState.READY, purpose="penguins again", created_at=NOW - day),
        "queued": make_run(ours, ann.user, RunState.QUEUED, environment="geo", created_at=NOW - timedelta(hours=1)),
        "theirs": make_run(theirs, eve.user, RunState.FAILED, purpose=SECRET, created_at=NOW - day),
    }
    yield Scene(ours, theirs, ann, bob, eve, runs)


def get(person: Person, address: str, **params: Any) -> Any:
    return person.client().get(f"/api/v1/{address}", params)


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["queued", "bobs", "failed", "old"]),
    ({"state": "failed"}, ["failed"]),
    ({"state": "failed,queued"}, ["queued", "failed"]),
    ({"state": ["failed", "queued"]}, ["queued", "failed"]),
    ({"environment": "geo"}, ["queued"]),
    ({"environment": "Geo"}, []),
    ({"owner": "me"}, ["queued", "failed", "old"]),
    ({"q": "penguins"}, ["bobs", "old"]),
    ({"q": "PENGUINS island"}, ["old"]),
    ({"q": "100%"}, ["failed"]),
    ({"q": "1_0"}, []),
    ({"q": "geo"}, ["queued"]),
    ({"q": SECRET}, []),
    ({"since": (NOW - timedelta(days=1, hours=1)).isoformat()}, ["queued", "bobs"]),
    ({"until": (NOW - timedelta(days=3)).isoformat()}, ["old"]),
    ({"q": "penguins", "owner": "me", "state": "closed"}, ["old"]),
    ({"q": ""}, ["queued", "bobs", "failed", "old"]),
]


@pytest.mark.parametrize(("params", "expected"), FILTERS)
def test_each_filter_leaves_what_it_says(scene: Scene, params: dict[str, Any], expected: list[str]) -> None:
    assert scene.names(get(scene.ann, "runs", **params)) == expected


def test_a_run_is_found_by_how_its_id_begins(scene: Scene) -> None:
    wanted = str(scene.runs["old"].pk)
    for beginning in (wanted, wanted[:8], wanted[:13].upper(), wanted.replace("-", "")):
        assert scene.names(get(scene.ann, "runs", q=beginning)) == ["old"]
    assert scene.names(get(scene.ann, "runs", q=str(scene.runs["theirs"].pk))) == []


def test_filters_by_project_and_by_person_betray_nothing(scene: Scene) -> None:
    """A project and a person of elsewhere look like none at all."""
    answers = [
        get(scene.ann, "runs", **{name: value})
        for name, there in (("project", scene.theirs.pk), ("owner", scene.eve.user.pk))
        for value in (there, uuid.uuid4())
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert scene.names(get(scene.ann, "runs", owner=scene.bob.user.pk)) == ["bobs"]
    assert scene.names(get(scene.ann, "runs", project=scene.ours.pk, state="closed")) == ["old"]


BAD = [
    ({"state": "asleep"}, "unknown_state"),
    ({"state": "failed,asleep"}, "unknown_state"),
    ({"state": ""}, "unknown_state"),
    ({"project": "x"}, "invalid_project"),
    ({"owner": "you"}, "invalid_owner"),
    ({"since": "yesterday"}, "invalid_since"),
    ({"until": "2026-01-31T09:30:00"}, "invalid_until"),
    ({"until": "2026-13-31T09:30:00Z"}, "invalid_until"),
    ({"q": "x" * 201}, "invalid_q"),
    ({"q": " ".join("abcdefghijkl")}, "invalid_q"),
    ({"q": "a\x00"}, "nul_character"),
    ({"environment": "\x00"}, "nul_character"),
    ({"environment": "x" * 201}, "invalid_environment"),
    ({"cursor": "x"}, "invalid_cursor"),
    ({"limit": "0"}, "invalid_limit"),
]


@pytest.mark.parametrize(("params", "code"), BAD)
def test_a_filter_that_means_nothing_is_refused(params: dict[str, str], code: str) -> None:
    answer = get(make_person(), "runs", **params)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.headers["content-type"] == "application/problem+json"


def walk(person: Person, address: str, **params: Any) -> Iterator[list[dict[str, Any]]]:
    """Every page in turn."""
    body = get(person, address, **params).json()
    while True:
        yield body["results"]
        if body["next"] is None:
            return
        body = get(person, address, cursor=body["next"], **params).json()


def test_pages_skip_nothing_and_repeat_nothing_while_runs_are_added(scene: Scene) -> None:
    at = NOW - timedelta(days=5)
    made = {str(make_run(scene.ours, scene.ann.user, purpose="paged", created_at=at).pk) for _ in range(7)}
    seen = []
    for page in walk(scene.ann, "runs", q="paged", limit=2):
        seen += [one["id"] for one in page]
        make_run(scene.ours, scene.ann.user, purpose="paged later")
    assert (len(seen), set(seen)) == (7, made)


def test_the_way_back_is_the_way_there(scene: Scene) -> None:
    at = NOW - timedelta(days=5)
    for _ in range(5):
        make_run(scene.ours, scene.ann.user, purpose="paged", created_at=at)
    there = [get(scene.ann, "runs", q="paged", limit=2).json()]
    while there[-1]["next"]:
        there.append(get(scene.ann, "runs", q="paged", limit=2, cursor=there[-1]["next"]).json())
    assert [len(page["results"]) for page in there] == [2, 2, 1]
    back = [there[-1]]
    while back[-1]["previous"]:
        back.append(get(scene.ann, "runs", q="paged", limit=2, cursor=back[-1]["previous"]).json())
    assert [page["results"] for page in reversed(back)] == [page["results"] for page in there]
    assert back[-1]["next"] == there[0]["next"]


def test_a_run_names_its_project_its_owner_and_what_it_used(scene: Scene) -> None:
    run = scene.runs["old"]
    make_cell(run, 1, wall_seconds=1.5, cpu_seconds=0.5, peak_memory_bytes=100)
    make_cell(run, 2, ExecutionState.FAILED, wall_seconds=2.0, cpu_seconds=1.0, peak_memory_bytes=50)
    make_cell(run, 3, ExecutionState.QUEUED)
    scene.ann.user.display_name = "Ann Other"
    scene.ann.user.save(update_fields=["display_name"])
    listed = get(scene.bob, "runs", q="island").json()["results"][0]
    assert listed == get(scene.bob, f"runs/{run.pk}").json()
    assert listed["project_name"] == scene.ours.name
    assert listed["owner"] == {"id": str(scene.ann.user.pk), "name": "Ann Other"}
    assert listed["usage"] == {"wall_seconds": 3.5, "cpu_seconds": 1.5, "peak_memory_bytes": 100}
    unused = get(scene.bob, "runs", q="again").json()["results"][0]
    assert unused["owner"]["name"] == scene.bob.user.username
    assert unused["usage"] == {"wall_seconds": None, "cpu_seconds": None, "peak_memory_bytes": None}


def test_a_page_takes_as_many_questions_however_long_it_is(scene: Scene, django_assert_max_num_queries: Any) -> None:
    """Taken out for a try: `queue_positions`; each run that waits then asked for its place."""
    for n in range(20):
        run = make_run(scene.ours, scene.ann.user, RunState.QUEUED, created_at=NOW + timedelta(seconds=n))
        run.files.add(make_file(scene.ours, scene.ann.user))
        make_cell(run, 1, ExecutionState.QUEUED)
    client = scene.ann.client()
    client.get("/api/v1/runs")
    with django_assert_max_num_queries(8):
        page = client.get("/api/v1/runs", {"state": "queued"}).json()["results"]
    assert [one["queue_position"] for one in page] == list(range(21, 0, -1))


def test_a_models_list_is_its_persons_runs(scene: Scene) -> None:
    model = model_of(scene.ann)
    assert {one["id"] for page in walk(model, "runs") for one in page} == {
        str(scene.runs[name].pk) for name in ("old", "failed", "queued")
    }
    assert scene.names(get(model, "runs", owner=scene.bob.user.pk)) == []
    assert scene.names(get(model, "runs", q="again")) == []


def test_cells_are_listed_in_order_and_without_contents(scene: Scene) -> None:
    run = scene.runs["bobs"]
    for number in (2, 1, 3):
        make_cell(
            run,
            number,
            ExecutionState.FAILED,
            analysis={"imports": [SECRET]},
            skipped_artifacts=[{"name": SECRET, "reason": SECRET}],
            origin_kind="model",
            origin_model="model-1",
            corrects=number - 1 or None,
            ended_code="error",
            wall_seconds=0.5,
        )
    pages = list(walk(scene.ann, f"runs/{run.pk}/executions", limit=2))
    assert [[cell["number"] for cell in page] for page in pages] == [[1, 2], [3]]
    cell = pages[0][1]
    assert cell["origin"] == {"kind": "model", "model": "model-1", "corrects": 1}
    assert cell["ending"] == {"code": "error", "message": "", "remedy": ""}
    assert cell["usage"]["wall_seconds"] == 0.5
    assert SECRET not in str(pages)
    assert not {"code", "outputs", "prompt"} & set(cell)


def test_cells_of_a_hidden_run_look_like_those_of_none(scene: Scene) -> None:
    make_cell(scene.runs["theirs"], 1)
    answers = [get(scene.ann, f"runs/{run}/executions") for run in (scene.runs["theirs"].pk, uuid.uuid4())]
    model = get(model_of(scene.ann), f"runs/{scene.runs['bobs'].pk}/executions")
    for answer in (*answers, model):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    told = [{**answer.json(), "instance": "", "request_id": ""} for answer in answers]
    assert told[0] == told[1]
    assert APIClient().get(f"/api/v1/runs/{scene.runs['bobs'].pk}/executions").status_code == 401


def test_files_are_listed_for_who_may_use_them(scene: Scene) -> None:
    mine = [make_file(scene.ours, scene.ann.user, f"{n}.csv") for n in range(3)]
    bobs = make_file(scene.ours, scene.bob.user)
    hidden = make_file(scene.theirs, scene.eve.user, SECRET)
    erased = make_file(scene.ours, scene.ann.user)
    erased.blob.wrapped_key = None
    erased.blob.save(update_fields=["wrapped_key"])

    def listed(person: Person, **params: Any) -> list[str]:
        return [one["id"] for page in walk(person, "files", limit=2, **params) for one in page]

    newest_first = [str(file.pk) for file in reversed([*mine, bobs])]
    assert listed(scene.ann) == newest_first
    assert listed(scene.ann, project=scene.ours.pk) == newest_first
    assert listed(scene.ann, owner="me") == newest_first[1:]
    assert listed(model_of(scene.ann)) == newest_first[1:]
    assert listed(scene.ann, project=scene.theirs.pk) == []
    assert listed(scene.eve) == [str(hidden.pk)]
    one = get(scene.bob, "files", owner=scene.bob.user.pk).json()["results"][0]
    assert one["owner"] == {"id": str(scene.bob.user.pk), "name": scene.bob.user.username}
    assert (one["project"], one["size"], one["sha256"]) == (
        str(scene.ours.pk),
        bobs.blob.size,
        bytes(bobs.blob.sha256).hex(),
    )
