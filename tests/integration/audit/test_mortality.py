"""Eight writers with slow transactions, and a sequencer that is killed a hundred times at random points."""

import os
import random
import subprocess
import threading
import time
import uuid
from collections import Counter
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from django.db import connections

from audit import merkle, tiles
from audit.notes import Checkpoint
from audit.sequencer.work import Sequencer
from tests.environment import STATE
from tests.integration.audit.roles import as_role
from tests.integration.audit.sequencing import BASE, SEED, audited, grown, key, run_once, sequencer
from tools.launch.state import PYTHON, ROOT

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

WRITERS = 8
LIVES = 100
LONGEST_LIFE = 0.35
TENANTS = [None, UUID(int=1), UUID(int=2)]


def write(number: int, stopping: threading.Event, written: list[tuple[UUID, UUID | None]]) -> None:
    """Transactions of one to five entries; some take their time, some roll back."""
    dice = random.Random(number)
    with as_role("app") as app:
        while not stopping.is_set():
            entries = [(uuid.uuid4(), dice.choice(TENANTS)) for _ in range(dice.randint(1, 5))]
            app.execute("BEGIN")
            for entry, tenant in entries:
                header = {
                    "id": str(entry),
                    "event": "a:b:c",
                    "tenant": str(tenant) if tenant else None,
                    "subject": "s:1",
                }
                app.execute(
                    "INSERT INTO audit_entry (id, tenant, event, subject, header) VALUES (%s, %s, 'a:b:c', 's:1', %s)",
                    [entry, tenant, orjson.dumps(header)],
                )
                if dice.random() < 0.2:
                    time.sleep(dice.uniform(0, 0.2))
            if dice.random() < 0.1:
                app.execute("ROLLBACK")
            else:
                app.execute("COMMIT")
                written += entries
            time.sleep(0.01)


def kill_many(folder: Path) -> list[bytes]:
    """Every checkpoint that any of the hundred kept."""
    (folder / "key").write_text(SEED.hex())
    chosen = connections["owner"].settings_dict
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("BAILIWICK_")},
        "BAILIWICK_DATABASE_HOST": chosen["HOST"],
        "BAILIWICK_DATABASE_PORT": str(chosen["PORT"]),
        "BAILIWICK_DATABASE_NAME": chosen["NAME"],
        "BAILIWICK_DATABASE_SEQUENCER_PASSWORD": STATE.secret("database_sequencer"),
        "BAILIWICK_LOG_ORIGIN": BASE,
        "BAILIWICK_LOG_KEY": str(folder / "key"),
        "BAILIWICK_LOG_KEPT": str(folder / "kept"),
        "PYTHONPATH": str(ROOT),
    }
    command = [str(PYTHON), "-m", "tests.integration.audit.mortal", str(LIVES), str(LONGEST_LIFE), str(folder / "seen")]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stderr
    return [bytes.fromhex(line) for line in (folder / "seen").read_text().split()]


def test_no_gap_no_duplicate_no_fork_whenever_the_sequencer_dies(tmp_path: Path) -> None:
    stopping, written = threading.Event(), list[tuple[UUID, UUID | None]]()
    writers = [threading.Thread(target=write, args=(number, stopping, written)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        kept = kill_many(tmp_path)
    finally:
        stopping.set()
        for writer in writers:
            writer.join()
    assert run_once(tmp_path / "kept") == {}
    found = audited()
    origins = {None: f"{BASE}/platform"} | {tenant: f"{BASE}/project/{tenant}" for tenant in TENANTS if tenant}
    for tenant, origin in origins.items():
        entries = Counter(orjson.loads(entry)["id"] for entry in found[origin])
        assert entries == Counter(str(entry) for entry, its in written if its == tenant)
    # Whatever was signed at any moment is of this history, published or not.
    assert len(kept) > 20
    for note in kept:
        head = Checkpoint.open(note, [key(origin) for origin in found])
        tree = grown(found[head.origin][: head.size])
        assert merkle.root(head.size, tiles.subtrees(lambda *at, tree=tree: tree.get(at, b""))) == head.root


def test_a_burst_is_integrated_and_signed_at_once(tmp_path: Path) -> None:
    """More than a batch, and with a sequencer that already works: nobody waits for the next beat."""
    with as_role("app") as app, sequencer(tmp_path) as one:
        with app.cursor().copy(b"COPY audit_entry (id, event, subject, header) FROM STDIN") as copy:
            for _ in range(12_000):
                entry = uuid.uuid4()
                header = {"id": str(entry), "event": "a:b:c", "tenant": None, "subject": "s:1"}
                copy.write_row((entry, "a:b:c", "s:1", orjson.dumps(header)))
        assert [one.tick() for _ in range(3)] == [True, True, False]
        assert isinstance(one, Sequencer)
    assert len(audited()[f"{BASE}/platform"]) == 12_000
