"""Exports: who may ask, that nothing leaves unrecorded, and that what leaves is verified by its receiver."""

import hashlib
import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from django.utils import timezone

import audit
from audit import Event
from audit.models import Entry
from evidence import actions, hints, tasks
from evidence.errors import Overtaken
from evidence.models import Export, ExportFile
from gateways import blobs
from identity.models import Project
from identity.states import Role
from runs.models import Blob
from tests.integration.audit.exported import Unpacked, verify
from tests.integration.audit.roles import as_role
from tests.integration.audit.sequencing import run_once
from tests.people import Person, make_person, make_project, model_of
from tests.unit.audit.second import verify as verified_by_document

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    # Asking sends a hint to the queue, and a question to policy.
    pytest.mark.usefixtures("redis_server", "opa_server"),
]


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def auditor(project: Project) -> Person:
    return make_person((project, Role.AUDITOR))


def ask(person: Person, project: Project, **more: Any) -> Any:
    return person.client().post("/api/v1/audit/exports", {"project": str(project.pk), **more}, format="json")


def made(person: Person, project: Project, folder: Path, **more: Any) -> dict[str, Any]:
    """An export that was asked for, signed for, and made, or failed."""
    run_once(folder / "kept")
    asked = ask(person, project, **more)
    assert asked.status_code == 201, asked.json()
    run_once(folder / "kept")
    tasks.make(asked.json()["id"])
    shown: dict[str, Any] = person.client().get(f"/api/v1/audit/exports/{asked.json()['id']}").json()
    return shown


def download(person: Person, export: dict[str, Any], path: Path) -> Path:
    answer: Any = person.client().get(f"/api/v1/audit/exports/{export['id']}/download")
    assert answer.status_code == 200, answer
    assert answer["Content-Type"] == "application/zip"
    assert "attachment" in answer["Content-Disposition"]

    async def collect() -> bytes:
        return b"".join([chunk async for chunk in answer.streaming_content])

    path.write_bytes(async_to_sync(collect)())
    return path


def kept_blobs() -> set[str]:
    """Where contents lie in the blob store."""
    return set(blobs.older_than(timezone.now() + timedelta(hours=1)))


def events(project: Project) -> list[str]:
    return list(Entry.objects.using("reader").filter(tenant=project.pk).order_by("n").values_list("event", flat=True))


def test_an_auditor_takes_a_bundle_away_and_verifies_it(project: Project, auditor: Person, tmp_path: Path) -> None:
    with transaction.atomic():
        audit.append(
            Event.RUNS_RUN_REQUESTED, tenant=project.pk, actor=None, subject="run:1",
            personal={"purpose": "find fraud"}, about="a" * 64,
        )  # fmt: skip
    first = made(auditor, project, tmp_path)
    assert (first["state"], first["progress"], first["failure"], first["from"]) == ("ready", 1.0, "", 0)
    path = download(auditor, first, tmp_path / "first.zip")
    assert (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()) == (first["size"], first["sha256"])
    keys = tmp_path / "keys"
    keys.write_bytes(auditor.client().get("/api/v1/audit/keys").content)
    code, told = verify(path, "--key", keys)
    assert (code, told["range"]) == (0, [0, first["to"]]), told
    assert told["sealed"]["opened"] == 1
    # So says whoever has read docs/audit.md and nothing else.
    assert verified_by_document(path.read_bytes(), keys.read_text())["id"] == first["id"]
    assert b"find fraud" in Unpacked.of(path)["views/entries.csv"]
    # The request itself is among what is exported.
    entries = Unpacked.of(path)[f"entries/0-{first['to']}"]
    assert {"views/entries.csv", "views/ocsf.jsonl", "views/report.html"} < set(Unpacked.of(path).names)
    assert f"export:{first['id']}".encode() in entries
    second = made(auditor, project, tmp_path)
    later = download(auditor, second, tmp_path / "second.zip")
    code, told = verify(later, "--key", keys, "--previous", path)
    assert code == 0, told
    assert told["previous"] == {"id": first["id"], "size": first["to"]}
    assert json.loads(Unpacked.of(later)["manifest.json"])["previous"]["size"] == first["to"]
    part = made(auditor, project, tmp_path, **{"from": second["to"], "to": second["to"] + 1})
    path = download(auditor, part, tmp_path / "part.zip")
    assert verify(path, "--key", keys, "--previous", later)[0] == 0
    assert [event for event in events(project) if "export" in event] == [
        "audit:export:requested", "audit:export:finished", "audit:export:downloaded",
    ] * 3  # fmt: skip


def test_only_the_projects_auditors_export(project: Project, auditor: Person, tmp_path: Path) -> None:
    """Taken out for a try: `may_export`; every role of the project then got the log."""
    run_once(tmp_path / "kept")
    elsewhere = make_project()
    people = {role: make_person((project, role), (elsewhere, Role.AUDITOR)) for role in Role if role != Role.AUDITOR}
    for person in [*people.values(), model_of(auditor)]:
        assert ask(person, project).status_code in (403, 404)
    outsider = make_person((elsewhere, Role.AUDITOR))
    hidden = ask(outsider, project)
    absent = outsider.client().post("/api/v1/audit/exports", {"project": str(uuid.uuid4())}, format="json")
    assert (hidden.status_code, hidden.json()["detail"]) == (404, absent.json()["detail"])
    export = made(auditor, project, tmp_path)
    assert export["state"] == "ready"
    for person in [*people.values(), outsider, model_of(auditor)]:
        client = person.client()
        assert client.get(f"/api/v1/audit/exports/{export['id']}").status_code == 404
        assert client.get(f"/api/v1/audit/exports/{export['id']}/download").status_code == 404
        assert client.get("/api/v1/audit/exports").json()["results"] == []
    assert "audit:export:downloaded" not in events(project)
    listed = auditor.client().get("/api/v1/audit/exports", {"project": str(project.pk)}).json()["results"]
    assert [each["id"] for each in listed] == [export["id"]]


