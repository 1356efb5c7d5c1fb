"""Members of a project: for its platform admins, and no role changes before its request is signed."""

import threading
import uuid
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.db.transaction import TransactionManagementError

import audit
from audit import Event, tree
from audit.models import Entry
from audit.waiting import NotSigned, until_signed
from config.errors import Conflict
from identity import actions
from identity.actions import members
from identity.models import Membership, Project
from identity.states import Role
from tests.integration.audit.roles import somebody_waits
from tests.integration.audit.sequencing import append, run_once, signing
from tests.people import Person, give, make_person, make_project, model_of, take
from tests.stack import eventually

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def admin(project: Project) -> Person:
    return make_person((project, Role.PLATFORM_ADMIN))


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "SIGNED_WITHIN", 0.3)


def address(project: Project, *more: Any) -> str:
    return "/".join(map(str, ["/api/v1/projects", project.pk, "members", *more]))


def add(by: Person, project: Project, username: str, role: str = "analyst", **headers: str) -> Any:
    wish = {"username": username, "role": role}
    return by.client().post(address(project), wish, format="json", headers=headers)


def roles(person: Person, project: Project) -> list[str]:
    held = Membership.objects.filter(user=person.user, project=project)
    return sorted(held.values_list("role", flat=True))


def entries(project: Project) -> list[dict[str, Any]]:
    found = Entry.objects.using("reader").filter(tenant=project.pk).order_by("n")
    return [orjson.loads(bytes(entry.header)) for entry in found]


def test_a_role_takes_effect_once_its_request_is_signed(project: Project, admin: Person, tmp_path: Path) -> None:
    person = make_person()
    with signing(tmp_path):
        answer = add(admin, project, person.user.username)
        assert answer.status_code == 201, answer.json()
        assert {key: answer.json()[key] for key in ("username", "role")} == {
            "username": person.user.username,
            "role": "analyst",
        }
        listed = admin.client().get(address(project)).json()["results"]
        assert answer.json() in listed
        assert [each["role"] for each in listed] == ["platform_admin", "analyst"]
        # Whoever was added sees the project at once.
        assert len(person.client().get("/api/v1/projects").json()["results"]) == 1
        assert admin.client().delete(address(project, answer.json()["id"])).status_code == 204
    assert roles(person, project) == []
    told = entries(project)[-4:]
    assert [each["event"].removeprefix("identity:member:") for each in told] == [
        "change_requested", "added", "change_requested", "removed",
    ]  # fmt: skip
    asked, added, _, removed = told
    assert asked["facts"] == {"role": "analyst", "change": "add"}
    assert added["facts"] == {"role": "analyst", "request": asked["id"]}
    assert {each["actor"] for each in told} == {admin.caller.pseudonym}
    assert (removed["subject"], removed["version"]) == (f"person:{person.caller.pseudonym}", 2)


@pytest.mark.usefixtures("hurried")
def test_while_nothing_is_signed_nobody_gets_or_loses_a_role(project: Project, admin: Person, tmp_path: Path) -> None:
    """Taken out: the wait in `change_role`; the role was then given, unsigned."""
    run_once(tmp_path)
    person, analyst = make_person(), make_person((project, Role.ANALYST))
    answer = add(admin, project, person.user.username)
    assert (answer.status_code, answer.json()["code"]) == (503, "request_not_signed")
    held = Membership.objects.get(user=analyst.user)
    answer = admin.client().delete(address(project, held.pk))
    assert (answer.status_code, answer.json()["code"]) == (503, "request_not_signed")
    assert (roles(person, project), roles(analyst, project)) == ([], ["analyst"])
    # That nothing came of it is on record too.
    told = entries(project)[-4:]
    assert [each["event"] for each in told] == ["identity:member:change_requested", "audit:request:refused"] * 2
    assert {each["facts"].get("code") for each in told} == {None, "request_not_signed"}


def test_only_platform_admins_see_and_change_members(project: Project, admin: Person, tmp_path: Path) -> None:
    elsewhere, name = make_project(), make_person().user.username
    others = {
        role: make_person((project, role), (elsewhere, Role.PLATFORM_ADMIN))
        for role in Role
        if role is not Role.PLATFORM_ADMIN
    }
    held = Membership.objects.get(user=admin.user)
    with signing(tmp_path):
        for person in [*others.values(), model_of(admin)]:
            # A model has none of its admin's roles, so that the project is not there for it.
            expected = 404 if person.user == admin.user else 403
            client = person.client()
            assert client.get(address(project)).status_code == expected
            assert add(person, project, name).status_code == expected
            # Nobody learns who exists.
            assert add(person, project, "no-such-person").status_code == expected
            assert client.delete(address(project, held.pk)).status_code == expected
        outsider = make_person((elsewhere, Role.PLATFORM_ADMIN)).client()
        for path in (address(project), address(project, held.pk)):
            hidden = outsider.get(path) if path.endswith("members") else outsider.delete(path)
            assert hidden.status_code == 404
        # A member of one project is none of another's.
        mine = Membership.objects.get(user=others[Role.ANALYST].user, project=elsewhere)
        assert admin.client().delete(address(project, mine.pk)).status_code == 404
    assert Membership.objects.filter(project=project).count() == len(Role)


