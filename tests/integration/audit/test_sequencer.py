"""The sequencer: every entry once and in commit order, every checkpoint a continuation of the one before, or none."""

import hashlib
import uuid
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from django.db import transaction

import audit
from audit import Event, standing
from audit.notes import Checkpoint
from audit.sequencer import work
from audit.sequencer.kept import Kept
from audit.sequencer.store import Store
from tests.integration.audit.exported import export, verify, write_keys
from tests.integration.audit.roles import as_role, refused
from tests.integration.audit.sequencing import BASE, append, audited, key, run_once, sequencer

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

PLATFORM, META = f"{BASE}/platform", f"{BASE}/meta"


def ids(entries: list[bytes]) -> list[str]:
    return [orjson.loads(entry)["id"] for entry in entries]


def change(statement: str, *values: Any) -> None:
    """As the database's superuser, whom no right stops."""
    with as_role("owner") as owner:
        owner.execute(statement.encode(), values)


def test_each_project_has_a_log_and_the_meta_log_has_every_checkpoint(tmp_path: Path) -> None:
    mine, yours = uuid.uuid4(), uuid.uuid4()
    first, second, nobodys = append(300, mine), append(2, yours), append(1)
    assert run_once(tmp_path) == {}
    later = append(3, mine)
    assert run_once(tmp_path) == {}
    found = audited()
    assert ids(found[f"{BASE}/project/{mine}"]) == [str(entry) for entry in first + later]
    assert ids(found[f"{BASE}/project/{yours}"]) == [str(entry) for entry in second]
    assert ids(found[PLATFORM]) == [str(entry) for entry in nobodys]
    heads = [
        Checkpoint.open(note, [key(f"{BASE}/project/{mine}"), key(f"{BASE}/project/{yours}"), key(PLATFORM)])
        for note in found[META]
    ]
    sizes = sorted((head.origin.rpartition("/")[2], head.size) for head in heads)
    # Only what grew is signed again.
    assert sizes == sorted([(str(mine), 300), (str(mine), 303), (str(yours), 2), ("platform", 1)])
    assert Checkpoint.open(Kept(tmp_path).read(META) or b"", [key(META)]).size == 4


def test_the_leaves_are_the_bytes_as_written(tmp_path: Path) -> None:
    append(1, facts={"text": "ä"})
    run_once(tmp_path)
    (entry,) = audited()[PLATFORM]
    with as_role("reader") as reader:
        (hashes,) = reader.execute("SELECT hashes FROM audit_tile").fetchone() or (b"",)
    assert bytes(hashes) == hashlib.sha256(b"\x00" + entry).digest()


