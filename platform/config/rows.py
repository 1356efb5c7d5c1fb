"""Rows written by statements that are made once: Django makes each anew, which takes longer than the database does."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.db.models import Model


def insert(row: Model) -> None:
    """Write a new row, as `save(force_insert=True)` does. For models without signals whose values are all made here."""
    statement, fields = _insertion(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    _execute(statement, values)
    row._state.adding, row._state.db = False, connection.alias


def update(model: type[Model], where: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    """Set fields of the rows whose fields equal all of `where`, as `filter(…).update(…)` does; how many there were."""
    statement, fields = _change(model, tuple(values), tuple(where))
    given = zip(fields, (*values.values(), *where.values()), strict=True)
    return _execute(statement, [field.get_db_prep_save(value, connection) for field, value in given])


def _execute(statement: str, values: list[Any]) -> int:
    with transaction.mark_for_rollback_on_error(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(statement, values)
        changed: int = cursor.rowcount
        return changed


type _Fields = tuple[Any, ...]


@cache
def _insertion(model: type[Model]) -> tuple[str, _Fields]:
    fields = tuple(model._meta.concrete_fields)
    names = ", ".join(map(_column, fields))
    places = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {_quoted(model._meta.db_table)} ({names}) VALUES ({places})", fields


@cache
def _change(model: type[Model], changed: tuple[str, ...], fixed: tuple[str, ...]) -> tuple[str, _Fields]:
    setting, finding = ([model._meta.get_field(name) for name in names] for names in (changed, fixed))
    new = ", ".join(f"{_column(field)} = %s" for field in setting)
    where = " AND ".join(f"{_column(field)} = %s" for field in finding)
    return f"UPDATE {_quoted(model._meta.db_table)} SET {new} WHERE {where}", (*setting, *finding)


def _column(field: Any) -> str:
    return _quoted(str(field.column))


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))
