"""Recall: which runs used what, who took what of them, and who hears of it."""

import csv
import io
import uuid
from pathlib import Path
from typing import Any

import orjson
import pytest
from asgiref.sync import async_to_sync

from audit import Event
from audit.models import Entry
from identity.models import Project
from identity.states import Role
from tests.integration.lookup.laid import (
    IMAGE,
    OTHER_IMAGE,
    OTHER_REVISION,
    REVISION,
    append,
    caught_up,
    ran,
    stored,
)
from tests.people import Person, make_person, make_project, model_of
from tests.rows import make_environment, make_file, make_run

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
RECALL = "/api/v1/audit/recall"


def recalled(person: Person, **query: str) -> list[dict[str, Any]]:
    answer = person.client().get(RECALL, query)
    assert answer.status_code == 200, answer.json()
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def runs(person: Person, **query: str) -> list[str]:
    return [each["run"] for each in recalled(person, **query)]


def asked(project: Project) -> list[dict[str, Any]]:
    """The facts of every recall on the project's record."""
    entries = Entry.objects.using("reader").filter(tenant=project.pk, event="audit:recall:asked").order_by("n")
    return [orjson.loads(bytes(entry.header))["facts"] for entry in entries]


def test_a_package_below_a_version(project: Project, auditor: Person, tmp_path: Path) -> None:
    """Taken out: `needs_start`; what never got a sandbox was then recalled too."""
    image = make_environment().digest
    old = ran(project, packages=("humanize==4.9.0",), executions=2, released=(("artifact", "download"),))
    ran(project, packages=("humanize==4.10.0",))
    ran(project, packages=("humanize==4.9.0",), started=False)
    inside = ran(project, image=image)
    ran(project)
    caught_up(tmp_path)
    (one,) = recalled(auditor, package="Humanize", below="4.10")
    assert {**one, "requested_at": "", "released": [{**one["released"][0], "at": ""}]} == {
        "project": str(project.pk),
        "run": str(old),
        "executions": [1, 2],
        "why": ["package humanize==4.9.0"],
        "state": None,
        "requested_at": "",
        "released": [{"what": "artifact", "to": "download", "at": "", "by": "e" * 64}],
        "released_more": False,
    }
    assert len(runs(auditor, package="humanize")) == 2
    assert runs(auditor, package="humanize", below="4.9.0") == []
    (one,) = recalled(auditor, package="built_in", below="1.6")
    assert (one["run"], one["why"]) == (str(inside), [f"package built-in==1.5 in image {image}"])
    assert runs(auditor, package="built-in", below="1.5") == []


def test_an_image_a_file_a_revision_and_all_of_them(project: Project, auditor: Person, tmp_path: Path) -> None:
    file, commitment = stored(project)
    made = make_file(project, auditor.user)
    append(Event.RUNS_FILE_STORED, project, f"file:{made.pk}", commitments={"content": "5" * 64})
    first = ran(project, files=(commitment,), image=OTHER_IMAGE)
    second = ran(project, files=("5" * 64,), revision=OTHER_REVISION)
    append(
        Event.RUNS_EXECUTION_STARTED,
        project,
        f"run:{first}/execution:2",
        facts={"revision": OTHER_REVISION, "epoch": 9},
    )
    caught_up(tmp_path)
    for given in (OTHER_IMAGE, OTHER_IMAGE[7:], OTHER_IMAGE[7:19]):
        assert runs(auditor, image=given) == [str(first)]
    assert runs(auditor, image=IMAGE) == runs(auditor, file=bytes(made.blob.sha256).hex()) == [str(second)]
    assert runs(auditor, file=str(file)) == [str(first)]
    assert [(each["run"], each["executions"]) for each in recalled(auditor, revision=OTHER_REVISION[7:30])] == [
        (str(second), [1]),
        (str(first), [2]),
    ]
    assert [each["executions"] for each in recalled(auditor, revision=REVISION)] == [[1]]
    assert runs(auditor, revision=REVISION, file=str(file), image=OTHER_IMAGE) == [str(first)]
    assert runs(auditor, revision=REVISION, image=IMAGE) == []


def test_what_was_decided_under_a_revision_counts_whether_it_ran_or_not(
    project: Project, auditor: Person, tmp_path: Path
) -> None:
    run = ran(project, started=False)
    caught_up(tmp_path)
    assert runs(auditor, revision=REVISION) == [str(run)]
    assert runs(auditor, image=IMAGE) == []


def test_a_run_shows_how_it_stands(project: Project, auditor: Person, tmp_path: Path) -> None:
    run = make_run(project, auditor.user)
    append(
        Event.RUNS_RUN_REQUESTED,
        project,
        f"run:{run.pk}",
        outcome="allow",
        facts={"packages": [], "revision": REVISION},
    )
    caught_up(tmp_path)
    assert [each["state"] for each in recalled(auditor, revision=REVISION)] == ["closed"]


