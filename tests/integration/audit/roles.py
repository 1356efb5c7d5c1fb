"""The database's roles, each tried in a session of its own."""

from typing import Any

import psycopg
from django.db import connections

from tests.environment import STATE


def as_role(role: str) -> "psycopg.Connection[Any]":
    """A connection of its own to the tests' database, with that role's password."""
    chosen = connections["owner"].settings_dict
    return psycopg.connect(
        host=chosen["HOST"],
        port=chosen["PORT"],
        dbname=chosen["NAME"],
        user=f"bailiwick_{role}",
        password=STATE.secret(f"database_{role}"),
        autocommit=True,
    )


def refused(role: str, statement: str) -> bool:
    """Whether the database turns the statement down, alone in a session of its own, for want of a right."""
    try:
        with as_role(role) as connection:
            if statement.startswith("COPY"):
                with connection.cursor().copy(statement.encode()) as copy:
                    copy.read()
            else:
                connection.execute(statement.encode())
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def somebody_waits() -> bool:
    """Whether a transaction waits for a row that another one holds."""
    with as_role("owner") as owner:
        (count,) = owner.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')"
        ).fetchone() or (0,)
    return bool(count)
