"""How a log stands, over HTTP; and the logs that are no project's, for platform admins."""

import base64
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

import audit
from audit import Event, checking, merkle, tiles
from audit.notes import Checkpoint, VerifierKey
from audit.sequencer.store import Store
from config import health
from config.health import ask
from identity.states import Role
from tests.integration.audit.roles import as_role
from tests.integration.audit.sequencing import BASE, append, key, run_once
from tests.people import Person, make_person, make_project, model_of

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
URL = "/api/v1/audit/integrity"


def get(person: Person, path: str = URL, **query: Any) -> Any:
    return person.client().get(path, query)


def test_a_log_s_standing_is_whole(tmp_path: Path) -> None:
    project = make_project()
    auditor = make_person((project, Role.AUDITOR))
    assert get(auditor, project=project.pk).status_code == 404
    run_once(tmp_path)
    run_once(tmp_path, seed=bytes(32))
    origin = f"{BASE}/project/{project.pk}"
    told = get(auditor, project=project.pk).json()
    assert told.pop("checkpoint_at").endswith("Z")
    root = told.pop("root")
    assert told == {
        "project": str(project.pk),
        "origin": origin,
        "size": 2,
        "lag_seconds": 0.0,
        "unintegrated": 0,
        "keys": [str(key(origin)), str(key(origin, bytes(32)))],
        "meta": {"size": 2, "cosigned_at": None, "witnesses": []},
        "last_verification": None,
    }
    note = get(auditor, "/api/v1/audit/checkpoint", project=project.pk).content
    assert base64.b64decode(note.split(b"\n")[2]).hex() == root
    append(3, project.pk)
    append(1)
    checking.check_due(0)
    told = get(auditor, project=project.pk).json()
    assert (told["size"], told["unintegrated"], told["lag_seconds"] > 0) == (2, 3, True)
    assert (told["last_verification"]["size"], told["last_verification"]["result"]) == (2, "verified")


def test_the_witnesses_are_told_as_the_sequencer_finds_them(tmp_path: Path) -> None:
    project = make_project()
    run_once(tmp_path)
    with as_role("sequencer") as sequencer:
        run = sequencer.execute
        run("INSERT INTO audit_witness (name) VALUES ('w1'), ('w2'), ('gone')")
        run("UPDATE audit_witness SET configured = false WHERE name = 'gone'")
        run("UPDATE audit_witness SET state = 'refusing', reason = 'it answered 409' WHERE name = 'w2'")
        latest = Store(sequencer, BASE).connection.execute("SELECT max(id) FROM audit_checkpoint").fetchone()
        run("INSERT INTO audit_cosignature (checkpoint, witness, line) VALUES (%s, 'w1', 'x')", latest)
        run("INSERT INTO audit_cosigned (checkpoint) VALUES (%s)", latest)
    meta = get(make_person((project, Role.AUDITOR)), project=project.pk).json()["meta"]
    first, second = meta["witnesses"]
    assert (first["name"], first["state"], first["cosigned_at"] is None) == ("w1", "ok", False)
    assert second == {"name": "w2", "state": "refusing", "cosigned_at": None}
    assert meta["cosigned_at"] is not None


def test_standing_is_for_the_projects_auditors_and_platform_admins(tmp_path: Path) -> None:
    mine, others = make_project(), make_project()
    people = {role: make_person((mine, role), (others, Role.ANALYST)) for role in Role}
    outsider = make_person((others, Role.AUDITOR))
    run_once(tmp_path)
    allowed = {role for role, person in people.items() if get(person, project=mine.pk).status_code == 200}
    assert allowed == {Role.AUDITOR, Role.PLATFORM_ADMIN}
    hidden = get(outsider, project=mine.pk)
    absent = get(outsider, project="00000000-0000-0000-0000-000000000000")
    assert (hidden.status_code, hidden.json()["detail"]) == (404, absent.json()["detail"])
    assert get(model_of(people[Role.AUDITOR]), project=mine.pk).status_code in (403, 404)
    assert get(people[Role.AUDITOR], project="x").json()["code"] == "invalid_project"
    assert {role for role, person in people.items() if get(person).status_code == 200} == {Role.PLATFORM_ADMIN}
    assert get(people[Role.PLATFORM_ADMIN]).json()["origin"] == f"{BASE}/platform"


