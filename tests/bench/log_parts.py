"""Run in the stack's environment: one part of what the log's rows measure, in a process of its own; prints JSON.

python -m tests.bench.log_parts cast
python -m tests.bench.log_parts load TENANT COUNT
python -m tests.bench.log_parts append|raw TENANT BEGIN SECONDS RATE
python -m tests.bench.log_parts prove TENANT TIMES
"""

import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import django
import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connections, transaction  # noqa: E402

import audit  # noqa: E402
from audit import Event, datakeys, sealing, tree  # noqa: E402
from audit.canonical import JSON, canonical  # noqa: E402
from identity import actions  # noqa: E402
from identity.models import Project, User  # noqa: E402
from identity.states import Role  # noqa: E402

PROJECTS = ("busy", "small", "large")
# One in so many of the entries that are loaded has personal content, like those that people cause.
SEALED = 5
_PERSON = hashlib.sha256(b"somebody").hexdigest()
_INSERT = "INSERT INTO audit_entry (id, tenant, event, subject, header) VALUES (%s, %s, %s, %s, %s)"


def cast() -> dict[str, str]:
    """The projects whose logs are measured, with the demo's auditor in each."""
    auditor = User.objects.get(username="auditor")
    found: dict[str, str] = {}
    for name in PROJECTS:
        project = Project.objects.filter(slug=name).first() or actions.create_project(name, name.title(), by=None)
        actions.add_member(project, auditor, Role.AUDITOR, by=None)
        found[name] = str(project.id)
    return found


def _facts() -> dict[str, Any]:
    return {
        "image": f"sha256:{random.randbytes(32).hex()}",
        "wall_milliseconds": 12,
        "cpu_milliseconds": 9,
        "peak_memory_bytes": 161 << 20,
        "truncated": False,
        "ended": "",
    }


def _entry(tenant: UUID, sealed: dict[str, Any]) -> tuple[UUID, str, bytes]:
    """Id, subject and bytes of an entry as the platform writes them."""
    entry_id, subject = uuid4(), f"run:{uuid4()}/execution:1"
    told: dict[str, JSON] = {
        "actor": _PERSON,
        "commitments": {"outputs": random.randbytes(32).hex()},
        "event": Event.RUNS_EXECUTION_FINISHED.value,
        "facts": _facts(),
        "id": str(entry_id),
        "outcome": "succeeded",
        "recorded_at": "2026-11-30T12:00:00.000000Z",
        "sealed": sealed,
        "subject": subject,
        "tenant": str(tenant),
        "version": 1,
    }
    return entry_id, subject, canonical(told)


def load(tenant: str, count: str) -> dict[str, float]:
    """Put entries into the log's table as its owner, with sealed payloads beside some of them; the seconds taken."""
    project, began = UUID(tenant), time.perf_counter()
    key_id, key = datakeys.key_of(_PERSON)
    chosen = connections["owner"].settings_dict
    conninfo = {"host": chosen["HOST"], "port": chosen["PORT"], "dbname": chosen["NAME"]}
    payloads: list[tuple[UUID, str, UUID, bytes]] = []
    with psycopg.connect(**conninfo, user=chosen["USER"], password=chosen["PASSWORD"]) as owner:
        with owner.cursor().copy(
            "COPY audit_entry (id, tenant, event, subject, header) FROM STDIN (FORMAT binary)"
        ) as copy:
            copy.set_types(["uuid", "uuid", "text", "text", "bytea"])
            for number in range(int(count)):
                if number % SEALED:
                    entry_id, subject, header = _entry(project, {})
                else:
                    entry_id, subject, header = _sealed_entry(project, key_id, key, payloads)
                copy.write_row((entry_id, project, Event.RUNS_EXECUTION_FINISHED.value, subject, header))
        with owner.cursor().copy("COPY audit_payload (entry, field, key, sealed) FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["uuid", "text", "uuid", "bytea"])
            for row in payloads:
                copy.write_row(row)
    return {"seconds": time.perf_counter() - began}


def _sealed_entry(
    project: UUID, key_id: UUID, key: bytes, payloads: list[tuple[UUID, str, UUID, bytes]]
) -> tuple[UUID, str, bytes]:
    entry_id, subject, header = _entry(project, {})
    sealed, commitment = sealing.seal(b"why somebody asked for this", entry=entry_id, field="purpose", data_key=key)
    told = json.loads(header)
    digest = hashlib.sha256(sealed).hexdigest()
    told["sealed"] = {"purpose": {"commitment": commitment, "digest": digest, "key": str(key_id)}}
    payloads.append((entry_id, "purpose", key_id, sealed))
    return entry_id, subject, canonical(told)


def append(tenant: str, begin: str, seconds: str, rate: str) -> list[tuple[str, float]]:
    """Append through Django, each entry in a transaction of its own; the id and the time of each commit."""

    def one() -> str:
        with transaction.atomic():
            entry = audit.append(
                Event.RUNS_EXECUTION_FINISHED,
                tenant=UUID(tenant),
                actor=_PERSON,
                subject=f"run:{uuid4()}/execution:1",
                outcome="succeeded",
                facts=_facts(),
                commitments={"outputs": random.randbytes(32).hex()},
            )
        return str(entry)

    return list(_paced(one, float(begin), float(seconds), float(rate)))


def raw(tenant: str, begin: str, seconds: str, rate: str) -> list[tuple[str, float]]:
    """The same rows, each in a transaction of its own, by psycopg alone."""
    chosen, project = connections["default"].settings_dict, UUID(tenant)
    conninfo = {"host": chosen["HOST"], "port": chosen["PORT"], "dbname": chosen["NAME"]}
    with psycopg.connect(**conninfo, user=chosen["USER"], password=chosen["PASSWORD"], autocommit=True) as app:

        def one() -> str:
            entry, subject, header = _entry(project, {})
            app.execute(_INSERT, [entry, project, Event.RUNS_EXECUTION_FINISHED.value, subject, header])
            return str(entry)

        return list(_paced(one, float(begin), float(seconds), float(rate)))


def _paced(work: Callable[[], str], begin: float, seconds: float, rate: float) -> Iterator[tuple[str, float]]:
    """Do it from that time on, `rate` times a second (0: as often as it goes)."""
    time.sleep(max(0.0, begin - time.time()))
    due = begin
    while (now := time.time()) < begin + seconds:
        if rate and now < due:
            time.sleep(due - now)
        due += 1 / rate if rate else 0
        yield work(), time.time()


def prove(tenant: str, times: str) -> dict[str, Any]:
    """Milliseconds of making a proof of any one entry, and of reading that entry alone; the ids that were proved."""
    head = tree.head_of(UUID(tenant))
    assert head is not None
    proofs, reads, chosen = [], [], []
    for index in (random.randrange(head.size) for _ in range(int(times))):
        with connections["reader"].cursor() as cursor:
            cursor.execute("SELECT entry FROM audit_leaf WHERE log = %s AND index = %s", [head.log, index])
            ((entry,),) = cursor.fetchall()
        reads.append(_timed(partial(tree.entry_of, entry)))
        proofs.append(_timed(partial(_proof, entry)))
        chosen.append(str(entry))
    return {"proofs": proofs[20:], "reads": reads[20:], "entries": chosen}


def _proof(entry: UUID) -> bytes | None:
    leaf = tree.leaf_of(entry)
    return None if leaf is None else tree.proof_of(leaf)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    assert work() is not None
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    parts: dict[str, Callable[..., Any]] = {"cast": cast, "load": load, "append": append, "raw": raw, "prove": prove}
    json.dump(parts[sys.argv[1]](*sys.argv[2:]), sys.stdout)
