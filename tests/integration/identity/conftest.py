"""What the tests of signing in share: the platform's web process and what it needs, and a person of the test's own."""

import uuid
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from django.contrib.auth.hashers import make_password

from identity.callers import pseudonym_of
from tests.stack import Stack
from tools.launch import postgres as postgres_program
from tools.launch.state import DATABASE


@pytest.fixture(scope="session")
def web(postgres: Stack) -> Stack:
    """The web process with PostgreSQL, Redis, OPA, the sequencer and the demo's people; no worker and no sandbox."""
    postgres.start("seed")
    postgres.start("web")
    return postgres


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in by name and password."""

    id: str
    username: str
    password: str
    pseudonym: str


class Database:
    """The web process's database, by hand: to move clocks, and to read what was recorded."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement, as the superuser."""
        with postgres_program.connect(self._stack.state, DATABASE) as connection:
            done = connection.execute(statement, values)
            return list(done.fetchall()) if done.description else []

    def entries(self, event: str, **facts: Any) -> list[dict[str, Any]]:
        """The log's entries of one kind with these facts, oldest first."""
        rows = self.run("SELECT header FROM audit_entry WHERE event = %s ORDER BY n", event)
        headers = [orjson.loads(bytes(header)) for (header,) in rows]
        return [one for one in headers if facts.items() <= one["facts"].items()]


@pytest.fixture
def database(web: Stack) -> Database:
    """The web process's database."""
    return Database(web)


@pytest.fixture
def account(database: Database) -> Account:
    """A new person with a password and without any role."""
    person = uuid.uuid4()
    made = Account(
        str(person), f"person-{person.hex[:8]}", f"correct horse {uuid.uuid4().hex[:8]}", pseudonym_of(person)
    )
    # By hand: Django in pytest's process works on another database, and another process takes a second to start.
    database.run(
        "INSERT INTO identity_user (id, username, password, display_name, is_active, created_at) "
        "VALUES (%s, %s, %s, '', true, now())",
        person,
        made.username,
        make_password(made.password),
    )
    return made