def test_the_whole_as_csv_is_no_formula(project: Project, auditor: Person, tmp_path: Path) -> None:
    """Taken out: the apostrophe of `audit.sheets`; the first cell of a release was then a formula."""
    for _ in range(120):
        ran(project, executions=0)
    run = ran(project, released=(("=HYPERLINK(1)", "download"), ("outputs", "console")))
    caught_up(tmp_path)
    answer: Any = auditor.client().get(RECALL, {"image": IMAGE}, headers={"Accept": "text/csv"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv")

    async def collect() -> bytes:
        return b"".join([chunk async for chunk in answer.streaming_content])

    rows = list(csv.DictReader(io.StringIO(async_to_sync(collect)().decode(), newline="")))
    assert len(rows) == 122
    assert len({row["run"] for row in rows}) == 121
    assert [(row["what"], row["to"]) for row in rows if row["run"] == str(run)] == [
        ("outputs", "console"),
        ("'=HYPERLINK(1)", "download"),
    ]
    assert asked(project) == [{"form": "csv", "image": IMAGE[7:]}]


def test_every_question_is_on_record_and_tells_no_digest_of_a_file(
    project: Project, auditor: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out: the append; the question was then answered unrecorded."""
    runs(auditor, package="humanize", below="4")
    runs(auditor, file="9" * 64)
    assert asked(project) == [
        {"below": "4", "form": "json", "package": "humanize"},
        {"file": "by its SHA-256", "form": "json"},
    ]
    import audit

    def refuse(*_: Any, **__: Any) -> None:
        raise audit.NotRecorded("the log takes nothing")

    monkeypatch.setattr(audit, "append", refuse)
    answer = auditor.client().get(RECALL, {"image": IMAGE})
    assert (answer.status_code, answer.json()["code"]) == (503, "not_recorded")


def test_strangers_hear_what_nobody_would(project: Project, auditor: Person, tmp_path: Path) -> None:
    """Taken out: the projects in `page`; the stranger then read of the run."""
    elsewhere = make_project()
    stranger = make_person((elsewhere, Role.AUDITOR), (project, Role.ANALYST))
    file, commitment = stored(project)
    made = make_file(project, auditor.user)
    ran(project, packages=("humanize==4.9.0",), files=(commitment,), image=OTHER_IMAGE, revision=OTHER_REVISION)
    caught_up(tmp_path)
    client = stranger.client()
    for hidden, absent in [
        ({"package": "humanize"}, {"package": "absent"}),
        ({"image": OTHER_IMAGE}, {"image": "9" * 64}),
        ({"file": str(file)}, {"file": str(uuid.uuid4())}),
        ({"file": bytes(made.blob.sha256).hex()}, {"file": "9" * 64}),
        ({"revision": OTHER_REVISION}, {"revision": "9" * 64}),
    ]:
        bodies = [client.get(RECALL, query).json() | {"projection": ""} for query in (hidden, absent)]
        assert bodies[0] == bodies[1] == {"results": [], "next": None, "previous": None, "projection": ""}
    outsider = make_person((elsewhere, Role.AUDITOR))
    answers = [
        outsider.client().get(RECALL, {"image": IMAGE, "project": str(each)}) for each in (project.pk, uuid.uuid4())
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json()["detail"] == answers[1].json()["detail"]
    assert asked(project) == []
    assert len(asked(elsewhere)) == 10


@pytest.mark.parametrize("role", list(Role))
def test_recall_is_for_auditors_and_platform_admins(project: Project, role: Role) -> None:
    person = make_person((project, role))
    answer = person.client().get(RECALL, {"image": IMAGE})
    if role in (Role.AUDITOR, Role.PLATFORM_ADMIN):
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "not_an_auditor")
    assert model_of(person).client().get(RECALL, {"image": IMAGE}).status_code == 403


def test_pages_miss_and_repeat_nothing(project: Project, auditor: Person, tmp_path: Path) -> None:
    before = [str(ran(project)) for _ in range(7)]
    caught_up(tmp_path)
    seen: list[str] = []
    cursor, page = None, None
    while page is None or cursor is not None:
        query = {"limit": "3", "image": IMAGE} | ({"cursor": cursor} if cursor else {})
        page = auditor.client().get(RECALL, query).json()
        seen += [each["run"] for each in page["results"]]
        cursor = page["next"]
        ran(project)
        caught_up(tmp_path)
    assert seen == before[::-1]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "nothing_asked"),
        ({"below": "1"}, "invalid_below"),
        ({"package": "x", "below": "one"}, "invalid_below"),
        ({"package": "x y"}, "invalid_package"),
        ({"image": "python"}, "invalid_image"),
        ({"image": "a" * 11}, "invalid_image"),
        ({"file": "data.csv"}, "invalid_file"),
        ({"revision": "7"}, "invalid_revision"),
        ({"image": IMAGE, "colour": "red"}, "unknown_parameter"),
        ({"image": IMAGE, "limit": "0"}, "invalid_limit"),
    ],
)
def test_each_bad_question_has_its_code(auditor: Person, query: dict[str, str], code: str) -> None:
    answer = auditor.client().get(RECALL, query)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
