"""What an operator does for people at the machine."""

import io
import uuid
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from identity.actions import members
from identity.models import Membership, Project, User
from tests.integration.audit.sequencing import signing
from tests.people import make_project

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_a_person_is_added_with_a_password_that_is_no_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"person-{uuid.uuid4().hex[:8]}"
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    call_command("add_person", name, "--display-name", "A Person")
    user = User.objects.get(username=name)
    assert (user.check_password("correct horse battery"), user.display_name) == (True, "A Person")
    said = io.StringIO()
    call_command("add_person", f"{name}-2", "--generate", stdout=said)
    assert User.objects.get(username=f"{name}-2").check_password(said.getvalue().strip())


@pytest.mark.parametrize("weak", ["short", "password1234", ""])
def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch, weak: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{weak}\n"))
    with pytest.raises(CommandError):
        call_command("add_person", "somebody-weak")
    assert not User.objects.filter(username="somebody-weak").exists()


def test_a_project_is_added_once() -> None:
    slug = f"project-{uuid.uuid4().hex[:8]}"
    call_command("add_project", slug, "A Project", "--classification", "confidential")
    made = Project.objects.get(slug=slug)
    assert (made.name, made.classification) == ("A Project", "confidential")
    with pytest.raises(CommandError, match="another project has this name"):
        call_command("add_project", slug, "Another")
    with pytest.raises(CommandError, match="slug"):
        call_command("add_project", "two words", "Another")


def test_a_role_is_given_and_taken(tmp_path: Path) -> None:
    with signing(tmp_path):
        give_and_take()


def give_and_take() -> None:
    project, name = make_project(), f"person-{uuid.uuid4().hex[:8]}"
    call_command("add_person", name, "--generate", stdout=io.StringIO())
    with pytest.raises(CommandError, match="another person"):
        call_command("add_person", name, "--generate", stdout=io.StringIO())
    for _ in range(2):
        call_command("add_member", name, project.slug, "analyst")
    held = Membership.objects.filter(user__username=name, project=project)
    assert [one.role for one in held] == ["analyst"]
    call_command("add_member", name, project.slug, "analyst", "--remove")
    assert not held.all().exists()
    with pytest.raises(CommandError, match="no such member"):
        call_command("add_member", name, project.slug, "analyst", "--remove")
    for wrong in ((name, "no-such-project"), ("no-such-person", project.slug)):
        with pytest.raises(CommandError, match="no such"):
            call_command("add_member", *wrong, "analyst")


def test_while_nothing_is_signed_no_role_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "SIGNED_WITHIN", 0.2)
    project, name = make_project(), f"person-{uuid.uuid4().hex[:8]}"
    call_command("add_person", name, "--generate", stdout=io.StringIO())
    with pytest.raises(CommandError, match="did not sign"):
        call_command("add_member", name, project.slug, "analyst")
    assert not Membership.objects.filter(project=project).exists()
