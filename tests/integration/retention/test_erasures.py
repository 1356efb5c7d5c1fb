"""Erasing a person: nothing of them can be read afterwards, everything else can, and the log verifies as it did."""

import threading
import uuid
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import call_command
from django.db import connections, transaction

import audit
from audit import Event, datakeys
from audit.log import NotRecorded
from audit.models import Entry
from evidence.models import Export, ExportFile
from gateways import blobs
from identity.models import Membership, Project, User
from identity.states import Role
from retention import actions, hints, register, tasks
from retention.models import Erasure
from runs.models import Blob, Run
from runs.states import RunState
from tests import rows
from tests.integration.audit.exported import export, verify, write_keys
from tests.integration.audit.roles import somebody_waits
from tests.integration.audit.sequencing import run_once
from tests.integration.retention import traces
from tests.people import Person, make_person, make_project, model_of
from tests.stack import eventually

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    # Asking sends a hint to the queue.
    pytest.mark.usefixtures("redis_server"),
]


def erase(by: Person, subject: str, reason: str = "case 17", **headers: str) -> Any:
    wanted = {"subject": subject, "reason": reason}
    return by.client().post("/api/v1/audit/erasures", wanted, format="json", headers=headers)


def told(event: Event, **where: Any) -> list[dict[str, Any]]:
    found = Entry.objects.using("reader").filter(event=event.value, **where).order_by("n")
    return [orjson.loads(bytes(entry.header)) for entry in found]


def test_one_of_a_thousand_is_erased(project: Project, admin: Person, tmp_path: Path) -> None:
    """Taken out, one at a time: the end of the data keys, of salts and digests, of purposes, of names, of policy's
    inputs (`left` named each), of the contents' keys (they were destroyed twice), and of the files (all five were
    still in the store)."""
    traces.others(499, project)
    found = traces.traced(project)
    traces.others(500, project)
    run_once(tmp_path / "kept")
    keys = write_keys(tmp_path / "keys", project.pk)
    before = export(tmp_path / "before.zip", project.pk)
    code, said = verify(before, "--key", keys)
    assert (code, said["sealed"]["closed"], said["sealed"]["erased"]) == (0, 0, 0)
    # What is looked for can be found, as long as it is there.
    assert len(traces.left(found)) == len([*found.texts, *found.opening])

    answer = erase(admin, found.person.user.username)
    assert answer.status_code == 201, answer.json()
    erased = answer.json()
    assert (erased["subject"], erased["state"]) == (found.pseudonym, "erasing")
    assert {log["project"] for log in erased["logs"]} == {None, str(project.pk)}
    tasks.finish(erased["id"])
    shown = admin.client().get(f"/api/v1/audit/erasures/{erased['id']}").json()
    assert (shown["state"], shown["contents"]) == ("done", 5)

    assert traces.left(found) == []
    assert [name for name in found.stored if name in traces.store()] == []
    run_once(tmp_path / "kept")
    after = export(tmp_path / "after.zip", project.pk)
    code, said = verify(after, "--key", keys, "--previous", before)
    # The others', and the reason of the erasure.
    assert (code, said["result"], said["sealed"]["opened"], said["sealed"]["erased"]) == (0, "verified", 1000, 1)
    assert [each["key"] for each in said["erased"]] == erased["erased_keys"]
    assert said["sealed"]["closed"] == 0
    for text in found.texts:
        assert text.encode() not in after.read_bytes()


def test_what_they_did_stays_on_record_and_they_cannot_come_back(project: Project, admin: Person) -> None:
    found = traces.traced(project)
    live = rows.make_run(project, found.person.user, state=RunState.READY)
    tasks.finish(erase(admin, found.pseudonym).json()["id"])
    assert Run.objects.get(pk=live.pk).state == "cancelled"
    assert found.person.client().get("/api/v1/projects").status_code == 401
    assert not Membership.objects.filter(user=found.person.user).exists()
    user = User.objects.get(pk=found.person.user.pk)
    assert (user.is_active, user.has_usable_password(), user.username) == (False, False, f"erased-{user.pk.hex}")
    # The cells, the artifacts and the files are still counted; none of them opens.
    shown = admin.client().get(f"/api/v1/runs/{Run.objects.exclude(pk=live.pk).get().pk}").json()
    assert (shown["purpose"], shown["owner"]["name"], shown["files"][0]["name"]) == ("", user.username, "erased")
    cell = admin.client().get(f"/api/v1/runs/{shown['id']}/executions/1").json()
    assert (cell["code"], cell["outputs"]) == (None, [])
    name = cell["artifacts"][0]["name"] if cell["artifacts"] else "erased"
    assert admin.client().get(f"/api/v1/runs/{shown['id']}/artifacts/{name}").status_code == 404
    for event in (Event.RETENTION_ERASURE_REQUESTED, Event.SUBJECT_ERASED, Event.RETENTION_ERASURE_FINISHED):
        assert {entry["tenant"] for entry in told(event)} == {None, str(project.pk)}, event
    assert {entry["actor"] for entry in told(Event.MEMBER_REMOVED)} == {admin.caller.pseudonym}
    assert told(Event.FACTOR_REMOVED)[0]["actor"] == admin.caller.pseudonym
    assert len(told(Event.TOKEN_REVOKED)) == len(told(Event.SESSION_ENDED)) == 1