def test_nobody_changes_their_own_roles(project: Project, admin: Person, tmp_path: Path) -> None:
    """Taken out: the first rule of `may_change_role`; the admin then was the project's auditor."""
    other = make_person((project, Role.PLATFORM_ADMIN))
    with signing(tmp_path):
        answer = add(admin, project, admin.user.username, "auditor")
        assert (answer.status_code, answer.json()["code"]) == (403, "own_role")
        held = Membership.objects.get(user=admin.user)
        assert admin.client().delete(address(project, held.pk)).json()["code"] == "own_role"
        assert add(other, project, admin.user.username, "auditor").status_code == 201
    assert roles(admin, project) == ["auditor", "platform_admin"]


def test_who_is_no_admin_any_more_when_it_is_signed_changes_nothing(
    project: Project, admin: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out: the second look in `_add`; the role was then given."""
    person = make_person()

    def meanwhile(entry: uuid.UUID, within: float) -> tree.Head:
        take(admin.user, project, Role.PLATFORM_ADMIN)
        give(admin.user, project, Role.ANALYST)
        return until_signed(entry, within)

    monkeypatch.setattr(members, "until_signed", meanwhile)
    with signing(tmp_path):
        answer = add(admin, project, person.user.username)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_a_platform_admin")
    assert roles(person, project) == []


def erase(person: Person) -> None:
    with transaction.atomic():
        actions.erase_person(person.user.pk, by=None)


def test_who_was_erased_gets_no_role(project: Project, admin: Person, tmp_path: Path) -> None:
    """Taken out: `may_be_given_a_role`; the closed account was then an analyst of the project."""
    person = make_person((project, Role.REVIEWER))
    erase(person)
    with signing(tmp_path):
        answer = add(admin, project, f"erased-{person.user.pk.hex}")
        assert (answer.status_code, answer.json()["code"]) == (409, "account_closed")
        assert answer.json()["remedy"]
        with pytest.raises(CommandError, match="closed"):
            call_command("add_member", f"erased-{person.user.pk.hex}", project.slug, "analyst")
    assert roles(person, project) == []
    told = entries(project)[-1]
    assert (told["event"], told["facts"]["code"]) == ("audit:request:refused", "account_closed")
    assert told["subject"] == f"person:{person.caller.pseudonym}"


def test_who_is_erased_while_the_request_is_signed_gets_no_role(
    project: Project, admin: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out: the look in `_add`; the person, erased by then, had the role."""
    person = make_person()

    def meanwhile(entry: uuid.UUID, within: float) -> tree.Head:
        erase(person)
        return until_signed(entry, within)

    monkeypatch.setattr(members, "until_signed", meanwhile)
    with signing(tmp_path):
        answer = add(admin, project, person.user.username)
    assert (answer.status_code, answer.json()["code"]) == (409, "account_closed")
    assert roles(person, project) == []


def test_an_erasure_at_the_same_moment_is_waited_for(project: Project) -> None:
    """Taken out: the lock of the person's row; the role was then given once the erasure had committed."""
    person = make_person()
    refusals: list[Conflict] = []

    def ask() -> None:
        try:
            give(person.user, project, Role.ANALYST)
        except Conflict as refusal:
            refusals.append(refusal)
        finally:
            connections.close_all()

    thread = threading.Thread(target=ask)
    with transaction.atomic():
        actions.erase_person(person.user.pk, by=None)
        thread.start()
        eventually(somebody_waits)
    thread.join(30)
    assert ([each.code for each in refusals], roles(person, project)) == (["account_closed"], [])


def test_a_repeated_request_gives_one_role(project: Project, admin: Person, tmp_path: Path) -> None:
    person = make_person()
    with signing(tmp_path):
        answers = [add(admin, project, person.user.username, **{"Idempotency-Key": "k"}) for _ in range(2)]
        again = add(admin, project, person.user.username)
    assert {answer.status_code for answer in [*answers, again]} == {201}
    assert len({answer.json()["id"] for answer in [*answers, again]}) == 1
    events = [each["event"] for each in entries(project)]
    assert events.count("identity:member:change_requested") == 1


@pytest.mark.parametrize(
    "wish", [{"username": "x"}, {"role": "analyst"}, {"username": "x", "role": "owner"}, {"username": "x", "role": ""}]
)
def test_a_wish_of_another_form_is_refused(project: Project, admin: Person, wish: dict[str, str]) -> None:
    assert admin.client().post(address(project), wish, format="json").status_code == 400


def test_a_person_whom_nobody_knows_is_not_there(project: Project, admin: Person) -> None:
    assert add(admin, project, "no-such-person").status_code == 404
    assert admin.client().delete(address(project, uuid.uuid4())).status_code == 404


def test_waiting_ends_with_the_head_that_has_the_entry(tmp_path: Path) -> None:
    (entry,) = append(1)
    with pytest.raises(NotSigned):
        until_signed(entry, 0.2)
    with signing(tmp_path):
        head = until_signed(entry, 10)
        found = tree.leaf_of(entry)
    assert found is not None
    assert (head.log, head.origin.endswith("/platform")) == (found.log, True)
    assert head.size > found.index


def test_nobody_waits_for_themselves(tmp_path: Path) -> None:
    """Inside a transaction the sequencer could never pass the one that waits."""
    with signing(tmp_path), transaction.atomic():
        entry = audit.append(Event.MEMBER_ADDED, tenant=None, actor=None, subject="person:1")
        with pytest.raises(TransactionManagementError, match="inside a transaction"):
            until_signed(entry, 10)
