"""What was integrated, in order, for those who lay it out to be found: leaves, and what is sealed beside them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connections

from audit.datakeys import keys_by_id
from audit.queries import READER
from audit.sealing import NotOpened, open_sealed


@dataclass(frozen=True)
class Log:
    """A log with the number of its leaves; no project's where `tenant` is None."""

    id: int
    tenant: UUID | None
    size: int


@dataclass(frozen=True)
class Leaf:
    """An entry that its log's tree has."""

    index: int
    id: UUID
    n: int
    header: bytes


@dataclass(frozen=True)
class Field:
    """A sealed field of an entry, with the id of the key that it is sealed under."""

    entry: UUID
    name: str
    key: UUID
    sealed: bytes


_LOGS = "SELECT id, tenant, size FROM audit_log WHERE kind <> 'meta' AND size > 0 ORDER BY id"
_LEAVES = """
SELECT l.index, e.id, e.n, e.header FROM audit_leaf l JOIN audit_entry e ON e.id = l.entry
WHERE l.log = %s AND l.index >= %s AND l.index < %s ORDER BY l.index
"""
_FIELDS = "SELECT entry, field, key, sealed FROM audit_payload WHERE entry = ANY(%s) ORDER BY entry, field"


def logs() -> list[Log]:
    """Every log of entries that has any."""
    with connections[READER].cursor() as cursor:
        cursor.execute(_LOGS)
        return [Log(*row) for row in cursor]


def leaves(log: int, first: int, end: int) -> list[Leaf]:
    """The leaves from `first` to before `end`, as far as there are."""
    with connections[READER].cursor() as cursor:
        cursor.execute(_LEAVES, [log, first, end])
        return [Leaf(index, entry, n, bytes(header)) for index, entry, n, header in cursor]


def fields(entries: Iterable[UUID]) -> list[Field]:
    """What is sealed beside these entries."""
    with connections[READER].cursor() as cursor:
        cursor.execute(_FIELDS, [list(entries)])
        return [Field(entry, name, key, bytes(sealed)) for entry, name, key, sealed in cursor]


def opened(found: Iterable[Field]) -> dict[UUID, dict[str, str]]:
    """The texts by entry and field, as far as their keys are there and fit. Whoever calls may show them."""
    sealed = list(found)
    keys: Mapping[UUID, bytes] = keys_by_id({each.key for each in sealed}) if sealed else {}
    texts: dict[UUID, dict[str, str]] = {}
    for each in sealed:
        if each.key in keys:
            try:
                content = open_sealed(each.sealed, entry=each.entry, field=each.name, data_key=keys[each.key]).content
                texts.setdefault(each.entry, {})[each.name] = content.decode()
            except (NotOpened, UnicodeDecodeError):
                # What verification finds changed is shown by verification.
                continue
    return texts
