"""People and projects for tests, made by the same actions that a platform admin's tools use."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from rest_framework.test import APIClient

from identity import actions, queries
from identity.actions import members
from identity.callers import Caller
from identity.models import Membership, Project, User
from identity.states import Role, TokenKind


@dataclass(frozen=True)
class Person:
    """A user, the caller that they are, and a token of theirs."""

    user: User
    caller: Caller
    bearer: str

    def client(self) -> APIClient:
        """A client with the person's token."""
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {self.bearer}")
        return client


def give(user: User, project: Project, role: Role) -> Membership:
    """A role at once: a sequencer that signs the request is not what most tests are about."""
    return members._add(members.RoleChange(uuid.uuid4(), project.pk, user.pk, role, True), uuid.uuid4(), None)


def take(user: User, project: Project, role: Role) -> None:
    """The end of a role, likewise."""
    members._remove(members.RoleChange(uuid.uuid4(), project.pk, user.pk, role, False), None)


def make_project(name: str = "project") -> Project:
    """A project with a name of its own."""
    return actions.create_project(f"{name}-{uuid.uuid4().hex[:8]}", name.title(), by=None)


def make_person(*roles: tuple[Project, Role], kind: TokenKind = TokenKind.PERSON) -> Person:
    """A person with these roles, and a token of the kind that lives for an hour."""
    user = actions.create_user(f"person-{uuid.uuid4().hex[:8]}", by=None)
    for project, role in roles:
        give(user, project, role)
    model_name = "model-1" if kind is TokenKind.MODEL else None
    _, bearer = actions.issue_token(user, kind, timedelta(hours=1), model_name=model_name, by=None)
    return Person(user, queries.authenticate(bearer), bearer)


def model_of(person: Person) -> Person:
    """A model that acts for the person."""
    kind, life = TokenKind.MODEL, timedelta(hours=1)
    _, bearer = actions.issue_token(person.user, kind, life, model_name="model-1", by=person.caller)
    return Person(person.user, queries.authenticate(bearer), bearer)
