"""The auditor's door: who reads which entries, page by page."""

import hashlib
import uuid

import orjson
import pytest
from django.db import transaction

import audit
from audit import Event
from audit.models import Entry
from identity.states import Role
from tests.people import make_person, make_project

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_an_auditor_reads_the_entries_of_their_projects_alone() -> None:
    mine, others = make_project(), make_project()
    auditor = make_person((mine, Role.AUDITOR))
    make_person((others, Role.ANALYST))
    client = auditor.client()
    found = client.get("/api/v1/audit/entries").json()["results"]
    assert {entry["project"] for entry in found} == {str(mine.pk)}
    assert [entry["event"] for entry in found] == ["identity:member:added", "identity:project:created"]
    foreign = Entry.objects.using("reader").filter(tenant=others.pk).first()
    assert foreign is not None
    assert client.get(f"/api/v1/audit/entries/{foreign.pk}").status_code == 404
    assert client.get(f"/api/v1/audit/entries/{uuid.uuid4()}").status_code == 404
    nowhere = client.get("/api/v1/audit/entries", {"project": str(others.pk)})
    absent = client.get("/api/v1/audit/entries", {"project": str(uuid.uuid4())})
    assert nowhere.status_code == absent.status_code == 404
    assert nowhere.json()["detail"] == absent.json()["detail"]


@pytest.mark.parametrize("role", list(Role))
def test_the_log_opens_for_auditors_and_platform_admins(role: Role) -> None:
    project, elsewhere = make_project(), make_project()
    # An auditor elsewhere is none here.
    person = make_person((project, role), (elsewhere, Role.AUDITOR))
    answer = person.client().get("/api/v1/audit/entries", {"project": str(project.pk)})
    if role in (Role.AUDITOR, Role.PLATFORM_ADMIN):
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "not_an_auditor")


def test_an_entry_shows_the_bytes_that_are_hashed() -> None:
    project = make_project()
    client = make_person((project, Role.AUDITOR)).client()
    shown = client.get("/api/v1/audit/entries", {"subject": f"project:{project.pk}"}).json()["results"][0]
    stored = bytes(Entry.objects.using("reader").get(pk=shown["id"]).header)
    assert hashlib.sha256(shown["header"].encode()).digest() == hashlib.sha256(stored).digest()
    header = orjson.loads(stored)
    assert {key: shown[key] for key in header if key != "tenant"} == {
        key: header[key] for key in header if key != "tenant"
    }
    assert client.get(f"/api/v1/audit/entries/{shown['id']}").json() == shown


def test_pages_miss_and_repeat_nothing_while_entries_are_added() -> None:
    project = make_project()
    client = make_person((project, Role.AUDITOR)).client()

    def add(number: int) -> None:
        with transaction.atomic():
            audit.append(Event.MEMBER_ADDED, tenant=project.pk, actor=None, subject=f"person:{number}")

    for number in range(7):
        add(number)
    seen, cursor, page = [], None, None
    while page is None or cursor is not None:
        query = {"limit": "3", "project": str(project.pk)} | ({"cursor": cursor} if cursor else {})
        page = client.get("/api/v1/audit/entries", query).json()
        seen += [entry["subject"] for entry in page["results"]]
        cursor = page["next"]
        add(100 + len(seen))
    assert seen[:7] == [f"person:{number}" for number in range(6, -1, -1)]
    assert len(seen) == len(set(seen)) == 9
    back = client.get("/api/v1/audit/entries", {"limit": "3", "cursor": page["previous"]}).json()
    assert [entry["subject"] for entry in back["results"]] == seen[3:6]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": "0"}, "invalid_limit"),
        ({"limit": "201"}, "invalid_limit"),
        ({"limit": "ten"}, "invalid_limit"),
        ({"limit": "\u0663"}, "invalid_limit"),
        ({"cursor": "nonsense"}, "invalid_cursor"),
        ({"cursor": "cD1hYmM="}, "invalid_cursor"),
        ({"project": "nonsense"}, "invalid_project"),
        ({"event": "runs:run:invented"}, "unknown_event"),
        ({"subject": "x" * 301}, "invalid_subject"),
        ({"subject": "a\x00b"}, "invalid_subject"),
    ],
)
def test_each_bad_question_has_its_code(query: dict[str, str], code: str) -> None:
    client = make_person((make_project(), Role.AUDITOR)).client()
    answer = client.get("/api/v1/audit/entries", query)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