@pytest.mark.parametrize("wrong", [
    {"from": 9000}, {"to": 9000}, {"from": 2, "to": 1}, {"from": -1}, {"filter": "x"},
    {"filter": {"events": ["no:such:event"]}}, {"filter": {"events": []}}, {"filter": {"since": "yesterday"}},
    {"filter": {"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}},
    {"views": ["pdf"]}, {"blobs": "all"},
])  # fmt: skip
def test_what_the_log_does_not_have_is_not_exported(
    project: Project, auditor: Person, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    run_once(tmp_path)
    assert ask(auditor, project, **wrong).status_code == 400
    assert not Export.objects.exists()


def test_one_at_a_time(project: Project, auditor: Person, tmp_path: Path) -> None:
    run_once(tmp_path)
    assert ask(auditor, project).status_code == 201
    again = ask(auditor, project)
    assert (again.status_code, again.json()["code"]) == (409, "export_under_way")


def test_a_repeated_request_is_one_export(project: Project, auditor: Person, tmp_path: Path) -> None:
    run_once(tmp_path)
    client = auditor.client()
    answers = [
        client.post(
            "/api/v1/audit/exports", {"project": str(project.pk)}, format="json", headers={"Idempotency-Key": "k"}
        )
        for _ in range(2)
    ]
    assert {answer.status_code for answer in answers} == {201}
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert Export.objects.count() == 1


def test_nothing_is_made_before_a_checkpoint_has_the_request(
    project: Project, auditor: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out for a try: the wait for the head; a bundle without its own request was then ready."""
    monkeypatch.setattr(tasks, "SIGNED_WITHIN", 0.2)
    run_once(tmp_path)
    export = ask(auditor, project).json()
    tasks.make(export["id"])
    client = auditor.client()
    assert client.get(f"/api/v1/audit/exports/{export['id']}").json()["state"] == "queued"
    early = client.get(f"/api/v1/audit/exports/{export['id']}/download")
    assert (early.status_code, early.json()["code"]) == (409, "export_not_ready")
    run_once(tmp_path)
    tasks.make(export["id"])
    assert client.get(f"/api/v1/audit/exports/{export['id']}").json()["state"] == "ready"


def test_nothing_is_made_before_enough_witnesses_went_along(
    project: Project, auditor: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out: `until_cosigned`; the bundle was then ready without a cosignature."""
    monkeypatch.setattr(tasks, "SIGNED_WITHIN", 0.2)
    run_once(tmp_path)
    with as_role("sequencer") as sequencer:
        sequencer.execute("INSERT INTO audit_witness (name) VALUES ('w1')")
        export = ask(auditor, project).json()
        run_once(tmp_path)
        tasks.make(export["id"])
        client = auditor.client()
        assert client.get(f"/api/v1/audit/exports/{export['id']}").json()["state"] == "queued"
        sequencer.execute("INSERT INTO audit_cosigned (checkpoint) SELECT max(id) FROM audit_checkpoint")
    tasks.make(export["id"])
    assert client.get(f"/api/v1/audit/exports/{export['id']}").json()["state"] == "ready"


def test_an_export_whose_worker_died_is_made_by_another(
    project: Project, auditor: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_once(tmp_path)
    export_id = uuid.UUID(ask(auditor, project).json()["id"])
    run_once(tmp_path)
    dead = actions.claim(export_id, timezone.now() - timedelta(hours=1))
    assert dead is not None
    sent: list[uuid.UUID] = []
    monkeypatch.setattr(hints, "make", sent.append)
    tasks.sweep_exports()
    assert Export.objects.get(pk=export_id).state == "queued"
    tasks.make(str(export_id))
    assert Export.objects.get(pk=export_id).state == "ready"
    # The dead come back: their bundle is nobody's.
    sealed = blobs.write([b"late"])
    for late in (lambda: actions.finish(dead, sealed), lambda: actions.show_progress(dead, 1)):
        with pytest.raises(Overtaken):
            late()
    Export.objects.filter(pk=export_id).update(state="queued", touched_at=timezone.now() - timedelta(hours=1))
    tasks.sweep_exports()
    assert sent == [export_id]


def test_a_failure_is_on_record_and_leaves_nothing_behind(
    project: Project, auditor: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    before = kept_blobs()
    monkeypatch.setattr("evidence.making.bundle.assembled", broken)
    export = made(auditor, project, tmp_path)
    assert (export["state"], export["failure"]) == ("failed", "internal_error")
    entry = Entry.objects.using("reader").filter(event="audit:export:failed").get()
    assert orjson.loads(bytes(entry.header))["facts"] == {"code": "internal_error"}
    assert not ExportFile.objects.exists() and not Blob.objects.exists()
    assert kept_blobs() == before
    assert ask(auditor, project).status_code == 201


def test_a_bundle_does_not_leave_unrecorded(
    project: Project, auditor: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = made(auditor, project, tmp_path)

    def refuse(*_: Any, **__: Any) -> None:
        raise audit.NotRecorded("the log takes nothing")

    monkeypatch.setattr(audit, "append", refuse)
    answer = auditor.client().get(f"/api/v1/audit/exports/{export['id']}/download")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_recorded")