def test_nothing_new_means_nothing_signed(tmp_path: Path) -> None:
    append()
    run_once(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    run_once(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_an_entry_of_a_slow_transaction_is_not_passed_by(tmp_path: Path) -> None:
    """Taken out for a try: the comparison with the snapshot's xmin; the slow entry then waited for the next sweep."""
    with sequencer(tmp_path) as one, as_role("app") as slow:
        slow.execute("BEGIN")
        entry = uuid.uuid4()
        header = {"id": str(entry), "event": "a:b:c", "tenant": None, "subject": "s:1"}
        slow.execute(
            "INSERT INTO audit_entry (id, event, subject, header) VALUES (%s, 'a:b:c', 's:1', %s)",
            [entry, orjson.dumps(header)],
        )
        quick = append(3)
        one.tick()
        assert audited() == {} or audited().get(PLATFORM, []) == []
        slow.execute("COMMIT")
        one.tick()
        assert ids(audited()[PLATFORM]) == [str(entry), *map(str, quick)]


def test_an_entry_that_the_position_has_passed_is_swept_in(tmp_path: Path) -> None:
    append(2)
    run_once(tmp_path)
    missed = append(2)
    change("UPDATE audit_sequencer SET n = n + 1000000, xid = pg_current_xact_id()")
    run_once(tmp_path)
    assert ids(audited()[PLATFORM])[2:] == [str(entry) for entry in missed]


def test_a_position_from_before_a_restore_is_begun_anew(tmp_path: Path) -> None:
    append(2)
    run_once(tmp_path)
    change("UPDATE audit_sequencer SET xid = '9000000000000'")
    with sequencer(tmp_path) as one:
        append(2)
        one.tick()
        assert len(audited()[PLATFORM]) == 4


def test_two_at_once_are_one_too_many(tmp_path: Path) -> None:
    with sequencer(tmp_path), as_role("sequencer") as other:
        assert not Store(other, BASE).alone()


TAMPERED = {
    "a leaf of the tree": ("UPDATE audit_tile SET hashes = set_byte(hashes, 3, get_byte(hashes, 3) # 1)", "changed"),
    "a shorter log": ("UPDATE audit_log SET size = 4 WHERE kind = 'platform'", "backup"),
    "a forgotten log": (
        "DELETE FROM audit_leaf; DELETE FROM audit_tile; DELETE FROM audit_checkpoint; DELETE FROM audit_log;"
        "DELETE FROM audit_payload; DELETE FROM audit_entry",
        "does not know",
    ),
    "tiles that are gone": ("DELETE FROM audit_tile", "lacks hashes"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_what_the_owner_of_the_database_changes_is_never_signed(tmp_path: Path, how: str) -> None:
    """Taken out for a try: `_require_continuation`; the changed leaf and the shorter log were then signed."""
    append(8)
    run_once(tmp_path)
    signed = Kept(tmp_path).read(PLATFORM)
    statement, why = TAMPERED[how]
    change(statement)
    assert why in run_once(tmp_path)[PLATFORM]
    if how != "a forgotten log":
        append(3)
        other = uuid.uuid4()
        append(1, other)
        assert PLATFORM in run_once(tmp_path)
        # The meta-log lost its tiles too in the last case; what is whole goes on.
        assert how == "tiles that are gone" or Kept(tmp_path).read(f"{BASE}/project/{other}")
    assert Kept(tmp_path).read(PLATFORM) == signed


def test_a_backup_in_the_databases_place_is_refused_and_says_so_on_the_health_page(tmp_path: Path) -> None:
    append(5)
    run_once(tmp_path)
    with as_role("owner") as owner:
        tables = ("audit_log", "audit_checkpoint", "audit_leaf", "audit_tile", "audit_sequencer")
        for table in tables:
            owner.execute(f"CREATE TABLE backup_{table} AS TABLE {table}".encode())
        append(5)
        run_once(tmp_path)
        assert standing.standing().trouble == ""
        owner.execute(f"TRUNCATE {', '.join(tables)} CASCADE".encode())
        for table in tables:
            owner.execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE backup_{table}".encode())
        # Yesterday's entries, and others since.
        owner.execute(b"DELETE FROM audit_entry WHERE id NOT IN (SELECT entry FROM audit_leaf WHERE entry IS NOT NULL)")
    append(7)
    refusals = run_once(tmp_path)
    assert "not those that were signed" in refusals[PLATFORM]
    assert "not signed" in standing.standing().trouble


def test_a_kept_checkpoint_that_is_gone_is_not_taken_for_a_beginning(tmp_path: Path) -> None:
    append(2)
    run_once(tmp_path)
    (kept,) = tmp_path.glob("*platform*")
    note = kept.read_bytes()
    kept.unlink()
    append(2)
    assert "put it back" in run_once(tmp_path)[PLATFORM]
    kept.write_bytes(note)
    assert run_once(tmp_path) == {}
    assert len(audited()[PLATFORM]) == 4


def test_a_checkpoint_that_the_database_never_heard_of_is_published(tmp_path: Path, monkeypatch: Any) -> None:
    """The process dies between keeping a checkpoint and telling the database."""
    append(2)
    run_once(tmp_path)
    append(2)

    def die(*_: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(work.Sequencer, "_publish", die)
        with pytest.raises(ConnectionError):
            run_once(tmp_path)
    append(2)
    assert run_once(tmp_path) == {}
    found = audited()
    sizes = [int(note.split(b"\n")[1]) for note in found[META]]
    assert sizes == [2, 4, 6]


def test_after_a_rotation_the_old_key_still_opens_what_it_signed(tmp_path: Path) -> None:
    append(2)
    run_once(tmp_path)
    append(2)
    assert run_once(tmp_path, seed=bytes(32)) == {}
    head = Checkpoint.open(Kept(tmp_path).read(PLATFORM) or b"", [key(PLATFORM, bytes(32))])
    assert head.size == 4
    with as_role("reader") as reader:
        assert reader.execute("SELECT count(*) FROM audit_signing_key").fetchone() == (2,)


def test_a_key_that_the_owner_of_the_database_adds_is_not_believed(tmp_path: Path) -> None:
    """Whoever owns the database writes a second history, signs it with a key of their own, and lists that key.

    The platform then serves it like any other. Who kept the keys, or an earlier bundle, is not taken in.
    """
    project = uuid.uuid4()
    append(5, project)
    run_once(tmp_path / "kept")
    kept = write_keys(tmp_path / "keys", project)
    before = export(tmp_path / "before.zip", project)
    change("TRUNCATE audit_leaf, audit_tile, audit_checkpoint, audit_log, audit_sequencer CASCADE")
    change("INSERT INTO audit_sequencer DEFAULT VALUES")
    change("DELETE FROM audit_entry WHERE n = (SELECT min(n) FROM audit_entry)")
    append(3, project)
    assert run_once(tmp_path / "forged", seed=bytes(32)) == {}
    forged = export(tmp_path / "forged.zip", project)
    code, told = verify(forged, "--key", kept)
    assert (code, told["result"]) == (14, "untrusted")
    served = write_keys(tmp_path / "served", project)
    assert verify(forged, "--key", served)[0] == 0
    assert verify(forged, "--key", served, "--previous", before)[0] == 12
    # The sequencer has its own memory.
    assert "not those that were signed" in run_once(tmp_path / "kept")[f"{BASE}/project/{project}"]


def test_the_lag_is_the_age_of_the_oldest_entry_that_waits(tmp_path: Path) -> None:
    append(1)
    waiting = standing.standing()
    assert 0 < waiting.lag_seconds < 60
    run_once(tmp_path)
    assert standing.standing().lag_seconds == 0


def test_a_silent_sequencer_and_a_late_entry_are_alarms() -> None:
    assert standing.Standing(1, 0, {}).trouble == ""
    assert "no sign" in standing.Standing(11, 0, {}).trouble
    assert "waits for 11 seconds" in standing.Standing(1, 11, {}).trouble
    assert "1 logs are not signed" in standing.Standing(1, 0, {"o": "why"}).trouble


TREE = ("audit_log", "audit_checkpoint", "audit_leaf", "audit_tile", "audit_signing_key", "audit_sequencer")
CHANGES = ("DELETE FROM {}", "TRUNCATE {} CASCADE", "DROP TABLE {} CASCADE", "ALTER TABLE {} RENAME TO gone")


def test_only_the_sequencer_writes_the_tree_and_even_it_takes_nothing_back(tmp_path: Path) -> None:
    append(2)
    run_once(tmp_path)
    everything = [each.format(table) for table in TREE for each in CHANGES]
    for role in ("app", "reader", "sequencer"):
        assert [statement for statement in everything if not refused(role, statement)] == []
    writes = [
        "INSERT INTO audit_log (origin, kind) VALUES ('x', 'meta')",
        "INSERT INTO audit_checkpoint (log, size, root, note) VALUES (1, 9, '', '')",
        "INSERT INTO audit_leaf (log, index, checkpoint) VALUES (1, 9, 1)",
        "INSERT INTO audit_tile VALUES (1, 0, 9, '')",
        "INSERT INTO audit_signing_key (public) VALUES ('')",
        "UPDATE audit_log SET size = size",
        "UPDATE audit_tile SET hashes = hashes",
        "UPDATE audit_sequencer SET n = 0",
    ]
    for role in ("app", "reader"):
        assert [statement for statement in writes if not refused(role, statement)] == []
    reads = [f"SELECT * FROM {table}" for table in TREE]
    assert [statement for statement in reads if not refused("app", statement)] == []
    beyond = [
        "UPDATE audit_checkpoint SET note = note",
        "UPDATE audit_leaf SET index = index",
        "UPDATE audit_log SET origin = origin",
        "UPDATE audit_signing_key SET since = since",
        "INSERT INTO audit_entry (id, event, subject, header) VALUES (gen_random_uuid(), 'a:b:c', 's', '{}')",
        "UPDATE audit_entry SET header = header",
        "SELECT * FROM audit_payload",
        "SELECT * FROM audit_data_key",
        "SELECT * FROM identity_user",
    ]
    assert [statement for statement in beyond if not refused("sequencer", statement)] == []


def test_an_entry_is_a_leaf_once(tmp_path: Path) -> None:
    (entry,) = append(1)
    run_once(tmp_path)
    with as_role("sequencer") as other, pytest.raises(psycopg.errors.UniqueViolation):
        other.execute("INSERT INTO audit_leaf (log, index, entry) VALUES (1, 1, %s)", [entry])


def test_a_transaction_that_appends_twice_keeps_its_order(tmp_path: Path) -> None:
    with transaction.atomic():
        both = [audit.append(Event.USER_CREATED, tenant=None, actor=None, subject=f"x:{number}") for number in range(2)]
    run_once(tmp_path)
    assert ids(audited()[PLATFORM]) == [str(entry) for entry in both]
