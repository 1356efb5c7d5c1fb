"""`python -m tests.bench.lookup`: search over a large log, each condition alone and beside others, through the door.

    --entries N    how many entries the log has (1,000,000)
    --folder F     keep the database there, and take what is there

The entries and what is laid out of them are made inside the database, as `lookup.actions` would lay them out (a sample
is laid out by it and compared): a million through Python takes longer than anybody waits.
"""

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tools.launch.state import State

# A run in so many entries, one each 30 seconds.
STEPS = 10
PEOPLE, PACKAGES, VERSIONS, IMAGES, FILES = 200, 40, 12, 5, 500
WORDS = ("claims", "fraud", "quarterly", "report", "churn", "model", "pricing", "cohort", "weekly", "review")
START = datetime(2020, 1, 1, tzinfo=UTC)
P95 = 100.0
SAMPLE = 1000


def main() -> None:
    """Load, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    folder: Path = options.folder or Path(tempfile.mkdtemp(prefix="bailiwick-bench-"))
    state = State.prepare(folder / "var")
    state.choose_ports({})
    os.environ.update({k: v for k, v in state.environment(owner=True).items() if k.startswith("BAILIWICK_")})
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "BAILIWICK_LOG_LEVEL": "ERROR"}
    sys.path.insert(0, "platform")
    from tests.stack import Stack

    stack = Stack(state)
    try:
        stack.start("postgres")
        _measure(state, options.entries)
    finally:
        stack.close()
        if options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


def _measure(state: State, entries: int) -> None:
    from tools.launch import postgres

    postgres.create_roles(state)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    from identity.models import Project
    from identity.states import Role
    from tests.people import make_person, make_project

    project = Project.objects.first() or make_project()
    with postgres.connect(state, "bailiwick") as connection:
        _load(connection, project.pk, entries)
        _compare(connection, project.pk)
        _sizes(connection, entries)
    person = make_person((project, Role.AUDITOR))
    report(person, entries)


def people() -> list[str]:
    """The pseudonyms of everybody, from those who do much to those who do little."""
    return [digest(f"person {number}") for number in range(PEOPLE)]


def digest(name: str) -> str:
    """A digest that is the same each time, here and in the database."""
    return hashlib.sha256(name.encode()).hexdigest()


# One row for each entry: its number, its run's, its step in the run; what of it is drawn by number.
_ENTRIES = """
CREATE UNLOGGED TABLE made AS
SELECT i, i / {steps} AS r, mod(i, {steps}) AS step,
    ('00000000-0000-4000-8000-' || lpad(to_hex(i), 12, '0'))::uuid AS id,
    ('00000000-0000-4000-9000-' || lpad(to_hex(i / {steps}), 12, '0'))::uuid AS run,
    timestamptz '2020-01-01 00:00:00+00' + i * interval '30 seconds' AS at,
    'person ' || (mod(i / {steps} * 7919, {people}) * mod(i / {steps} * 104729, {people}) / {people}) AS person,
    'image ' || mod(i / {steps} * 31, {images}) AS image,
    'revision ' || (i / 50000) AS revision,
    'file ' || mod(i / {steps} * 7907, {files}) AS file,
    mod(i / {steps} * 17, {packages}) AS p1, mod(i / {steps} * 17 + 1, {packages}) AS p2,
    mod(i / {steps} * 13, {versions}) AS v, mod(i / {steps}, 20) = 0 AS denied
FROM generate_series(0, %s::bigint - 1) i
"""
_EVENTS = """
CREATE UNLOGGED TABLE told AS
SELECT m.*, e.event, e.by,
    CASE WHEN e.outcome = 'decided' THEN CASE WHEN m.denied THEN 'deny' ELSE 'allow' END
         WHEN e.outcome = 'ended'
            THEN CASE WHEN m.r % 10 = 3 THEN 'failed' WHEN m.r % 97 = 1 THEN 'timed_out' ELSE 'succeeded' END
         ELSE e.outcome END AS outcome,
    'run:' || m.run || CASE WHEN e.cell THEN '/execution:1' ELSE '' END AS subject, e.cell
