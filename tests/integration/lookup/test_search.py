"""Search: what is found is what the log says, for whom it is, and nothing else."""

import itertools
import random
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from audit import Event, datakeys
from audit.models import Entry
from identity.models import Project
from identity.states import Role
from lookup import actions
from lookup.models import Word
from tests.integration.lookup.laid import IMAGE, OTHER_IMAGE, TABLES, append, caught_up, dumped, ran, stored
from tests.people import Person, make_person, make_project
from tests.rows import make_file

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
ENTRIES = "/api/v1/audit/entries"


def found(person: Person, **query: Any) -> list[dict[str, Any]]:
    answer = person.client().get(ENTRIES, query | {"limit": "200"})
    assert answer.status_code == 200, answer.json()
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def ids(entries: list[dict[str, Any]]) -> set[str]:
    return {entry["id"] for entry in entries}


def test_every_condition_and_any_two_find_what_the_log_says(project: Project, auditor: Person, tmp_path: Path) -> None:
    """Against a plain reading of every header. Taken out for a try: the outcome; pairs then found more."""
    chance = random.Random(20261130)
    people = ["1" * 64, "2" * 64, None]
    files = [stored(project) for _ in range(3)]
    for _ in range(30):
        ran(
            project,
            actor=chance.choice(people),
            packages=tuple(chance.sample(["humanize==4.9.0", "humanize==4.8.0", "numpy==2.1.0"], chance.randint(0, 2))),
            files=tuple(commitment for _, commitment in chance.sample(files, chance.randint(0, 2))),
            image=chance.choice([IMAGE, OTHER_IMAGE]),
            executions=chance.randint(0, 3),
            started=chance.random() < 0.7,
            released=(("outputs", "console"),) * chance.randint(0, 2),
        )
    caught_up(tmp_path)
    log = [orjson.loads(bytes(entry.header)) for entry in Entry.objects.using("reader").filter(tenant=project.pk)]
    assert len(log) > 80
    a_run = next(each["subject"] for each in log if each["event"] == "runs:run:started").removeprefix("run:")
    file, commitment = files[0]
    middle = sorted(each["recorded_at"] for each in log)[len(log) // 2]

    def whole(each: dict[str, Any]) -> str:
        return orjson.dumps([each["facts"], each["commitments"]]).decode()

    conditions: dict[str, tuple[str, Any]] = {
        "event": ("runs:run:requested", lambda each: each["event"] == "runs:run:requested"),
        "actor": ("1" * 64, lambda each: each["actor"] == "1" * 64),
        "run": (a_run, lambda each: each["subject"].startswith(f"run:{a_run}")),
        "outcome": ("allow", lambda each: each["outcome"] == "allow"),
        "since": (middle, lambda each: each["recorded_at"] >= middle),
        "until": (middle, lambda each: each["recorded_at"] < middle),
        "subject": (f"run:{a_run}", lambda each: each["subject"] == f"run:{a_run}"),
        "digest": (IMAGE, lambda each: IMAGE in whole(each)),
        "package": ("Humanize", lambda each: "humanize==" in whole(each)),
        "dataset": (
            str(file),
            lambda each: each["subject"] == f"file:{file}" or commitment in each["commitments"].values(),
        ),
    }
    for one, other in itertools.combinations_with_replacement(conditions, 2):
        query = {name: conditions[name][0] for name in (one, other)}
        expected = {each["id"] for each in log if conditions[one][1](each) and conditions[other][1](each)}
        assert ids(found(auditor, **query)) == expected, query
    assert ids(found(auditor, package="humanize==4.8")) == ids(found(auditor, package="humanize==4.8.0")) != set()
    assert ids(found(auditor, digest=IMAGE[7:19])) == ids(found(auditor, digest=IMAGE[7:]))
    times = [entry["recorded_at"] for entry in found(auditor, outcome="allow")]
    assert times == sorted(times, reverse=True)


def test_a_dataset_is_found_by_its_content(project: Project, auditor: Person, tmp_path: Path) -> None:
    file = make_file(project, auditor.user)
    append(Event.RUNS_FILE_STORED, project, f"file:{file.pk}", commitments={"content": "5" * 64})
    run = ran(project, files=("5" * 64,))
    caught_up(tmp_path)
    entries = found(auditor, dataset=bytes(file.blob.sha256).hex())
    assert {entry["subject"] for entry in entries} == {f"file:{file.pk}", f"run:{run}"}
    assert ids(entries) == ids(found(auditor, dataset=str(file.pk)))


def test_a_found_entry_is_shown_as_the_log_shows_it(project: Project, auditor: Person, tmp_path: Path) -> None:
    run = ran(project, personal={"purpose": "find fraud"}, about=auditor.caller.pseudonym)
    early = found(auditor, subject=f"run:{run}")[0]
    assert (early["index"], early["log_size"]) == (None, None)
    caught_up(tmp_path)
    entry = found(auditor, run=str(run), event="runs:run:requested")[0]
    assert entry in found(auditor, subject=f"run:{run}")
    assert auditor.client().get(f"{ENTRIES}/{entry['id']}").json() == entry
    assert (entry["payload"], entry["index"] < entry["log_size"]) == ({"purpose": "find fraud"}, True)
    assert found(auditor, run=str(run), event="runs:run:started")[0]["payload"] is None


def test_an_answer_says_what_it_lacks(project: Project, auditor: Person, tmp_path: Path) -> None:
    ran(project)
    caught_up(tmp_path)
    client = auditor.client()
    assert client.get(ENTRIES, {"outcome": "allow"}).json()["projection"]["behind"] == 0
    ran(project)
    from tests.integration.audit.sequencing import run_once

    run_once(tmp_path)
    answer = client.get(ENTRIES, {"outcome": "allow"}).json()
    assert (answer["projection"]["behind"], len(answer["results"])) == (3, 1)
    assert answer["projection"]["lag_seconds"] > 0
    assert client.get(ENTRIES).json()["projection"] is None
    caught_up(tmp_path)
    assert len(found(auditor, outcome="allow")) == 2


def test_pages_miss_and_repeat_nothing_while_entries_are_laid_out(
    project: Project, auditor: Person, tmp_path: Path
) -> None:
    for _ in range(4):
        ran(project, executions=2)
    caught_up(tmp_path)
    client, seen, cursor, page = auditor.client(), [], None, None
    before = [entry["id"] for entry in found(auditor, event="runs:execution:started")]
    while page is None or cursor is not None:
        query = {"limit": "3", "event": "runs:execution:started"} | ({"cursor": cursor} if cursor else {})
        page = client.get(ENTRIES, query).json()
        seen += [entry["id"] for entry in page["results"]]
        cursor = page["next"]
        ran(project, executions=2)
        caught_up(tmp_path)
    assert seen == before
    back = client.get(ENTRIES, {"limit": "3", "event": "runs:execution:started", "cursor": page["previous"]}).json()
    assert [entry["id"] for entry in back["results"]] == seen[3:6]


def test_made_anew_it_is_the_same(project: Project, auditor: Person, tmp_path: Path) -> None:
    """Taken out: the position's move; the same batch then came again, and the tables refused it."""
    elsewhere = make_project()
    for number in range(5):
        _, commitment = stored(project)
        person = f"{number}" * 64
        ran(
            project,
            files=(commitment,),
            packages=("humanize==4.9.0",),
            personal={"purpose": f"reason {number}"},
            about=person,
        )
        ran(elsewhere, started=False, revision=f"sha256:{number:064x}")
        caught_up(tmp_path)
    grown = dumped()
    assert all(grown[table] for table in TABLES)
    assert actions.keep_up() == 0
    assert dumped() == grown
    call_command("rebuild_lookup", verbosity=0)
    assert dumped() == grown
    actions.empty()
    assert not any(dumped().values())
    # In other batches, and ended in between.
    while actions.keep_up(1):
        pass
    assert dumped() == grown


def test_two_at_once_lay_nothing_out_twice(project: Project, tmp_path: Path) -> None:
    """Taken out: the lock's answer; the second then laid out beside the first."""
    from audit import leaves
    from tests.integration.audit.roles import as_role
    from tests.integration.audit.sequencing import run_once

    ran(project)
    run_once(tmp_path)
    with as_role("app") as other, other.transaction():
        other.execute("SELECT pg_advisory_xact_lock(%s)", [actions._ALONE])
        assert [actions.lay_out(log) for log in leaves.logs()] == [0] * len(leaves.logs())
    assert transaction.get_connection().in_atomic_block is False
    assert actions.keep_up() > 0


def test_words_are_found_by_whom_they_are_for(project: Project, tmp_path: Path) -> None:
    """Taken out: `opens_all`; the platform admin then found what others wrote."""
    auditor, admin = make_person((project, Role.AUDITOR)), make_person((project, Role.PLATFORM_ADMIN))
    elsewhere = make_project()
    other = make_person((elsewhere, Role.AUDITOR))
    analyst = make_person((project, Role.ANALYST))
    theirs = ran(project, personal={"purpose": "Find FRAUD in claims"}, about=analyst.caller.pseudonym)
    own = ran(project, personal={"purpose": "fraud again"}, about=admin.caller.pseudonym)
    caught_up(tmp_path)

    def runs(person: Person, text: str) -> set[str]:
        return {entry["subject"] for entry in found(person, text=text)}

    assert runs(auditor, "fraud") == {f"run:{theirs}", f"run:{own}"}
    assert runs(auditor, "Claims, fraud!") == {f"run:{theirs}"}
    assert runs(auditor, "frau") == runs(auditor, "fraud absent") == set()
    assert runs(admin, "fraud") == {f"run:{own}"}
    assert runs(admin, "claims") == runs(other, "fraud") == set()
    payloads = {entry["subject"]: entry["payload"] for entry in found(admin, event="runs:run:requested")}
    assert payloads == {f"run:{theirs}": None, f"run:{own}": {"purpose": "fraud again"}}
    assert analyst.client().get(ENTRIES, {"text": "fraud"}).json()["code"] == "not_an_auditor"
    assert found(auditor, text="fraud", outcome="deny") == []


def test_nothing_sealed_lies_in_it_in_plain_and_nothing_erased_is_found(
    project: Project, auditor: Person, tmp_path: Path
) -> None:
    """Taken out: the key in `blinded`, for a plain hash; the word's own hash was then in the table."""
    import hashlib

    person = "7" * 64
    ran(project, personal={"purpose": "merger with Umbrella"}, about=person)
    caught_up(tmp_path)
    whole = "".join(row for rows in dumped().values() for row in rows).lower()
    for word in ("merger", "umbrella"):
        for form in (word.encode(), hashlib.sha256(word.encode()).digest()[:16]):
            assert form.hex() not in whole
        assert word not in whole
    assert len(found(auditor, text="umbrella")) == 1
    with transaction.atomic():
        keys = datakeys.destroy_all_of(person)
    # At once: nobody can make what stands for the word.
    assert found(auditor, text="umbrella") == []
    assert found(auditor, event="runs:run:requested")[0]["payload"] is None
    assert Word.objects.filter(key__in=keys).exists()
    append(Event.SUBJECT_ERASED, project, f"person:{person}", facts={"keys": [str(key) for key in keys]})
    caught_up(tmp_path)
    assert not Word.objects.filter(key__in=keys).exists()
    grown = dumped()
    call_command("rebuild_lookup", verbosity=0)
    assert dumped() == grown


def test_strangers_find_what_nobody_would(project: Project, auditor: Person, tmp_path: Path) -> None:
    """Rows are of the caller's projects, and so are the entries that the log is asked for.

    Taken out: both; the run of another project was then shown. Either alone holds.
    """
    elsewhere = make_project()
    stranger = make_person((elsewhere, Role.AUDITOR))
    file, commitment = stored(project)
    made = make_file(project, auditor.user)
    run = ran(project, files=(commitment,), packages=("humanize==4.9.0",), image=OTHER_IMAGE, actor="3" * 64)
    caught_up(tmp_path)
    client = stranger.client()
    for hidden, absent in [
        ({"digest": OTHER_IMAGE[7:19]}, {"digest": "9" * 12}),
        ({"digest": commitment}, {"digest": "9" * 64}),
        ({"package": "humanize"}, {"package": "absent"}),
        ({"dataset": str(file)}, {"dataset": str(uuid.uuid4())}),
        ({"dataset": bytes(made.blob.sha256).hex()}, {"dataset": "9" * 64}),
        ({"run": str(run)}, {"run": str(uuid.uuid4())}),
        ({"actor": "3" * 64}, {"actor": "9" * 64}),
        ({"project": str(project.pk), "outcome": "allow"}, {"project": str(uuid.uuid4()), "outcome": "allow"}),
    ]:
        answers = [client.get(ENTRIES, query) for query in (hidden, absent)]
        bodies = [{**answer.json(), "request_id": "", "projection": ""} for answer in answers]
        assert bodies[0] == bodies[1], hidden
        assert answers[0].status_code == answers[1].status_code


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"colour": "red"}, "unknown_parameter"),
        ({"event": ["runs:run:started", "runs:run:failed"]}, "invalid_event"),
        ({"outcome": "Not this"}, "invalid_outcome"),
        ({"actor": "somebody"}, "invalid_actor"),
        ({"run": "1"}, "invalid_run"),
        ({"since": "yesterday"}, "invalid_since"),
        ({"until": "2026-01-01T00:00:00"}, "invalid_until"),
        ({"digest": "abc"}, "invalid_digest"),
        ({"digest": "A" * 64}, "invalid_digest"),
        ({"package": "=1"}, "invalid_package"),
        ({"package": "a==b c"}, "invalid_package"),
        ({"dataset": "data.csv"}, "invalid_dataset"),
        ({"text": "—"}, "invalid_text"),
        ({"text": "a b c d e f g h i j k"}, "invalid_text"),
        ({"text": "a" * 201}, "invalid_text"),
        ({"text": "a\x00"}, "nul_character"),
        ({"outcome": "ok", "limit": "0"}, "invalid_limit"),
        ({"outcome": "ok", "cursor": "nonsense"}, "invalid_cursor"),
    ],
)
def test_each_bad_question_has_its_code(auditor: Person, query: dict[str, Any], code: str) -> None:
    answer = auditor.client().get(ENTRIES, query)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert any(name in answer.json()["detail"] for name in query)


def test_a_moment_may_have_any_offset(project: Project, auditor: Person, tmp_path: Path) -> None:
    ran(project)
    caught_up(tmp_path)
    now: datetime = timezone.now()
    assert found(auditor, since=(now + timedelta(hours=1)).isoformat()) == []
    assert found(auditor, until=(now + timedelta(hours=1)).isoformat()) != []
