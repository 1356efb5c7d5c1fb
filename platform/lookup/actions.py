"""The only writes of this room: laying out what the log's trees have taken in, and putting a recall on record."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

import audit
from audit import Event, leaves
from audit.datakeys import keys_by_id
from audit.leaves import Leaf, Log
from config.verdicts import require
from identity.callers import Caller
from lookup import rules, terms, words
from lookup.models import Content, Position
from lookup.recalls import Question
from lookup.terms import Facets

# A transaction holds up the sequencer for as long as it takes: about a tenth of a second.
BATCH = 500
# Whoever holds it lays out; a number of this room's own.
_ALONE = 0x6C6F6F6B7570
_TABLES = (
    "lookup_position, lookup_row, lookup_term, lookup_word, lookup_sealing, lookup_content, lookup_seen, lookup_use"
)


def keep_up(most: int = 1 << 62) -> int:
    """Lay out the leaves that are not yet, log by log, in order; how many, about `most`. Nothing if somebody else does.

    It may end anywhere: a batch's rows and the position after it are written together or not at all.
    """
    done, next_of = 0, dict(Position.objects.values_list("log", "next"))
    for log in leaves.logs():
        if next_of.get(log.id, 0) == log.size:
            continue
        while done < most and (taken := lay_out(log)):
            done += taken
    return done


@transaction.atomic
def lay_out(log: Log) -> int:
    """Lay out the next batch of a log's leaves and move on; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ALONE])
        if cursor.fetchone() != (True,):
            return 0
    position, _ = Position.objects.get_or_create(log=log.id, defaults={"tenant": log.tenant})
    if position.next >= log.size:
        return 0
    found = leaves.leaves(log.id, position.next, min(position.next + BATCH, log.size))
    if not found:
        return 0
    _write(_laid_out(log.tenant, found))
    position.next = found[-1].index + 1
    position.save(update_fields=["next"])
    return len(found)


def empty() -> None:
    """Forget everything that is laid out; `keep_up` lays it out anew."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ALONE])
        cursor.execute(f"TRUNCATE {_TABLES}")


@dataclass
class _Sheet:
    """Rows of one batch, by table."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    terms: list[tuple[Any, ...]] = field(default_factory=list)
    words: dict[tuple[UUID, bytes, datetime, int], tuple[Any, ...]] = field(default_factory=dict)
    sealing: set[tuple[UUID, UUID]] = field(default_factory=set)
    content: dict[tuple[UUID, bytes], UUID] = field(default_factory=dict)
    seen: dict[UUID, tuple[UUID, datetime, int]] = field(default_factory=dict)
    started: list[UUID] = field(default_factory=list)
    uses: set[tuple[UUID, bytes, UUID, int]] = field(default_factory=set)
    erased: list[UUID] = field(default_factory=list)


def _laid_out(tenant: UUID | None, found: Sequence[Leaf]) -> _Sheet:
    sheet = _Sheet()
    read = [(leaf, terms.facets(orjson.loads(leaf.header))) for leaf in found]
    for _, facets in read:
        sheet.erased += facets.erased
    if tenant is None:
        # Nobody's project: nobody finds it here. What it says of erased people counts all the same.
        return sheet
    for _, facets in read:
        if facets.stores:
            sheet.content.setdefault((tenant, facets.stores[1]), facets.stores[0])
    files = _files(tenant, sheet.content, {each for _, facets in read for each in facets.takes})
    for leaf, facets in read:
        _add(sheet, tenant, leaf, facets, [files[each] for each in facets.takes if each in files])
    _add_words(sheet, tenant, {leaf.id: (leaf, facets) for leaf, facets in read})
    return sheet


def _files(tenant: UUID, stored: Mapping[tuple[UUID, bytes], UUID], wanted: Iterable[bytes]) -> dict[bytes, UUID]:
    """Which files these commitments are to, by what was stored before or in this very batch."""
    asked = set(wanted)
    if not asked:
        return {}
    rows = Content.objects.filter(tenant=tenant, commitment__in=list(asked)).values_list("commitment", "file")
    known = {bytes(commitment): file for commitment, file in rows}
    return {each: stored[tenant, each] for each in asked if (tenant, each) in stored} | known


