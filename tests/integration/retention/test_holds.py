"""Legal holds: placed and lifted by auditors, on record, and nothing that they keep is erased or disposed of."""

import threading
import uuid
from typing import Any

import orjson
import pytest
from django.db import connections, transaction

from audit import datakeys
from audit.models import Entry
from identity.models import Project
from identity.states import Role
from retention import actions
from retention.models import Erasure, Hold
from tests.integration.audit.roles import somebody_waits
from tests.integration.retention import traces
from tests.integration.retention.test_erasures import erase
from tests.people import Person, make_person, make_project, model_of
from tests.stack import eventually

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("redis_server"),
]


def place(by: Person, project: Project | str, subject: str | None = None, reason: str = "case 1") -> Any:
    wanted = {"project": str(getattr(project, "pk", project)), "subject": subject, "reason": reason}
    return by.client().post("/api/v1/audit/holds", wanted, format="json")


def lift(by: Person, hold_id: str, reason: str = "case 1 is over") -> Any:
    return by.client().post(f"/api/v1/audit/holds/{hold_id}/lift", {"reason": reason}, format="json")


@pytest.mark.parametrize("whole", [True, False])
def test_a_hold_blocks_an_erasure_until_it_is_lifted(
    project: Project, auditor: Person, admin: Person, whole: bool
) -> None:
    """Taken out: `_require_no_hold`; the person was erased under the hold."""
    found = traces.traced(project)
    placed = place(auditor, project, None if whole else found.pseudonym)
    assert placed.status_code == 201, placed.json()
    hold = placed.json()
    assert (hold["subject"], hold["placed_by"], hold["lifted_at"]) == (
        None if whole else found.pseudonym,
        auditor.caller.pseudonym,
        None,
    )
    second = place(auditor, project, found.person.user.username, "case 2").json()
    refused = erase(admin, found.pseudonym)
    assert (refused.status_code, refused.json()["code"]) == (409, "held")
    assert [each["message"].split()[1] for each in refused.json()["reasons"]] == [hold["id"], second["id"]]
    assert len(datakeys.keys_by_id(datakeys.ids_of([found.pseudonym]))) == 1
    assert not Erasure.objects.exists()
    for each in (hold, second):
        lifted = lift(auditor, each["id"])
        assert (lifted.status_code, lifted.json()["lift_reason"]) == (200, "case 1 is over")
    again = lift(auditor, hold["id"])
    assert (again.status_code, again.json()["code"]) == (409, "already_lifted")
    assert erase(admin, found.pseudonym).status_code == 201
    on_record = Entry.objects.using("reader").filter(tenant=project.pk, subject=f"hold:{hold['id']}").order_by("n")
    headers = [orjson.loads(bytes(entry.header)) for entry in on_record]
    assert [header["event"] for header in headers] == [
        "retention:hold:placed", "audit:request:refused", "retention:hold:lifted", "audit:request:refused",
    ]  # fmt: skip
    assert {header["actor"] for header in headers} == {auditor.caller.pseudonym, admin.caller.pseudonym}


def test_a_hold_on_one_person_is_no_hold_on_another(project: Project, auditor: Person, admin: Person) -> None:
    held, free = traces.traced(project), traces.traced(project)
    elsewhere = make_project()
    place(auditor, project, held.pseudonym)
    assert place(make_person((elsewhere, Role.AUDITOR)), elsewhere).status_code == 201
    assert erase(admin, free.pseudonym).status_code == 201
    assert erase(admin, held.pseudonym).status_code == 409


def test_only_auditors_hold_and_lift_and_strangers_learn_nothing(
    project: Project, auditor: Person, admin: Person
) -> None:
    """Taken out: the role in `may_hold`; an analyst then placed a hold."""
    found = traces.traced(project)
    hold = place(auditor, project, found.pseudonym).json()
    elsewhere = make_project()
    stranger = make_person((elsewhere, Role.AUDITOR))
    for role in set(Role) - {Role.AUDITOR}:
        by = make_person((project, role))
        assert place(by, project).json()["code"] == "not_an_auditor"
        assert lift(by, hold["id"]).status_code == (403 if role is Role.PLATFORM_ADMIN else 404)
    for by in (stranger, model_of(auditor)):
        assert by.client().get("/api/v1/audit/holds").json()["results"] == []
        assert lift(by, hold["id"]).status_code == 404
    hidden, absent = place(stranger, project), place(stranger, str(uuid.uuid4()))
    assert (hidden.status_code, hidden.json()["detail"]) == (404, absent.json()["detail"])
    # Whom the project has nothing of looks like nobody.
    hidden, absent = place(stranger, elsewhere, found.person.user.username), place(stranger, elsewhere, "nobody")
    assert (hidden.status_code, hidden.json()["detail"]) == (404, absent.json()["detail"])
    for by in (auditor, admin):
        listed = by.client().get("/api/v1/audit/holds", {"project": str(project.pk)}).json()["results"]
        assert [each["id"] for each in listed] == [hold["id"]]
    assert (
        lift(auditor, hold["id"], f"{found.person.user.username} is free").json()["code"] == "reason_names_the_person"
    )


def test_who_is_held_does_not_lift_and_who_lifted_does_not_erase(project: Project, auditor: Person) -> None:
    """Taken out, one at a time: `not_oneself` in `may_lift`, `lifted_the_hold` in `may_erase`; it then went through."""
    own = place(auditor, project, auditor.user.username).json()
    assert lift(auditor, own["id"]).json()["code"] == "not_oneself"
    found = traces.traced(project)
    both = make_person((project, Role.AUDITOR), (project, Role.PLATFORM_ADMIN))
    hold = place(auditor, project, found.pseudonym).json()
    assert lift(both, hold["id"]).status_code == 200
    assert erase(both, found.pseudonym).json()["code"] == "lifted_the_hold"
    assert erase(make_person((project, Role.PLATFORM_ADMIN)), found.pseudonym).status_code == 201
    late = place(auditor, project, found.pseudonym)
    assert (late.status_code, late.json()["code"]) == (409, "already_erased")


def test_a_hold_that_is_being_placed_is_waited_for(project: Project, auditor: Person, admin: Person) -> None:
    """Taken out: `lock_projects` in `request_erasure`; the erasure then waited for nobody."""
    found = traces.traced(project)
    answers: list[Any] = []

    def ask() -> None:
        try:
            answers.append(erase(admin, found.pseudonym))
        finally:
            connections.close_all()

    thread = threading.Thread(target=ask)
    with transaction.atomic():
        actions.place_hold(project.pk, None, "case 1", hold_id=uuid.uuid4(), by=auditor.caller)
        thread.start()
        eventually(somebody_waits)
    thread.join(30)
    assert (answers[0].status_code, answers[0].json()["code"]) == (409, "held")
    assert Hold.objects.filter(lifted_at=None).count() == 1
