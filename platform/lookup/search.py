"""Search: which entries hold to every condition, newest first, a page at a time, by indexes alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import connection

from lookup.models import Row

# What a word's own row says of its entry.
_WITH_WORDS = frozenset({"event", "outcome", "actor"})
# More terms than these for one condition, and whoever asks should say more exactly what is meant.
MOST_TERMS = 20


@dataclass(frozen=True)
class Wanted:
    """What an entry must be; what is not given excludes nothing."""

    event: str | None = None
    subject: str | None = None
    outcome: str | None = None
    actor: bytes | None = None
    run: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    # For each condition the terms of which an entry has at least one.
    terms: tuple[tuple[bytes, ...], ...] = ()
    # Whether words are asked for; which stand for them is said for each part.
    words: int = 0

    @property
    def columns(self) -> dict[str, object]:
        """What a row's own columns are equal to."""
        names = ("event", "subject", "outcome", "actor", "run")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


@dataclass(frozen=True)
class Part:
    """One project, and, where words are asked for, what stands for each of them under one person's key."""

    tenant: UUID
    words: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where one entry is in the order of all."""

    at: datetime
    n: int


@dataclass
class _Query:
    """The conditions of one part's page, with their values in order. `base` is the table whose order is the page's."""

    base: str = ""
    joins: list[str] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    joined: list[Any] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def take(self, table: str, name: str, holds: str, *values: object) -> None:
        """Ask for a row of a table at the same place. The first that is asked for leads."""
        if not self.base:
            self.base = name
            self.joins.append(f"{table} {name}")
            self.where += [f"{name}.tenant = p.tenant", holds]
            self.values += values
        else:
            same = f"{name}.tenant = p.tenant AND {name}.at = {self.base}.at AND {name}.n = {self.base}.n"
            self.joins.append(f"JOIN {table} {name} ON {same} AND {holds}")
            self.joined += values


@dataclass(frozen=True)
class Search:
    """A search over parts. Each part is asked for a page of its own, in order, and the pages are merged."""

    parts: Sequence[Part]
    wanted: Wanted
    # Whose columns a cursor holds.
    model: ClassVar = Row

    def page(self, beyond: Place | None, most: int, *, backwards: bool = False) -> list[Row]:
        """The next rows, newest first, beyond a place; `backwards`: oldest first, before it."""
        if not self.parts or any(not terms for terms in self.wanted.terms):
            return []
        query = self._query(beyond, backwards)
        order = "ASC" if backwards else "DESC"
        names = ["tenant", *(f"w{number}" for number in range(self.wanted.words))]
        columns: list[Any] = [[part.tenant for part in self.parts]]
        columns += [[part.words[number] for part in self.parts] for number in range(self.wanted.words)]
        kinds = ["%s::uuid[]", *["%s::bytea[]"] * self.wanted.words]
        base = query.base
        text = f"""
            SELECT f.at, f.n FROM unnest({", ".join(kinds)}) AS p ({", ".join(names)}) CROSS JOIN LATERAL (
                SELECT {base}.at, {base}.n FROM {" ".join(query.joins)} WHERE {" AND ".join(query.where)}
                ORDER BY {base}.at {order}, {base}.n {order} LIMIT %s
            ) f ORDER BY f.at {order}, f.n {order} LIMIT %s
        """
        with connection.cursor() as cursor:
            cursor.execute(text, [*columns, *query.joined, *query.values, most, most])
            return [Row(at=at, n=n) for at, n in cursor]

    def _query(self, beyond: Place | None, backwards: bool) -> _Query:
        query = _Query()
        for number in range(self.wanted.words):
            query.take("lookup_word", f"b{number}", f"b{number}.word = p.w{number}")
        several = [terms for terms in self.wanted.terms if len(terms) > 1]
        for number, (term, *_) in enumerate(terms for terms in self.wanted.terms if len(terms) == 1):
            query.take("lookup_term", f"t{number}", f"t{number}.term = %s", term)
        columns = self.wanted.columns
        if self.wanted.words:
            for column in sorted(columns.keys() & _WITH_WORDS):
                query.where.append(f"b0.{column} = %s")
                query.values.append(columns.pop(column))
        # Words and terms have places of their own: what they find alone is found in their indexes alone.
        if columns or not query.base:
            equal = " AND ".join(f"r.{column} = %s" for column in columns) or "true"
            query.take("lookup_row", "r", equal, *columns.values())
        base = query.base
        for terms in several:
            same = f"s.tenant = p.tenant AND s.at = {base}.at AND s.n = {base}.n"
            query.where.append(f"EXISTS (SELECT FROM lookup_term s WHERE {same} AND s.term = ANY(%s))")
            query.values.append(list(terms))
        for sign, moment in ((">=", self.wanted.since), ("<", self.wanted.until)):
            if moment is not None:
                query.where.append(f"{base}.at {sign} %s")
                query.values.append(moment)
        if beyond is not None:
            query.where.append(f"({base}.at, {base}.n) {'>' if backwards else '<'} (%s, %s)")
            query.values += [beyond.at, beyond.n]
        return query