FROM made m JOIN (VALUES
    (0, 'policy:decision:recorded', 'decided', true, false), (1, 'runs:run:requested', 'decided', true, false),
    (2, 'runs:run:starting', 'ok', false, false), (3, 'runs:run:started', 'ok', false, false),
    (4, 'runs:execution:requested', 'ok', true, true), (5, 'runs:execution:started', 'ok', false, true),
    (6, 'runs:execution:finished', 'ended', false, true), (7, 'policy:decision:recorded', 'decided', true, false),
    (8, 'runs:content:released', 'allow', true, false), (9, 'runs:run:closed', 'closed', false, false)
) e (step, event, outcome, by, cell) USING (step)
"""
_SHA = "encode(sha256({}::bytea), 'hex')"
_HEADERS = f"""
INSERT INTO audit_entry (id, tenant, event, subject, header)
SELECT id, %s, event, subject, convert_to(json_build_object(
    'actor', CASE WHEN by THEN {_SHA.format("person")} END,
    'commitments', CASE WHEN step = 1 THEN json_build_object('file:0', {_SHA.format("file")})
        WHEN step IN (4, 5) THEN json_build_object('code', {_SHA.format("('code ' || r)")}) ELSE '{{}}'::json END,
    'event', event,
    'facts', CASE WHEN step IN (0, 7, 5) THEN json_build_object('revision', 'sha256:' || {_SHA.format("revision")})
        WHEN step = 1 THEN json_build_object('image', 'sha256:' || {_SHA.format("image")},
            'packages', json_build_array('package-' || p1 || '==' || v || '.5', 'package-' || p2 || '==' || v || '.5'),
            'revision', 'sha256:' || {_SHA.format("revision")})
        WHEN step = 3 THEN json_build_object('image', 'sha256:' || {_SHA.format("image")})
        WHEN step = 8 THEN json_build_object('what', 'outputs', 'audience', 'console') ELSE '{{}}'::json END,
    'id', id, 'outcome', outcome, 'recorded_at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'sealed', '{{}}'::json, 'subject', subject, 'tenant', %s::text, 'version', 1)::text, 'UTF8')
FROM told ORDER BY i
"""
_TERM = """
INSERT INTO lookup_term (tenant, term, at, n)
SELECT %s, {}, t.at, e.n FROM told t JOIN audit_entry e USING (id) WHERE {}
"""
_TERMS = (
    ("'\\x64'::bytea || sha256(revision::bytea)", "step IN (0, 1, 5, 7)"),
    ("'\\x64'::bytea || sha256(image::bytea)", "step IN (1, 3)"),
    ("'\\x64'::bytea || sha256(file::bytea)", "step = 1"),
    ("'\\x64'::bytea || sha256(('code ' || r)::bytea)", "step IN (4, 5)"),
    ("('ppackage-' || p1)::bytea", "step = 1"),
    ("('ppackage-' || p2)::bytea", "step = 1"),
    ("('ppackage-' || p1 || '==' || v || '.5')::bytea", "step = 1"),
    ("('ppackage-' || p2 || '==' || v || '.5')::bytea", "step = 1"),
    ("'\\x66'::bytea || uuid_send(md5(file)::uuid)", "step = 1"),
)
_ROWS = """
INSERT INTO lookup_row (n, tenant, at, event, outcome, subject, actor, run, execution)
SELECT e.n, %s, t.at, t.event, t.outcome, t.subject, CASE WHEN t.by THEN sha256(t.person::bytea) END, t.run,
    CASE WHEN t.cell THEN 1 END
FROM told t JOIN audit_entry e USING (id)
"""
_LEAVES = "INSERT INTO audit_leaf (log, index, entry) SELECT %s, i, id FROM told"


def _load(connection: Any, project: uuid.UUID, entries: int) -> None:
    if connection.execute("SELECT count(*) FROM lookup_row").fetchone()[0] >= entries:
        return
    begun = time.monotonic()
    statements = _without_indexes(connection)
    sizes = {
        "steps": STEPS,
        "people": PEOPLE,
        "images": IMAGES,
        "files": FILES,
        "packages": PACKAGES,
        "versions": VERSIONS,
    }
    connection.execute("SET work_mem = '512MB'")
    connection.execute("SET synchronous_commit = off")
    # Foreign keys hold by the way it is made.
    connection.execute("SET session_replication_role = replica")
    connection.execute(_ENTRIES.format(**sizes), [entries])
    connection.execute(_EVENTS)
    # The project's own beginning is in the log already: it is no part of what is measured.
    connection.execute(_HEADERS, [project, project])
    origin = f"bench/project/{project}"
    (log,) = connection.execute(
        "INSERT INTO audit_log (origin, kind, tenant, size) VALUES (%s, 'project', %s, %s) RETURNING id",
        [origin, project, entries],
    ).fetchone()
    connection.execute(_LEAVES, [log])
    connection.execute(_ROWS, [project])
    for term, where in _TERMS:
        connection.execute(_TERM.format(term, where), [project])
    _load_words(connection, project)
    connection.execute("INSERT INTO lookup_position (log, tenant, next) VALUES (%s, %s, %s)", [log, project, entries])
    for statement in statements:
        connection.execute(statement)
    connection.execute("VACUUM ANALYZE")
    print(f"{entries:,} entries made in {time.monotonic() - begun:.0f} s", flush=True)


def _load_words(connection: Any, project: uuid.UUID) -> None:
    """Three words for each request, under the key of the person who asked."""
    from audit import datakeys
    from lookup import words

    many = len(WORDS)
    connection.execute("CREATE UNLOGGED TABLE blind (person text, number int, word bytea, key uuid)")
    with connection.cursor() as cursor, cursor.copy("COPY blind FROM STDIN") as copy:
        for person in range(PEOPLE):
            key, data_key = datakeys.key_of(digest(f"person {person}"))
            blinding = words.key_of(data_key)
            for number, word in enumerate(WORDS):
                copy.write_row((f"person {person}", number, words.blinded(word, blinding), key))
    connection.execute("ANALYZE blind")
    connection.execute(
        "INSERT INTO lookup_word (tenant, word, at, n, key, event, outcome, actor)"
        " SELECT %s, b.word, t.at, e.n, b.key, t.event, t.outcome, sha256(t.person::bytea) FROM told t"
        " JOIN audit_entry e USING (id) JOIN blind b ON b.person = t.person"
        f" AND b.number IN (mod(t.r, {many}), mod(t.r + 1, {many}), mod(t.r + 4, {many})) WHERE t.step = 1",
        [project],
    )
    connection.execute("INSERT INTO lookup_sealing (tenant, key) SELECT DISTINCT %s::uuid, key FROM blind", [project])


def _without_indexes(connection: Any) -> list[str]:
    """Take away what only slows loading; the statements that bring it back."""
    found = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'lookup_row' AND indexname <> 'lookup_row_pkey'"
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    connection.execute("ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_columns_match")
    return [statement for _, statement in found]


def _compare(connection: Any, project: uuid.UUID) -> None:
    """Lay a sample out by the product's own code: its rows and terms must be those that were made."""
    from audit import leaves
    from lookup import actions

    log = next(each for each in leaves.logs() if each.tenant == project)
    sheet = actions._laid_out(project, leaves.leaves(log.id, 0, SAMPLE))
    last = sheet.rows[-1][0]
    first = sheet.rows[0][0]
    for table, made, columns in (("row", sheet.rows, "n, tenant, at, event, outcome, subject, actor, run, execution"),):
        rows = connection.execute(
            f"SELECT {columns} FROM lookup_{table} WHERE n BETWEEN %s AND %s ORDER BY n", [first, last]
        ).fetchall()
        assert rows == made, (rows[0], made[0])
    terms = connection.execute("SELECT term, n FROM lookup_term WHERE n BETWEEN %s AND %s", [first, last]).fetchall()
    # Which file a content is, only the file's own entry says, which is not made here.
    found = {(bytes(term), n) for term, n in terms if bytes(term)[:1] != b"f"}
    assert found == {(term, n) for _, term, _, n in sheet.terms}


def _sizes(connection: Any, count: int) -> None:
    rows = connection.execute(
        "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r'"
        " AND (relname LIKE 'lookup%' OR relname LIKE 'audit%') ORDER BY 2 DESC LIMIT 8"
    ).fetchall()
    print("bytes an entry, indexes included: " + ", ".join(f"{name} {size / count:,.0f}" for name, size in rows))


def report(person: Any, entries: int) -> None:
    """Print p50 and p95 of each question's pages, from the first on, through the door."""
    print("\n| question | p50 ms | p95 ms | n | rows |\n|---|---|---|---|---|")
    client = person.client()
    # What is imported and planned at the first question is no part of the next.
    asked(client, {"outcome": "ok"})
    every: list[float] = []
    for query in questions(entries):
        samples, rows = asked(client, query)
        every += samples
        said = " ".join(f"{name}={value[:24]}" for name, value in query.items())
        mark = " !" if p95(samples) > P95 else ""
        print(
            f"| {said} | {samples[len(samples) // 2]:.1f} | {p95(samples):.1f}{mark} | {len(samples)} | {rows} |",
            flush=True,
        )
    print(f"| all of them | {sorted(every)[len(every) // 2]:.1f} | {p95(sorted(every)):.1f} | {len(every)} | |")


def p95(samples: Sequence[float]) -> float:
    """Of sorted samples, the nearest-rank 95th percentile."""
    return samples[min(len(samples) - 1, -(-len(samples) * 95 // 100) - 1)]


def asked(client: Any, query: dict[str, str], times: int = 20) -> tuple[Sequence[float], int]:
    """Milliseconds of requests for the pages of a question, sorted; and how many rows the first has."""
    samples, rows, cursor = [], None, None
    for _ in range(times):
        begun = time.perf_counter()
        answer = client.get("/api/v1/audit/entries", query | ({"cursor": cursor} if cursor else {}))
        samples.append((time.perf_counter() - begun) * 1000)
        page = answer.json()
        assert answer.status_code == 200, page
        rows = len(page["results"]) if rows is None else rows
        cursor = page["next"]
    return sorted(samples), rows or 0


def questions(entries: int) -> Iterator[dict[str, str]]:
    """Each condition alone, in pairs, and those whose conditions are common and never together."""
    image, revision, person = digest("image 2"), digest("revision 0"), digest("person 3")
    file = str(uuid.UUID(hashlib.md5(b"file 7", usedforsecurity=False).hexdigest()))
    middle = (START + timedelta(seconds=15 * entries)).isoformat().replace("+00:00", "Z")
    later = (START + timedelta(seconds=15 * entries + 36_000)).isoformat().replace("+00:00", "Z")
    alone = {
        "event": "runs:run:requested",
        "actor": person,
        "outcome": "allow",
        "since": middle,
        "until": middle,
        "digest": image,
        "package": "package-7",
        "dataset": file,
        "text": "fraud",
        "run": f"00000000-0000-4000-9000-{entries // STEPS // 2:012x}",
    }
    for name, value in alone.items():
        yield {name: value}
    yield {"actor": digest("person 170")}
    yield {"outcome": "timed_out"}
    yield {"digest": image[:12]}
    yield {"package": "package-7==3.5"}
    yield {"text": "fraud claims"}
    yield {"text": "absent"}
    yield {"since": middle, "until": later}
    names = list(alone)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            yield {one: alone[one], other: alone[other]}
    # Common each, never together.
    yield {"event": "runs:run:requested", "outcome": "succeeded"}
    yield {"event": "runs:run:closed", "actor": person}
    yield {"digest": image, "outcome": "closed"}
    yield {"digest": revision, "event": "runs:run:closed"}
    yield {"package": "package-7", "event": "runs:run:started"}
    yield {"text": "fraud", "event": "runs:run:started"}
    yield {"text": "fraud", "package": "package-7", "outcome": "failed"}
    yield {"package": "package-7", "digest": digest("nothing")}
    yield {"since": later, "outcome": "timed_out", "actor": person}
    yield {"package": "package-7", "dataset": file, "actor": person, "text": "fraud"}


if __name__ == "__main__":
    main()
