"""Fixtures that start real parts, each only when a test asks for it; all of them end with the session."""

import os
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase

from tests.environment import DATABASE, STATE, TEMPLATE
from tests.stack import Stack
from tools.launch import postgres as postgres_program


@pytest.fixture(scope="session")
def parts() -> Iterator[Stack]:
    """The session's stack with nothing started yet."""
    stack = Stack(STATE)
    yield stack
    stack.close()


@pytest.fixture(scope="session")
def postgres(parts: Stack) -> Stack:
    """PostgreSQL with our four roles."""
    parts.start("postgres")
    postgres_program.create_roles(STATE)
    return parts


@pytest.fixture(scope="session")
def redis_server(parts: Stack) -> Stack:
    """Redis."""
    parts.start("redis")
    return parts


@pytest.fixture(scope="session")
def opa_server(parts: Stack) -> Stack:
    """OPA with the default policies. To this process its revision is published: nobody signs beside these tests."""
    parts.start("opa")
    from policy import queries
    from policy.actions import publishing

    publishing.published.add(queries.active())
    return parts


@pytest.fixture(scope="session")
def sandboxd(parts: Stack) -> Stack:
    """The sandbox daemon."""
    parts.start("sandboxd")
    return parts


@pytest.fixture(scope="session")
def _whole_stack(postgres: Stack) -> Stack:
    return postgres.up()


@pytest.fixture
def stack(_whole_stack: Stack) -> Stack:
    """The whole platform as processes, every part of it running: what an earlier test killed is started again."""
    return _whole_stack.up()


@pytest.fixture(scope="session")
def django_db_setup(postgres: Stack, django_db_blocker: Any) -> Iterator[None]:
    """A database for tests inside this process, cloned from a template that the owner migrated.

    Tests work as the application's role, which may not empty the log's tables: where pytest-django would flush, the
    database is cloned anew.
    """
    with django_db_blocker.unblock():
        _name_databases(TEMPLATE)
        with postgres_program.connect(STATE) as connection:
            postgres_program.make_database(connection, TEMPLATE)
        call_command("migrate", database="owner", interactive=False, verbosity=0)
        _clone()
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: _clone())
    yield
    patch.undo()
    with django_db_blocker.unblock():
        _leave_databases()


def _clone() -> None:
    """Make the test database a fresh copy of the template."""
    _leave_databases()
    with postgres_program.connect(STATE) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE} OWNER bailiwick_owner")
        postgres_program.make_database(connection, DATABASE)
    _name_databases(DATABASE)


def _name_databases(name: str) -> None:
    for alias in settings.DATABASES:
        connections[alias].settings_dict["NAME"] = name


def _leave_databases() -> None:
    for alias in settings.DATABASES:
        connections[alias].close()
        if getattr(connections[alias], "pool", None) is not None:
            connections[alias].close_pool()  # type: ignore[attr-defined]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """In CI a skip is a failure: a test that does not run proves nothing."""
    report: Any = yield
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report
