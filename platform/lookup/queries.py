"""Reads of what is laid out, already cut down to what the caller may see."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import orjson

import audit.queries
from audit import leaves, standing, tree
from audit.datakeys import ids_of, keys_by_id
from audit.models import Entry
from identity.callers import Caller
from lookup import rules, terms, words
from lookup.models import Position, Row, Sealing, Term
from lookup.search import MOST_TERMS, Part


@dataclass(frozen=True)
class Standing:
    """How far behind the logs their projection is: entries that their trees have, and the age of what is missing."""

    behind: int
    lag_seconds: float


def standing_of(projects: Collection[UUID]) -> Standing:
    """How complete an answer about these projects is."""
    positions = dict(Position.objects.filter(tenant__in=list(projects)).values_list("log", "next"))
    behind, lag = 0, standing.standing().lag_seconds
    for log in leaves.logs():
        missing = log.size - positions.get(log.id, 0)
        if log.tenant in projects and missing > 0:
            behind += missing
            lag = max(lag, _age(log.id, positions.get(log.id, 0)))
    return Standing(behind, round(lag, 3))


def _age(log: int, index: int) -> float:
    for leaf in leaves.leaves(log, index, index + 1):
        recorded = datetime.fromisoformat(orjson.loads(leaf.header)["recorded_at"])
        return max(0.0, (datetime.now(UTC) - recorded).total_seconds())
    return 0.0


def parts(by: Caller, projects: Iterable[UUID], asked: Sequence[str]) -> list[Part]:
    """The projects to search; for words, each with every key under which the caller may look for them."""
    if not asked:
        return [Part(project) for project in sorted(projects)]
    own = set(ids_of([by.pseudonym]))
    sealing: dict[UUID, set[UUID]] = {}
    for tenant, key in Sealing.objects.filter(tenant__in=list(projects)).values_list("tenant", "key"):
        if key in own or rules.opens_all(by, tenant):
            sealing.setdefault(tenant, set()).add(key)
    keys = keys_by_id({key for found in sealing.values() for key in found})
    blinding = {key: words.key_of(data_key) for key, data_key in keys.items()}
    return [
        Part(tenant, tuple(words.blinded(word, blinding[key]) for word in asked))
        for tenant, found in sorted(sealing.items())
        for key in sorted(found)
        if key in blinding
    ]


def digests(projects: Iterable[UUID], begins: str) -> tuple[bytes, ...] | None:
    """The terms of the digests in these projects' logs that begin so; None where there are too many to be meant."""
    if len(begins) == 64:
        return (terms.digest(begins),)
    first, last = terms.between(b"d", begins)
    found = Term.objects.filter(tenant__in=list(projects), term__gte=first, term__lte=last)
    some = list(found.order_by("term").values_list("term", flat=True).distinct()[: MOST_TERMS + 1])
    return None if len(some) > MOST_TERMS else tuple(bytes(term) for term in some)


def entries(projects: Iterable[UUID], rows: Iterable[Row]) -> list[Entry]:
    """The entries that rows stand for, in the same order. Whose they are, the log itself says."""
    wanted = [row.n for row in rows]
    found = {entry.n: entry for entry in audit.queries.entries(projects).filter(n__in=wanted)}
    return [found[n] for n in wanted if n in found]


def payloads(by: Caller, found: Iterable[Entry]) -> Mapping[UUID, dict[str, str]]:
    """What the caller may read of what is sealed beside these entries; nothing of what was erased."""
    tenants = {entry.pk: entry.tenant for entry in found}
    own = set(ids_of([by.pseudonym]))

    def permitted(entry: UUID, key: UUID) -> bool:
        tenant = tenants[entry]
        return key in own or (tenant is not None and rules.opens_all(by, tenant))

    return leaves.opened(each for each in leaves.fields(tenants) if permitted(each.entry, each.key))


def signed_sizes(found: Iterable[Entry]) -> Mapping[UUID, int]:
    """The size of each project's log under its latest checkpoint."""
    heads = {tenant: tree.head_of(tenant) for tenant in {entry.tenant for entry in found} if tenant is not None}
    return {tenant: head.size for tenant, head in heads.items() if head is not None}