def test_asking_again_changes_nothing(project: Project, admin: Person) -> None:
    found = traces.traced(project)
    first = erase(admin, found.person.user.username, **{"Idempotency-Key": "k"}).json()
    replayed = erase(admin, found.person.user.username)
    # The name is gone, and the pseudonym leads to what was done.
    assert replayed.status_code == 404
    again = erase(admin, found.pseudonym, "case 18").json()
    assert (again["id"], again["reason"]) == (first["id"], "case 17")
    tasks.finish(first["id"])
    tasks.finish(first["id"])
    assert len(told(Event.SUBJECT_ERASED)) == len(told(Event.RETENTION_ERASURE_FINISHED)) == 2
    assert Erasure.objects.get().finished_at is not None


def test_who_may_not_erase_hears_nothing_of_who_there_is(project: Project, admin: Person) -> None:
    """Taken out, one at a time: `may_ask_for_erasures` before the look, `_require_known`; answers then differed."""
    elsewhere = make_project()
    hidden = make_person((elsewhere, Role.ANALYST))
    found = traces.traced(project)
    for role in Role:
        by = make_person((project, role))
        if role is Role.PLATFORM_ADMIN:
            by = model_of(by)
        answers = [erase(by, each) for each in (found.person.user.username, hidden.user.username, "nobody")]
        assert {(each.status_code, each.json()["code"], each.json()["detail"]) for each in answers} == {
            (403, "not_a_platform_admin", "Only platform admins erase people.")
        }
    answers = [erase(admin, each) for each in (hidden.user.username, hidden.caller.pseudonym, "nobody", "0" * 64)]
    assert {(each.status_code, each.json()["detail"]) for each in answers} == {(404, answers[-1].json()["detail"])}
    erased = erase(admin, found.pseudonym).json()
    stranger = make_person((elsewhere, Role.AUDITOR), (project, Role.ANALYST))
    assert stranger.client().get("/api/v1/audit/erasures").json()["results"] == []
    assert stranger.client().get(f"/api/v1/audit/erasures/{erased['id']}").status_code == 404
    assert stranger.client().get("/api/v1/audit/erasures", {"project": str(project.pk)}).json()["results"] == []
    auditor = make_person((project, Role.AUDITOR))
    listed = auditor.client().get("/api/v1/audit/erasures", {"project": str(project.pk)}).json()["results"]
    assert [each["id"] for each in listed] == [erased["id"]]


def test_nobody_erases_themselves_or_across_projects_of_others(project: Project, admin: Person) -> None:
    """Taken out: `may_erase`; both were then erased."""
    own = erase(admin, admin.user.username)
    assert (own.status_code, own.json()["code"]) == (403, "not_oneself")
    elsewhere = make_project()
    shared = make_person((project, Role.ANALYST), (elsewhere, Role.ANALYST))
    refused = erase(admin, shared.user.username)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_platform_admin_everywhere")
    assert str(elsewhere.pk) not in refused.content.decode()
    assert User.objects.get(pk=shared.user.pk).is_active
    call_command("erase_person", shared.user.username, "--reason", "case 18")
    assert not User.objects.get(pk=shared.user.pk).is_active


def test_a_reason_that_names_the_person_is_refused(project: Project, admin: Person) -> None:
    found = traces.traced(project)
    answer = erase(admin, found.pseudonym, f"{found.person.user.username.upper()} asked for it")
    assert (answer.status_code, answer.json()["code"]) == (400, "reason_names_the_person")


