"""`python -m tests.bench.lookup`: search over a large log, each condition alone and beside others, through the door.

    --entries N    how many entries the log has (1,000,000)
    --folder F     keep the database there and go on with it next time; loading stops after --within seconds

Entries are written by COPY as the database's owner could; the projection is filled by the product's own code, but for
the indexes of its rows, which are made at the end. The speeds that are told are of that.
"""

import argparse
import hashlib
import os
import random
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

PEOPLE, PACKAGES, VERSIONS, FILES = 200, 40, 12, 500
WORDS = ("claims", "fraud", "quarterly", "report", "churn", "model", "pricing", "cohort", "weekly", "review")
IMAGES = [f"sha256:{hashlib.sha256(b'image %d' % number).hexdigest()}" for number in range(5)]
REVISIONS = [f"sha256:{hashlib.sha256(b'revision %d' % number).hexdigest()}" for number in range(20)]
START = datetime(2025, 1, 1, tzinfo=UTC)
P95 = 100.0
CHUNK = 60_000


def main() -> None:
    """Load, lay out, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--within", type=float, default=1e9)
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
        _measure(state, options.entries, time.monotonic() + options.within)
    finally:
        stack.close()
        if options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


def _measure(state: State, entries: int, until: float) -> None:
    from tools.launch import postgres

    postgres.create_roles(state)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    from lookup import actions
    from tests.people import make_person, make_project

    project = _known_project() or make_project().pk
    loader = Loader(state, project)
    indexes = _without_indexes(state)
    while loader.count < entries and time.monotonic() < until:
        begun = time.monotonic()
        loader.load(min(CHUNK, entries - loader.count))
        written = time.monotonic()
        done = actions.keep_up()
        print(
            f"{loader.count} entries: {done / (written - begun):,.0f}/s written, "
            f"{done / max(time.monotonic() - written, 1e-9):,.0f}/s laid out",
            flush=True,
        )
    if loader.count < entries:
        return
    with postgres.connect(state, "bailiwick") as connection:
        for index in indexes:
            connection.execute(index)
        connection.execute("VACUUM ANALYZE")
        _sizes(connection, loader.count)
    from identity.models import Project
    from identity.states import Role

    person = make_person((Project.objects.get(pk=project), Role.AUDITOR))
    report(person, loader)


def _without_indexes(state: State) -> list[str]:
    """Take away what loading does not need; the statements that bring it back."""
    from django.apps import apps
    from django.db import connections

    from tools.launch import postgres

    row = apps.get_model("lookup", "Row")
    with (
        postgres.connect(state, "bailiwick") as connection,
        connections["owner"].schema_editor(collect_sql=True) as made,
    ):
        for index in row._meta.indexes:
            connection.execute(f"DROP INDEX IF EXISTS {index.name}")
        connection.execute("ALTER TABLE audit_entry DROP CONSTRAINT IF EXISTS audit_entry_columns_match")
        connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        connection.execute("ALTER SYSTEM SET max_wal_size = '8GB'")
        connection.execute("SELECT pg_reload_conf()")
        return [str(index.create_sql(row, made)) for index in row._meta.indexes]


def _known_project() -> uuid.UUID | None:
    from identity.models import Project

    return Project.objects.values_list("pk", flat=True).first()


def _sizes(connection: Any, count: int) -> None:
    rows = connection.execute(
        "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r'"
        " AND (relname LIKE 'lookup%' OR relname LIKE 'audit%') ORDER BY 2 DESC LIMIT 8"
    ).fetchall()
    print("bytes an entry, indexes included: " + ", ".join(f"{name} {size / count:,.0f}" for name, size in rows))


class Loader:
    """Entries of runs as the rooms would write them, integrated at once."""

    def __init__(self, state: State, project: uuid.UUID) -> None:
        from audit import datakeys
        from tools.launch import postgres

        self.project = project
        self.chance = random.Random(7)
        self.people = [hashlib.sha256(b"person %d" % number).hexdigest() for number in range(PEOPLE)]
        self.keys = {person: datakeys.key_of(person) for person in self.people}
        self.files = [hashlib.sha256(b"file %d" % number).hexdigest() for number in range(FILES)]
        self.last_run = ""
        self._connection = postgres.connect(state, "bailiwick")
        row = self._connection.execute("SELECT id, size FROM audit_log WHERE tenant = %s", [project]).fetchone()
        if row is None:
            row = self._connection.execute(
                "INSERT INTO audit_log (origin, kind, tenant) VALUES (%s, 'project', %s) RETURNING id, size",
                [f"bench/project/{project}", project],
            ).fetchone()
        self.log, self.count = row

    def load(self, most: int) -> None:
        """Write about so many more, and their leaves."""
        entries: list[tuple[Any, ...]] = []
        sealed: list[tuple[Any, ...]] = []
        if not self.count:
            for number, commitment in enumerate(self.files):
                facts, subject = {"size": number}, f"file:{uuid.UUID(int=number)}"
                entries.append(self._entry("runs:file:stored", subject, facts, commitments={"content": commitment}))
        while len(entries) < most:
            entries += self._run(sealed, self.count + len(entries))
        with self._connection.transaction(), self._connection.cursor() as cursor:
            with cursor.copy("COPY audit_entry (id, tenant, event, subject, header) FROM STDIN") as copy:
                for row in entries:
                    copy.write_row(row)
            with cursor.copy("COPY audit_payload (entry, field, key, sealed) FROM STDIN") as copy:
                for row in sealed:
                    copy.write_row(row)
            with cursor.copy("COPY audit_leaf (log, index, entry) FROM STDIN") as copy:
                for index, row in enumerate(entries, self.count):
                    copy.write_row((self.log, index, row[0]))
            self.count += len(entries)
            cursor.execute("UPDATE audit_log SET size = %s WHERE id = %s", [self.count, self.log])

    def _entry(self, event: str, subject: str, facts: dict[str, Any], **more: Any) -> tuple[Any, ...]:
        import orjson

        entry = more.pop("id", None) or uuid.uuid4()
        told = {"actor": None, "outcome": "ok", "commitments": {}, "sealed": {}, "version": 1} | more
        at = START + timedelta(seconds=30 * (self.count + len(facts)), microseconds=self.chance.randrange(10**6))
        told |= {"id": str(entry), "event": event, "subject": subject, "facts": facts, "tenant": str(self.project)}
        told.setdefault("recorded_at", at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        return entry, self.project, event, subject, orjson.dumps(told, option=orjson.OPT_SORT_KEYS)

    def _run(self, sealed: list[tuple[Any, ...]], number: int) -> Iterator[tuple[Any, ...]]:
        from audit.sealing import seal

        chance, run = self.chance, uuid.uuid4()
        self.last_run = str(run)
        person = chance.choice(self.people[: 1 + chance.randrange(PEOPLE)])
        image, revision = chance.choice(IMAGES), REVISIONS[min(number // 50_000, len(REVISIONS) - 1)]
        denied = chance.random() < 0.05
        request = uuid.uuid4()
        key, data_key = self.keys[person]
        text = " ".join(chance.sample(WORDS, 3)) + f" case{number}"
        content, commitment = seal(text.encode(), entry=request, field="purpose", data_key=data_key)
        sealed.append((request, "purpose", key, content))
        pins = [f"package-{n}=={chance.randrange(VERSIONS)}.0" for n in chance.sample(range(PACKAGES), 3)]
        subject, cell = f"run:{run}", f"run:{run}/execution:1"
        begun = START + timedelta(seconds=30 * number)

        def entry(step: int, event: str, about: str, facts: dict[str, Any], **more: Any) -> tuple[Any, ...]:
            at = begun + timedelta(seconds=step, microseconds=chance.randrange(10**6))
            return self._entry(event, about, facts, recorded_at=at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), **more)

        def decided(step: int, point: str) -> tuple[Any, ...]:
            facts = {"decision": str(uuid.uuid4()), "point": point, "reasons": [], "revision": revision}
            facts |= {"data_digest": REVISIONS[0][7:]}
            outcome = "deny" if denied else "allow"
            commitments = {"input": f"{chance.getrandbits(256):064x}"}
            return entry(
                step, "policy:decision:recorded", subject, facts, actor=person, outcome=outcome, commitments=commitments
            )

        yield decided(0, "run")
        yield entry(
            1,
            "runs:run:denied" if denied else "runs:run:requested",
            subject,
            {"image": image, "revision": revision, "packages": pins, "caller": "person", "environment": "python"},
            id=request,
            actor=person,
            outcome="deny" if denied else "allow",
            commitments={"file:0": chance.choice(self.files)},
            sealed={"purpose": {"commitment": commitment, "digest": "0" * 64, "key": str(key)}},
        )
        if denied:
            return
        code = f"{chance.getrandbits(256):064x}"
        yield entry(2, "runs:run:started", subject, {"image": image, "warm": True})
        yield entry(
            3, "runs:execution:requested", cell, {"revision": revision}, actor=person, commitments={"code": code}
        )
        yield entry(4, "runs:execution:started", cell, {"revision": revision}, commitments={"code": code})
        ended = chance.choice(["succeeded"] * 8 + ["failed", "timed_out"])
        yield entry(5, "runs:execution:finished", cell, {"image": image, "wall_milliseconds": 7}, outcome=ended)
        yield decided(6, "release")
        yield entry(
            7,
            "runs:content:released",
            subject,
            {"what": "outputs", "audience": "console"},
            actor=person,
            outcome="allow",
        )
        yield entry(8, "runs:run:closed", subject, {}, outcome="closed")


def report(person: Any, loader: Loader) -> None:
    """Print p50 and p95 of each question's first and third page, through the door."""
    print("\n| question | p50 ms | p95 ms | n | rows |\n|---|---|---|---|---|")
    client = person.client()
    # What is imported and planned at the first question is no part of the next.
    asked(client, {"outcome": "ok"})
    worst: list[tuple[float, str]] = []
    for query in questions(loader):
        samples, rows = asked(client, query)
        p50, p95 = samples[len(samples) // 2], samples[min(len(samples) - 1, round(len(samples) * 0.95))]
        said = " ".join(f"{name}={value[:24]}" for name, value in query.items())
        worst.append((p95, said))
        print(f"| {said} | {p50:.1f} | {p95:.1f}{' !' if p95 > P95 else ''} | {len(samples)} | {rows} |", flush=True)
    print(f"\nthe worst: {max(worst)}")


def asked(client: Any, query: dict[str, str], times: int = 20) -> tuple[Sequence[float], int]:
    """Milliseconds of requests for pages of a question, sorted; and how many rows the first has."""
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


def questions(loader: Loader) -> Iterator[dict[str, str]]:
    """Each condition alone, in pairs, and those whose conditions are common and never together."""
    image, person, few = IMAGES[2], loader.people[3], loader.people[-1]
    middle = (START + timedelta(seconds=15 * loader.count)).isoformat().replace("+00:00", "Z")
    later = (START + timedelta(seconds=15 * loader.count + 3600)).isoformat().replace("+00:00", "Z")
    alone = {
        "event": "runs:run:requested",
        "actor": person,
        "outcome": "allow",
        "since": middle,
        "until": middle,
        "digest": image,
        "package": "package-7",
        "dataset": str(uuid.UUID(int=7)),
        "text": "fraud",
    }
    for name, value in alone.items():
        yield {name: value}
    if loader.last_run:
        yield {"run": loader.last_run}
    yield {"actor": few}
    yield {"outcome": "timed_out"}
    yield {"digest": image[7:19]}
    yield {"package": "package-7==3.0"}
    yield {"text": "fraud claims churn"}
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
    yield {"digest": REVISIONS[0], "event": "runs:run:closed"}
    yield {"digest": REVISIONS[0][7:], "event": "runs:run:started"}
    yield {"package": "package-7", "event": "runs:run:started"}
    yield {"text": "fraud", "event": "runs:run:started"}
    yield {"package": "package-7", "digest": f"sha256:{9:064x}"}
    yield {"since": later, "outcome": "timed_out", "actor": person}
    yield {"package": "package-7", "dataset": str(uuid.UUID(int=7)), "actor": person, "text": "fraud"}


if __name__ == "__main__":
    main()