@pytest.mark.parametrize("log", ["platform", "meta"])
def test_the_logs_that_are_no_projects_are_for_platform_admins(tmp_path: Path, log: str) -> None:
    """The meta-log's entries name every project; the platform's tell who signs in."""
    project = make_project()
    people = {role: make_person((project, role)) for role in Role}
    append(2)
    run_once(tmp_path)
    prefix = f"/api/v1/audit/logs/{log}"
    for door in ("checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"):
        answers = {role: get(person, f"{prefix}/{door}") for role, person in people.items()}
        assert {role for role, answer in answers.items() if answer.status_code == 200} == {Role.PLATFORM_ADMIN}
        assert answers[Role.AUDITOR].json()["code"] == "not_a_platform_admin"
        assert get(model_of(people[Role.PLATFORM_ADMIN]), f"{prefix}/{door}").status_code == 403
    admin = people[Role.PLATFORM_ADMIN]
    head = Checkpoint.open(get(admin, f"{prefix}/checkpoint").content, [key(f"{BASE}/{log}")])
    whole, hashes = get(admin, f"{prefix}/tile/entries/000.p/{head.size}").content, []
    while whole:
        length = int.from_bytes(whole[:2], "big")
        hashes.append(merkle.leaf_hash(whole[2 : 2 + length]))
        whole = whole[2 + length :]
    level = b"".join(hashes)
    assert get(admin, f"{prefix}/tile/0/000.p/{head.size}").content == level
    assert merkle.root(head.size, tiles.subtrees(lambda *at: level if at == (0, 0) else b"")) == head.root
    assert get(admin, "/api/v1/audit/logs/other/checkpoint").status_code == 404
    listed = [VerifierKey.parse(line).name for line in get(admin, "/api/v1/audit/keys").content.decode().splitlines()]
    assert f"{BASE}/{log}" in listed


def figures() -> dict[str, float]:
    lines = APIClient().get("/metrics", REMOTE_ADDR="127.0.0.1").content.decode().splitlines()
    found = [
        line.removeprefix('bailiwick_log{figure="').split('"} ') for line in lines if line.startswith("bailiwick_log{")
    ]
    return {name: float(number) for name, number in found}


def test_an_entry_that_a_long_transaction_holds_up_is_in_the_metrics_and_an_alarm(tmp_path: Path) -> None:
    run_once(tmp_path)
    assert ask("audit", health.audit).ok
    assert figures()["lag_seconds"] == 0
    with as_role("owner") as slow:
        slow.execute("BEGIN")
        slow.execute("SELECT pg_current_xact_id()")
        with transaction.atomic():
            audit.append(Event.MEMBER_ADDED, tenant=None, actor=None, subject="person:late")
        run_once(tmp_path)
        assert 0 < figures()["lag_seconds"] < 60
        # As if it had been written a minute ago: the time in the entry is the writer's.
        slow.execute("ROLLBACK")
        slow.execute("ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_columns_match")
        slow.execute(
            "UPDATE audit_entry SET header = convert_to(jsonb_set(convert_from(header, 'UTF8')::jsonb, '{recorded_at}',"
            " to_jsonb(now() - interval '1 minute'))::text, 'UTF8') WHERE subject = 'person:late'"
        )
    assert 59 < figures()["lag_seconds"] < 120
    part = ask("audit", health.audit)
    assert not part.ok
    assert "waits for 6" in part.message
    run_once(tmp_path)
    assert ask("audit", health.audit).ok


def test_a_witness_that_refuses_is_in_the_metrics_and_an_alarm(tmp_path: Path) -> None:
    run_once(tmp_path)
    with as_role("sequencer") as sequencer:
        sequencer.execute("INSERT INTO audit_witness (name) VALUES ('w1')")
        assert ask("audit", health.audit).ok
        sequencer.execute("UPDATE audit_witness SET state = 'refusing'")
    part = ask("audit", health.audit)
    assert (part.ok, "1 witnesses refuse" in part.message) == (False, True)
    assert figures()["witnesses_refusing"] == 1
    assert "w1" not in part.message