def _add(sheet: _Sheet, tenant: UUID, leaf: Leaf, facets: Facets, files: Sequence[UUID]) -> None:
    place = (facets.at, leaf.n)
    about = (facets.subject, facets.actor, facets.run, facets.execution)
    sheet.rows.append((leaf.n, tenant, facets.at, facets.event, facets.outcome, *about))
    taken = {terms.file(each) for each in files}
    sheet.terms += [(tenant, term, *place) for term in sorted(facets.terms | taken)]
    if facets.run is None:
        return
    if facets.asks:
        sheet.seen.setdefault(facets.run, (tenant, *place))
        sheet.uses |= {(tenant, each, facets.run, 0) for each in taken}
    if facets.starts:
        sheet.started.append(facets.run)
    sheet.uses |= {(tenant, each.what, facets.run, each.execution) for each in facets.uses}


def _add_words(sheet: _Sheet, tenant: UUID, read: Mapping[UUID, tuple[Leaf, Facets]]) -> None:
    sealed = leaves.fields(read)
    sheet.sealing |= {(tenant, each.key) for each in sealed}
    blinding = {key: words.key_of(data_key) for key, data_key in keys_by_id({each.key for each in sealed}).items()}
    key_by_entry = {each.entry: each.key for each in sealed}
    for entry, texts in leaves.opened(sealed).items():
        key = key_by_entry[entry]
        if key not in blinding:
            continue
        leaf, facets = read[entry]
        about = (key, facets.event, facets.outcome, facets.actor)
        for word in words.words("\n".join(texts.values())):
            sheet.words[tenant, words.blinded(word, blinding[key]), facets.at, leaf.n] = about


def _write(sheet: _Sheet) -> None:
    _copy("lookup_row (n, tenant, at, event, outcome, subject, actor, run, execution)", sheet.rows)
    _copy("lookup_term (tenant, term, at, n)", sheet.terms)
    found = [(*place, *about) for place, about in sheet.words.items()]
    _copy("lookup_word (tenant, word, at, n, key, event, outcome, actor)", found)
    with connection.cursor() as cursor:
        for tenant, keys in _by_first(sheet.sealing).items():
            cursor.execute(_SEALING, [tenant, keys])
        for (tenant, commitment), file in sheet.content.items():
            cursor.execute(_CONTENT, [tenant, commitment, file])
        for run, place in sheet.seen.items():
            cursor.execute(_SEEN, [run, *place])
        if sheet.started:
            cursor.execute("UPDATE lookup_seen SET started = true WHERE run = ANY(%s)", [sheet.started])
        if sheet.uses:
            cursor.execute(_USES, [list(column) for column in zip(*sorted(sheet.uses), strict=True)])
        if sheet.erased:
            # What stands for their words can be made by nobody any more; this frees the space, and says so.
            cursor.execute("DELETE FROM lookup_word WHERE key = ANY(%s)", [sheet.erased])


_SEALING = "INSERT INTO lookup_sealing (tenant, key) SELECT %s, unnest(%s::uuid[]) ON CONFLICT DO NOTHING"
_CONTENT = "INSERT INTO lookup_content (tenant, commitment, file) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
_SEEN = "INSERT INTO lookup_seen (run, tenant, at, n, started) VALUES (%s, %s, %s, %s, false) ON CONFLICT DO NOTHING"
_USES = """
INSERT INTO lookup_use (tenant, what, run, execution)
SELECT * FROM unnest(%s::uuid[], %s::bytea[], %s::uuid[], %s::int[]) ON CONFLICT DO NOTHING
"""


def _by_first(pairs: Iterable[tuple[UUID, UUID]]) -> dict[UUID, list[UUID]]:
    found: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for first, second in sorted(pairs):
        found[first].append(second)
    return found


def _copy(table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


@audit.refusals
@transaction.atomic
def ask_recall(question: Question, *, form: str, by: Caller) -> None:
    """Put on record, in the log of each project that is searched, what is asked for. Raises Refused."""
    require(rules.may_recall(by, question.projects))
    for project in sorted(question.projects):
        audit.append(
            Event.AUDIT_RECALL_ASKED,
            tenant=project,
            actor=by.pseudonym,
            subject=f"project:{project}",
            facts={"form": form, **question.facts},
        )
