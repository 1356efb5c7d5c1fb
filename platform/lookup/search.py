"""Search: which entries hold to every condition, newest first, a page at a time, by indexes alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import connection

from lookup.models import Row

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
    """The conditions of one part's page, with their values in order."""

    joins: list[str] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    joined: list[Any] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)


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
        text = f"""
            SELECT f.at, f.n FROM unnest({", ".join(kinds)}) AS p ({", ".join(names)}) CROSS JOIN LATERAL (
                SELECT r.at, r.n FROM lookup_row r {" ".join(query.joins)}
                WHERE {" AND ".join(["r.tenant = p.tenant", *query.where])}
                ORDER BY r.at {order}, r.n {order} LIMIT %s
            ) f ORDER BY f.at {order}, f.n {order} LIMIT %s
        """
        with connection.cursor() as cursor:
            cursor.execute(text, [*columns, *query.joined, *query.values, most, most])
            return [Row(at=at, n=n) for at, n in cursor]

    def _query(self, beyond: Place | None, backwards: bool) -> _Query:
        query = _Query()
        same = "{0}.tenant = p.tenant AND {0}.at = r.at AND {0}.n = r.n"
        for number in range(self.wanted.words):
            name = f"b{number}"
            query.joins.append(f"JOIN lookup_word {name} ON {same.format(name)} AND {name}.word = p.w{number}")
        for number, terms in enumerate(self.wanted.terms):
            name = f"t{number}"
            if len(terms) == 1:
                query.joins.append(f"JOIN lookup_term {name} ON {same.format(name)} AND {name}.term = %s")
                query.joined.append(terms[0])
            else:
                found = f"EXISTS (SELECT FROM lookup_term {name} WHERE {same.format(name)} AND {name}.term = ANY(%s))"
                query.where.append(found)
                query.values.append(list(terms))
        for column, value in self.wanted.columns.items():
            query.where.append(f"r.{column} = %s")
            query.values.append(value)
        for sign, moment in ((">=", self.wanted.since), ("<", self.wanted.until)):
            if moment is not None:
                query.where.append(f"r.at {sign} %s")
                query.values.append(moment)
        if beyond is not None:
            query.where.append(f"(r.at, r.n) {'>' if backwards else '<'} (%s, %s)")
            query.values += [beyond.at, beyond.n]
        return query