def test_an_erasure_that_dies_in_its_transaction_did_not_happen(
    project: Project, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = traces.traced(project)

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("evidence.actions.destroy_bundles", die)
    wanted = actions.Wanted(found.pseudonym, "case 17")
    with pytest.raises(KeyboardInterrupt):
        actions.request_erasure(wanted, erasure_id=uuid.uuid4(), by=admin.caller)
    assert not Erasure.objects.exists()
    assert told(Event.SUBJECT_ERASED) == []
    assert len(datakeys.keys_by_id(datakeys.ids_of([found.pseudonym]))) == 1
    assert found.pseudonym not in {one.person for one in register.all_of(register.folder())}
    assert found.person.client().get("/api/v1/projects").status_code == 200


@pytest.mark.parametrize("where", ["after the commit", "before the files", "amid the files", "before the record"])
def test_an_erasure_that_dies_half_way_is_finished(
    project: Project, admin: Person, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Taken out: what `finish_erasures` does; the state was then `erasing` for ever."""
    found = traces.traced(project)

    class Died(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Died

    removed: list[str] = []

    def die_at_the_third(name: str) -> None:
        removed.append(name)
        if len(removed) > 2:
            raise Died

    monkeypatch.setattr(hints, "finish", lambda _: None)
    with monkeypatch.context() as dying:
        # Whoever took the request dies before anything that follows the commit.
        dying.setattr("retention.actions.erasing._write_down", lambda _: None)
        dying.setattr("runs.actions.erasing.blobs.delete", lambda _: None)
        erasure = actions.request_erasure(
            actions.Wanted(found.pseudonym, "case 17"), erasure_id=uuid.uuid4(), by=admin.caller
        )
        if where != "after the commit":
            place = {
                "before the files": "retention.tasks.runs.queries.unopenable_contents_of",
                "amid the files": "retention.tasks.blobs.delete",
                "before the record": "retention.actions.finish",
            }[where]
            dying.setattr(place, die_at_the_third if where == "amid the files" else die)
            with pytest.raises(Died):
                tasks.finish(str(erasure.pk))
    assert Erasure.objects.get().state == "erasing"
    # From the commit on nothing opens, whatever is left.
    assert not Blob.objects.filter(name__in=found.stored, wrapped_key__isnull=False).exists()
    assert datakeys.keys_by_id(datakeys.ids_of([found.pseudonym])) == {}
    tasks.finish_erasures()
    tasks.finish_erasures()
    assert Erasure.objects.get().state == "done"
    assert [name for name in found.stored if name in traces.store()] == []
    assert [one.person for one in register.all_of(register.folder()) if one.id == erasure.pk] == [found.pseudonym]
    assert len(told(Event.SUBJECT_ERASED)) == len(told(Event.RETENTION_ERASURE_FINISHED)) == 2


def test_what_is_sealed_at_the_same_moment_is_waited_for_and_what_comes_later_is_refused(
    project: Project, admin: Person
) -> None:
    """Taken out, one at a time: `FOR SHARE`, the erasure then waited for nobody; the trigger on new keys, the last
    append then went through."""
    found = traces.traced(project)
    second = make_project()
    open_, finish = threading.Event(), threading.Event()

    def seal() -> None:
        try:
            with transaction.atomic():
                audit.append(
                    Event.RUNS_FILE_STORED, tenant=second.pk, actor=found.pseudonym, subject="file:1",
                    personal={"name": "late.csv"}, about=found.pseudonym,
                )  # fmt: skip
                open_.set()
                finish.wait(20)
        finally:
            connections.close_all()

    answers: list[Any] = []

    def ask() -> None:
        try:
            answers.append(erase(admin, found.pseudonym))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=each) for each in (seal, ask)]
    threads[0].start()
    assert open_.wait(20)
    threads[1].start()
    eventually(somebody_waits)
    finish.set()
    for thread in threads:
        thread.join(30)
    assert answers[0].status_code == 201
    assert {entry["tenant"] for entry in told(Event.SUBJECT_ERASED)} == {None, str(project.pk), str(second.pk)}
    with pytest.raises(NotRecorded), transaction.atomic():
        audit.append(
            Event.RUNS_FILE_STORED, tenant=project.pk, actor=None, subject="file:2",
            personal={"name": "later.csv"}, about=found.pseudonym,
        )  # fmt: skip
    assert told(Event.RUNS_FILE_STORED, tenant=project.pk) == []


def test_a_restored_backup_is_told_who_was_erased(project: Project, admin: Person, tmp_path: Path) -> None:
    found = traces.traced(project)
    one = register.Registered(uuid.uuid4(), found.pseudonym, "case 17", [])
    nobody = register.Registered(uuid.uuid4(), "0" * 64, "case 18", [])
    for each in (one, nobody):
        register.keep(each)
    # The database is as the backup had it: nobody is erased there.
    call_command("reapply_erasures")
    erasure = Erasure.objects.get()
    assert (erasure.pk, erasure.state, erasure.requested_by) == (one.id, "done", None)
    assert traces.left(found) == []
    before = len(told(Event.SUBJECT_ERASED))
    call_command("reapply_erasures")
    assert len(told(Event.SUBJECT_ERASED)) == before == 2


def test_bundles_that_opened_their_fields_go_too(project: Project, admin: Person, tmp_path: Path) -> None:
    """Taken out, one at a time: the end of the bundle in `destroy_bundles`, of what is made of one; it then stayed."""
    found = traces.traced(project)
    auditor = make_person((project, Role.AUDITOR))
    kept, part = rows.kept(b"a bundle"), rows.kept(b"opened payloads")
    asked: dict[str, Any] = {
        "project": project,
        "owner": auditor.user,
        "first": 0,
        "end": 1,
        "payload_outcome": "allow",
    }
    asked |= {"entry": uuid.uuid4(), "payload_decision": uuid.uuid4()}
    ready = Export.objects.create(state="ready", blob=kept, log_size=1, **asked)
    making = Export.objects.create(state="making", **asked)
    ExportFile.objects.create(export=making, name="payloads/0-1", crc=0, blob=part)
    erase(admin, found.pseudonym)
    gone = auditor.client().get(f"/api/v1/audit/exports/{ready.pk}/download")
    assert (gone.status_code, gone.json()["code"]) == (409, "export_erased")
    assert not {kept.name, part.name} & set(traces.store())
    assert (Export.objects.get(pk=making.pk).state, ExportFile.objects.count()) == ("queued", 0)
    with pytest.raises(blobs.BlobErased):
        blobs.read(kept.name, b"")
