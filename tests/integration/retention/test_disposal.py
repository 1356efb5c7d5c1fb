"""What is past its period can be read no more, what is not can, and what is held is left alone; the log says so."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.utils import timezone

from audit import Event, datakeys
from audit.models import Entry
from config.environment import settings
from evidence.models import Export
from identity.models import Project
from identity.states import Role
from retention import tasks
from retention.models import Pass
from runs.models import Blob, File, Run
from tests import rows
from tests.integration.audit.exported import export, verify, write_keys
from tests.integration.audit.roles import as_role
from tests.integration.audit.sequencing import run_once
from tests.integration.retention import traces
from tests.integration.retention.test_holds import place
from tests.people import make_person

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("redis_server"),
]


def age(found: traces.Traced, months: int) -> None:
    """Make all that a person has older by so many months, as the owner of the database could."""
    user = found.person.user.pk
    with as_role("owner") as owner:
        for table, moments in {
            "runs_run": ("created_at", "ended_at"),
            "runs_file": ("created_at",),
        }.items():
            for moment in moments:
                owner.execute(
                    f"UPDATE {table} SET {moment} = {moment} - %s * interval '1 month' WHERE owner_id = %s".encode(),
                    [months, user],
                )
        owner.execute("ALTER TABLE policy_decision DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE policy_decision SET created_at = created_at - %s * interval '1 month' WHERE actor = %s",
            [months, found.pseudonym],
        )
        owner.execute("ALTER TABLE policy_decision ENABLE TRIGGER USER")
        owner.execute(
            "UPDATE audit_data_key SET period = period - %s * interval '1 month' WHERE person = %s",
            [months, found.pseudonym],
        )


def there(found: traces.Traced) -> int:
    return Blob.objects.filter(name__in=found.stored, wrapped_key__isnull=False).count()


def told(event: Event) -> list[dict[str, Any]]:
    found = Entry.objects.using("reader").filter(event=event.value).order_by("n")
    return [orjson.loads(bytes(entry.header)) for entry in found]


def test_what_is_past_its_period_goes_and_what_is_not_stays(project: Project, tmp_path: Path) -> None:
    """Taken out: the comparison with the period in `_ended`; four contents of the young then went too."""
    run_once(tmp_path / "kept")
    old, middling, young = (traces.traced(project) for _ in range(3))
    age(old, settings().retention_audit_months + 2)
    age(middling, settings().retention_content_months + 1)
    tasks.dispose()
    assert [there(each) for each in (old, middling, young)] == [0, 0, 5]
    # Contents are gone after their own period; what the log seals, purposes and inputs after the longer one.
    assert [len(datakeys.keys_by_id(datakeys.ids_of([each.pseudonym]))) for each in (old, middling, young)] == [0, 1, 1]
    purposes = {run.owner_id: run.purpose for run in Run.objects.all()}
    assert [purposes[each.person.user.pk] != "" for each in (old, middling, young)] == [False, True, True]
    assert [name for name in old.stored + middling.stored if name in traces.store()] == []
    remains = traces.left(old)
    assert remains and all("zerlina" in each.lower() or "192.0.2" in each for each in remains), remains

    disposed = told(Event.RETENTION_CONTENTS_DISPOSED)
    assert {entry["tenant"] for entry in disposed} == {str(project.pk)}
    assert sum(entry["facts"]["contents"] for entry in disposed) == 10
    assert (sum(entry["facts"]["texts"] > 0 for entry in disposed), sum(e["facts"]["inputs"] for e in disposed)) == (
        1,
        1,
    )
    gone = told(Event.SUBJECT_ERASED)
    assert {(entry["tenant"], entry["outcome"]) for entry in gone} == {
        (None, "disposed"),
        (str(project.pk), "disposed"),
    }

    run_once(tmp_path / "kept")
    bundle = export(tmp_path / "bundle.zip", project.pk)
    code, said = verify(bundle, "--key", write_keys(tmp_path / "keys", project.pk))
    assert (code, said["sealed"]["opened"], said["sealed"]["erased"], said["sealed"]["closed"]) == (0, 2, 1, 0)
    # No entry went, and a second pass finds nothing to do.
    entries = Entry.objects.using("reader").count()
    tasks.dispose()
    assert Entry.objects.using("reader").count() == entries


@pytest.mark.parametrize("whole", [True, False])
def test_what_is_held_is_left_alone(project: Project, whole: bool) -> None:
    """Taken out, one at a time: `held_in`, the contents then went; `held_keys`, the keys then went."""
    auditor = make_person((project, Role.AUDITOR))
    held, free = traces.traced(project), traces.traced(project)
    for each in (held, free):
        age(each, settings().retention_audit_months + 2)
    hold = place(auditor, project, None if whole else held.pseudonym).json()
    blob = rows.kept(b"a bundle")
    Export.objects.create(
        project=project, owner=auditor.user, entry=hold["id"], state="ready", first=0, end=1, log_size=1,
        blob=blob, finished_at=timezone.now() - timedelta(days=3000), payload_decision=hold["id"],
    )  # fmt: skip
    tasks.dispose()
    expected = [5, 5] if whole else [5, 0]
    assert [there(each) for each in (held, free)] == expected
    keys = [len(datakeys.keys_by_id(datakeys.ids_of([each.pseudonym]))) for each in (held, free)]
    assert keys == ([1, 1] if whole else [1, 0])
    assert Run.objects.get(owner=held.person.user).purpose
    assert Blob.objects.get(name=blob.name).wrapped_key is not None
    auditor.client().post(f"/api/v1/audit/holds/{hold['id']}/lift", {"reason": "case over"}, format="json")
    tasks.dispose()
    assert [there(each) for each in (held, free)] == [0, 0]
    assert Blob.objects.get(name=blob.name).wrapped_key is None
    assert len(told(Event.AUDIT_EXPORT_ERASED)) == 1


def test_a_file_is_as_old_as_its_last_use(project: Project) -> None:
    """Taken out: the look at its runs; a file of last week's run went."""
    found = traces.traced(project)
    age(found, settings().retention_content_months + 1)
    file = File.objects.get(owner=found.person.user)
    later = rows.make_run(project, found.person.user)
    later.files.add(file)
    tasks.dispose()
    assert there(found) == 1
    assert Blob.objects.get(pk=file.blob_id).wrapped_key is not None


def test_the_periods_are_shown_to_those_who_answer_for_them(project: Project) -> None:
    address = "/api/v1/audit/retention"
    auditor = make_person((project, Role.AUDITOR))
    first = auditor.client().get(address).json()
    assert (first["audit_months"], first["content_months"], first["last_run_at"], first["next_run_at"]) == (
        24, 12, None, None,
    )  # fmt: skip
    tasks.dispose()
    shown = auditor.client().get(address).json()
    assert shown["last_run_at"] < shown["last_run_finished_at"] < shown["next_run_at"]
    assert Pass.objects.count() == 1
    for role in (Role.ANALYST, Role.REVIEWER, Role.POLICY_ADMIN):
        assert make_person((project, role)).client().get(address).status_code == 403
    assert make_person((project, Role.PLATFORM_ADMIN)).client().get(address).status_code == 200
