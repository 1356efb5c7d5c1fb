"""What the tests of signing in share: the platform's web process and what it needs, and a person of the test's own."""

import json
import os
import subprocess
import uuid
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from tests.stack import Stack
from tools.launch import postgres as postgres_program
from tools.launch.state import DATABASE, PYTHON, ROOT


@pytest.fixture(scope="session")
def web(postgres: Stack) -> Stack:
    """The web process with PostgreSQL, Redis and OPA; no worker and no sandbox."""
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
def account(web: Stack) -> Account:
    """A new person with a password, made as an operator makes one."""
    code = (
        "import django, json, sys; django.setup(); from identity import actions; "
        "from identity.callers import pseudonym_of; name, password = sys.argv[1:]; "
        "user = actions.create_user(name, password=password, by=None); "
        "print(json.dumps([str(user.pk), pseudonym_of(user.pk)]))"
    )
    name, password = f"person-{uuid.uuid4().hex[:8]}", f"correct horse {uuid.uuid4().hex[:8]}"
    # A process of its own: Django in pytest's process works on another database.
    environment = {**os.environ, **web.state.environment(), "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [str(PYTHON), "-c", code, name, password],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
        timeout=60,
    )
    person, pseudonym = json.loads(done.stdout)
    return Account(person, name, password, pseudonym)
