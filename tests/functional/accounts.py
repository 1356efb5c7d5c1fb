"""People of a test's own: nothing that happens to them is felt by another test."""

import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password

from tests.stack import Stack
from tools.launch import postgres
from tools.launch.state import DATABASE

_PASSWORD = f"correct horse {uuid.uuid4().hex}"


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in by name and password."""

    id: str
    username: str
    password: str


def in_database(stack: Stack, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows of a statement, as the superuser: to move clocks, and to write what no door takes."""
    with postgres.connect(stack.state, DATABASE) as connection:
        done = connection.execute(statement, values)
        return list(done.fetchall()) if done.description else []


def newcomer(stack: Stack, *, display_name: str = "", project: str | None = None) -> Account:
    """A new person; an analyst of the project, if one is named by its id."""
    person = uuid.uuid4()
    made = Account(str(person), f"person-{person.hex[:8]}", _PASSWORD)
    # By hand: Django in this process works on another database.
    in_database(
        stack,
        "INSERT INTO identity_user (id, username, password, display_name, is_active, created_at) "
        "VALUES (%s, %s, %s, %s, true, now())",
        person,
        made.username,
        _hashed(),
        display_name,
    )
    if project:
        join(stack, made, project)
    return made


def join(stack: Stack, account: Account, project: str) -> None:
    """Make the person an analyst of the project."""
    in_database(
        stack,
        "INSERT INTO identity_membership (id, user_id, project_id, role, created_at) "
        "VALUES (gen_random_uuid(), %s, %s, 'analyst', now())",
        account.id,
        project,
    )


def new_project(stack: Stack, name: str) -> str:
    """The id of a new project of that name."""
    project = uuid.uuid4()
    in_database(
        stack,
        "INSERT INTO identity_project (id, slug, name, classification, created_at) "
        "VALUES (%s, %s, %s, 'internal', now())",
        project,
        f"project-{project.hex[:8]}",
        name,
    )
    return str(project)


@cache
def _hashed() -> str:
    return make_password(_PASSWORD)
