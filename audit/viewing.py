"""Views: what is derived from a bundle's entries for people and for other programs. Each is a module of `audit.views`.

A view says nothing that the entries do not; the exporter signs it with the rest, and nothing proves it.
"""

import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from audit import views
from audit.reading import Counts, Filter, Seen

# A view goes on in another file when it has so many bytes, as no file of a bundle may have 2 GiB.
MOST = 1 << 30


@dataclass(frozen=True)
class Told:
    """Which bundle a view is of."""

    export: str
    asked_at: str
    project: str
    origin: str
    first: int
    end: int
    size: int
    root: str
    filter: Filter
    counts: Counts


class View(Protocol):
    """What a module of `audit.views` has."""

    # By what name it is asked for, the name of its file, and the version of what it writes.
    NAME: str
    FILE: str
    VERSION: str

    def head(self, told: Told) -> bytes:
        """What each of its files begins with."""
        ...

    def records(self, told: Told, entries: Iterable[Seen]) -> Iterator[bytes]:
        """What it makes of the entries, in pieces that are not to be cut. Constant memory, however many there are."""
        ...


@cache
def known() -> Mapping[str, View]:
    """All views by name."""
    modules: list[Any] = [import_module(f"audit.views.{each.name}") for each in pkgutil.iter_modules(views.__path__)]
    return {module.NAME: module for module in sorted(modules, key=lambda module: str(module.NAME))}


def files(view: View, told: Told, entries: Iterable[Seen]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """A view's files by name, each to be read to its end before the next: mostly one."""
    records = view.records(told, entries)
    record = next(records, None)
    number = 1
    while record is not None or number == 1:
        stem, dot, kind = view.FILE.rpartition(".")
        rest: list[bytes] = []
        yield (
            f"views/{view.FILE}" if number == 1 else f"views/{stem}-{number}{dot}{kind}",
            _one(view.head(told), record, records, rest),
        )
        record = rest[0] if rest else None
        number += 1


def _one(head: bytes, record: bytes | None, records: Iterator[bytes], rest: list[bytes]) -> Iterator[bytes]:
    """One file; the record that it has no more room for is the rest."""
    yield head
    size = len(head)
    while record is not None:
        if size + len(record) > MOST and size > len(head):
            rest.append(record)
            return
        yield record
        size += len(record)
        record = next(records, None)
