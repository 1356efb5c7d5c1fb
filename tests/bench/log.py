"""The log's rows: appending, signing, proving, exporting and verifying, at a hundred thousand and a million entries."""

import json
import os
import subprocess
import sys
import threading
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg

from audit import verifier
from tests.bench.figures import Row, repeated, timed
from tests.stack import Stack, eventually
from tests.work import Work, ok
from tools.launch.state import ROOT

WRITERS = 4
SECONDS = 10
RATE = 200
PROOFS = 1_020
MIB = 1 << 20
# Long enough for Django to be set up in every writer.
_AHEAD = 6.0
_SIZES = """
SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c
WHERE c.relname IN ('audit_entry', 'audit_payload', 'audit_leaf', 'audit_tile')
"""


class Log:
    """The rows about the log; what several of them need is made once. `entries` is how many the large log has, a tenth
    of it the small one."""

    def __init__(self, stack: Stack, entries: int, folder: Path) -> None:
        self.stack, self.entries, self.folder = stack, entries, folder
        self._full: set[str] = set()

    @cached_property
    def projects(self) -> dict[str, str]:
        return dict(_part(self.stack, "cast"))

    def append(self) -> Iterator[Row]:
        """Appending, and how soon it is signed."""
        yield _appends(self.stack, self.projects["busy"])
        yield _signing(self.stack, self.projects["busy"])

    def proof(self) -> Iterator[Row]:
        """A backlog of the large log's size, what an entry takes of the database, and proofs of any."""
        before = _reader(self.stack, _SIZES)[0][0]
        yield from self._filled("large", self.entries)
        size = (_reader(self.stack, _SIZES)[0][0] - before) / self.entries
        yield Row("a log's entry in the database, all told", "–", [size], [], f"{self.entries:,} entries", "bytes")
        yield from _proofs(self.stack, self.projects["large"], self.entries)

    def export(self) -> Iterator[Row]:
        """Bundles of both logs, and the larger one verified."""
        counts = {"small": self.entries // 10, "large": self.entries}
        for name, count in counts.items():
            yield from self._filled(name, count)
        yield from _bundles(self.stack, self.projects, counts, self.folder)

    def _filled(self, name: str, count: int) -> list[Row]:
        """The row of its filling, where it was not full already."""
        if name in self._full:
            return []
        self._full.add(name)
        return [_loaded(self.stack, self.projects[name], count)]


def _environment(stack: Stack) -> dict[str, str]:
    return {**os.environ, **stack.state.environment(owner=True)}


def _start(stack: Stack, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.bench.log_parts", *words]
    return subprocess.Popen(command, env=_environment(stack), cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _taken(process: "subprocess.Popen[str]") -> Any:
    printed, _ = process.communicate(timeout=600)
    assert process.returncode == 0
    return json.loads(printed)


def _part(stack: Stack, *words: str) -> Any:
    return _taken(_start(stack, *words))


def _connection(stack: Stack) -> "psycopg.Connection[Any]":
    state = stack.state.environment()
    return psycopg.connect(
        host=state["BAILIWICK_DATABASE_HOST"],
        port=state["BAILIWICK_DATABASE_PORT"],
        dbname=state.get("BAILIWICK_DATABASE_NAME", "bailiwick"),
        user="bailiwick_reader",
        password=state["BAILIWICK_DATABASE_READER_PASSWORD"],
        autocommit=True,
    )


def _reader(stack: Stack, query: str, *values: object) -> list[tuple[Any, ...]]:
    with _connection(stack) as reader:
        return reader.execute(query.encode(), values).fetchall()


def _written(stack: Stack, what: str, tenant: str, writers: int, rate: float) -> list[tuple[str, float]]:
    """What several writers committed side by side, and when."""
    begin = time.time() + _AHEAD
    asked = (what, tenant, str(begin), str(SECONDS), str(rate / writers))
    processes = [_start(stack, *asked) for _ in range(writers)]
    return sorted(((entry, at) for each in processes for entry, at in _taken(each)), key=lambda found: found[1])


def _each_second(written: list[tuple[str, float]]) -> list[float]:
    first = written[0][1]
    counted = Counter(int(at - first) for _, at in written)
    return [float(counted[second]) for second in range(SECONDS)]


def _appends(stack: Stack, tenant: str) -> Row:
    """As many as four writers can, while the sequencer integrates and signs; beside the same rows by psycopg."""
    through = _each_second(_written(stack, "append", tenant, WRITERS, 0))
    alone = _each_second(_written(stack, "raw", tenant, WRITERS, 0))
    what = f"appends through Django, {WRITERS} writers, a transaction each"
    return Row(what, "≥ 1,000 /s", through, alone, "the same rows by psycopg", "/s")


def _signing(stack: Stack, tenant: str) -> Row:
    """From an entry's commit to the moment at which a reader of the database sees a signed checkpoint that has it."""
    eventually(lambda: _signed_size(stack, tenant) == _written_size(stack, tenant), within=120, every=0.5)
    seen: list[tuple[int, float]] = []
    stopping = threading.Event()
    watcher = threading.Thread(target=_watch, args=(stack, tenant, seen, stopping))
    watcher.start()
    written = _written(stack, "append", tenant, 2, RATE)
    eventually(lambda: _signed_size(stack, tenant) == _written_size(stack, tenant), within=30, every=0.5)
    stopping.set()
    watcher.join()
    found = _reader(
        stack, "SELECT entry::text, index FROM audit_leaf WHERE entry = ANY(%s::uuid[])", [e for e, _ in written]
    )
    indexes = dict(found)
    sizes = [size for size, _ in seen]
    waited = [(seen[bisect_right(sizes, indexes[entry])][1] - at) * 1000 for entry, at in written]
    return Row(f"commit → signed checkpoint, at {RATE} /s", "p99 ≤ 500 ms", waited, [250], "the sequencer's beat")


_SIGNED = """
SELECT coalesce(max(c.size), 0) FROM audit_checkpoint c JOIN audit_log l ON l.id = c.log WHERE l.tenant = %s
"""


def _watch(stack: Stack, tenant: str, seen: list[tuple[int, float]], stopping: threading.Event) -> None:
    with _connection(stack) as reader:
        ended = False
        while not ended:
            # Once more after the end: what was awaited is seen.
            ended = stopping.is_set()
            ((size,),) = reader.execute(_SIGNED, [tenant]).fetchall()
            if not seen or size > seen[-1][0]:
                seen.append((size, time.time()))
            time.sleep(0.005)


def _signed_size(stack: Stack, tenant: str) -> int:
    return int(_reader(stack, _SIGNED, tenant)[0][0])


def _written_size(stack: Stack, tenant: str) -> int:
    return int(_reader(stack, "SELECT count(*) FROM audit_entry WHERE tenant = %s", tenant)[0][0])


def _loaded(stack: Stack, tenant: str, count: int) -> Row:
    """Entries copied in at once, and how long the sequencer takes until all of them are signed."""
    stack.stop("sequencer")
    seconds = _part(stack, "load", tenant, str(count))["seconds"]
    print(f"  {count:,} entries copied in {seconds:.0f} s", flush=True)
    whole = _written_size(stack, tenant)
    began = time.perf_counter()
    stack.start("sequencer")
    eventually(lambda: _signed_size(stack, tenant) == whole, within=600, every=0.2)
    taken = time.perf_counter() - began
    what = f"a backlog of {count:,} entries integrated and signed"
    return Row(what, "–", [count / taken], [count / seconds], "COPY of the same", "/s")


def _proofs(stack: Stack, tenant: str, entries: int) -> Iterator[Row]:
    made = _part(stack, "prove", tenant, str(PROOFS))
    what = f"proof of any entry, at {entries:,} entries"
    yield Row(what, "p99 ≤ 10 ms", made["proofs"], made["reads"], "reading the entry alone")
    with stack.api("auditor") as auditor:
        ids = iter(made["entries"])
        addresses = [f"audit/entries/{entry}" for entry in ids]
        through = iter(addresses)
        door = repeated(200, lambda: ok_text(auditor.get(f"{next(through)}/proof")), warm_up=10)
        bare = repeated(200, lambda: ok(auditor.get(next(through))), warm_up=10)
    yield Row(f"{what}, through the API", "–", door, bare, "the entry through the API")


def ok_text(answer: Any) -> str:
    """The text of a good answer."""
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def _bundles(stack: Stack, projects: dict[str, str], counts: dict[str, int], folder: Path) -> Iterator[Row]:
    """Exports of both sizes by the worker, its resident memory at the highest, and the larger one verified."""
    peaks = {}
    with Work(stack, "auditor") as auditor:
        (folder / "keys").write_bytes(auditor.api.get("audit/keys").content)
        for name, count in counts.items():
            seconds, peaks[name] = _exported(stack, auditor, projects[name], folder / name)
            size = (folder / name).stat().st_size
            print(f"  export of {count:,} entries: {seconds:.0f} s, {size / MIB:.0f} MiB", flush=True)
            yield Row(
                f"export of {count:,} entries", "–", [count / seconds], [], f"{size / count:,.0f} bytes an entry", "/s"
            )
    small, large = peaks["small"], peaks["large"]
    ratio = f"{large / small:.2f} times that at {counts['small']:,}"
    yield Row(
        f"worker's memory at its highest, {counts['large']:,} entries",
        "< 300 MB, ≤ 1.25",
        [large],
        [small],
        ratio,
        "MB",
    )
    yield _verified(folder, counts["large"])


def _exported(stack: Stack, auditor: Work, project: str, path: Path) -> tuple[float, float]:
    """Seconds until the bundle is ready, and the worker's peak in MB meanwhile. The bundle is at the path then."""
    worker = Path(f"/proc/{stack.pid('worker')}")
    # The peak starts anew from what is resident now.
    (worker / "clear_refs").write_text("5")
    samples: list[float] = []
    with timed(samples):
        export = ok(auditor.api.post("audit/exports", json={"project": project}), 201)["id"]
        address = f"audit/exports/{export}"
        eventually(lambda: _is_ready(ok(auditor.api.get(address))), within=600, every=0.5)
    peak = next(line for line in (worker / "status").read_text().splitlines() if line.startswith("VmHWM:"))
    with path.open("wb") as file, auditor.api.stream("GET", f"{address}/download", timeout=600) as answer:
        for chunk in answer.iter_bytes(MIB):
            file.write(chunk)
    return samples[0] / 1000, int(peak.split()[1]) * 1024 / 1e6


def _is_ready(export: dict[str, Any]) -> bool:
    assert export["state"] != "failed", export
    return bool(export["state"] == "ready")


def _verified(folder: Path, count: int) -> Row:
    command = [sys.executable, verifier.__file__, str(folder / "large"), "--key", str(folder / "keys"), "--json"]
    samples: list[float] = []
    with timed(samples):
        found = subprocess.run(command, capture_output=True, text=True, check=False)
    told = json.loads(found.stdout)
    assert told["result"] == "verified", told
    entries = told["range"][1] - told["range"][0]
    hashing: list[float] = []
    with timed(hashing), (folder / "large").open("rb") as file:
        while piece := file.read(1000):
            sha256(piece).digest()
    rates = [entries / (each / 1000) for each in (samples[0], hashing[0])]
    return Row(
        f"verifier, {count:,} entries, both processors",
        "≥ 50,000 /s",
        rates[:1],
        rates[1:],
        "SHA-256 of its bytes",
        "/s",
    )
