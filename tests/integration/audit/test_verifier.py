"""What an auditor holds in hand is verified, or it is said what is wrong with it; nothing else in between."""

import base64
import hashlib
import itertools
import json
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import audit
from audit import Event, tree
from audit.bundle import Earlier
from audit.exportkey import export_signer
from audit.signing import signed_note
from tests.environment import DATABASE, STATE
from tests.integration.audit.exported import Unpacked, export, verify, write_keys
from tests.integration.audit.roles import as_role
from tests.integration.audit.sequencing import append, run_once
from tools.launch import postgres

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

PROJECT, OTHER = UUID(int=1), UUID(int=2)
ADA, BOB = "a" * 64, "b" * 64


def tell(number: int, project: UUID = PROJECT, about: str = ADA) -> None:
    """An entry with something personal beside it."""
    with transaction.atomic():
        audit.append(
            Event.RUNS_RUN_REQUESTED, tenant=project, actor=about, subject=f"run:{number}",
            personal={"purpose": f"purpose {number}", "also": "x"}, about=about,
        )  # fmt: skip


@dataclass
class Evidence:
    """An auditor's folder: an earlier bundle and a later one, one of another project, and the keys."""

    folder: Path
    keys: Path
    earlier: Path
    bundle: Path
    other: Path


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    def grow() -> None:
        for project in (PROJECT, OTHER):
            append(5, project)
            for number in range(2):
                tell(number, project)
        run_once(tmp_path / "kept")

    grow()
    earlier = export(tmp_path / "earlier.zip", PROJECT)
    before = tree.head_of(PROJECT)
    assert before is not None
    grow()
    bundle = export(tmp_path / "bundle.zip", PROJECT, earlier=Earlier(before.size, before.root))
    other = export(tmp_path / "other.zip", OTHER)
    return Evidence(tmp_path, write_keys(tmp_path / "keys", PROJECT, OTHER), earlier, bundle, other)


def test_a_bundle_is_verified_with_keys_from_elsewhere_and_no_django(evidence: Evidence) -> None:
    code, told = verify(evidence.bundle, "--key", evidence.keys, "--previous", evidence.earlier)
    assert code == 0, told
    assert told["sealed"] == {"fields": 8, "opened": 8, "erased": 0, "closed": 0}
    assert (told["range"], told["previous"]["size"]) == ([0, 14], 7)


@pytest.mark.parametrize(("first", "end"), [(0, 14), (3, 9), (8, 14), (5, 5), (0, 1), (13, 14), (7, 13)])
def test_a_part_of_a_log_is_proved_against_the_whole(evidence: Evidence, first: int, end: int) -> None:
    before = tree.head_of(PROJECT)
    assert before is not None
    part = export(evidence.folder / "part.zip", PROJECT, first, end, Earlier(before.size, before.root))
    code, told = verify(part, "--key", evidence.keys, "--previous", evidence.bundle)
    assert (code, told["range"]) == (0, [first, end]), told
    part = export(
        evidence.folder / "part.zip", PROJECT, first, end, Earlier(7, bytes.fromhex(root_of(evidence.earlier)))
    )
    assert verify(part, "--key", evidence.keys, "--previous", evidence.earlier)[0] == 0


def root_of(path: Path) -> str:
    return str(json.loads(Unpacked.of(path)["manifest.json"])["root"])


def resign(unpacked: Unpacked, **changed: Any) -> None:
    """As the exporter would: whoever has its key can make a manifest for anything, but no checkpoint."""
    manifest = json.loads(unpacked["manifest.json"]) | changed
    for name, content in unpacked.files:
        told = {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        manifest["files"] = [told if each["name"] == name else each for each in manifest["files"]]
    body = audit_canonical(manifest)
    unpacked["manifest.json"] = body
    text = f"bailiwick-export/v1\n{base64.b64encode(hashlib.sha256(body).digest()).decode()}\n"
    unpacked["manifest.sig"] = signed_note(text, "log.example/tests/exports", export_signer())


def audit_canonical(manifest: dict[str, Any]) -> bytes:
    return json.dumps(manifest, sort_keys=True, separators=(",", ":")).encode()


def check(evidence: Evidence, changed: Unpacked, *words: Any) -> tuple[int, dict[str, Any]]:
    return verify(changed.pack(evidence.folder / "changed.zip"), "--key", evidence.keys, *words)


def test_no_changed_byte_of_any_file_is_verified(evidence: Evidence) -> None:
    """Hypothesis attacks every file; each change alone, once under the old manifest and once under a new one."""
    whole = Unpacked.of(evidence.bundle)
    outcomes = set()

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(st.sampled_from(whole.names), st.data())
    def attack(name: str, data: st.DataObject) -> None:
        content = whole[name]
        at = data.draw(st.integers(0, len(content) - 1))
        how = data.draw(st.sampled_from(["change", "cut", "remove", "insert", "double"]))
        middle = {
            "change": bytes([content[at] ^ data.draw(st.integers(1, 255))]),
            "cut": None, "remove": b"", "insert": content[at : at + 1] + data.draw(st.binary(min_size=1, max_size=3)),
            "double": content[at : at + 1] * 2,
        }[how]  # fmt: skip
        changed = Unpacked(list(whole.files))
        changed[name] = content[:at] if middle is None else content[:at] + middle + content[at + 1 :]
        if changed[name] == content:
            return
        code, told = check(evidence, changed)
        assert code in (10, 11, 14), (name, how, at, told)
        outcomes.add(code)
        if name not in ("manifest.json", "manifest.sig"):
            resign(changed)
            code, told = check(evidence, changed)
            assert code in (10, 11, 14), (name, how, at, told)

    attack()
    assert {10, 11} <= outcomes


def test_no_changed_byte_of_the_archive_is_verified(evidence: Evidence) -> None:
    original = evidence.bundle.read_bytes()
    changed = evidence.folder / "changed.zip"
    for at in itertools.chain(range(0, len(original), 97), range(len(original) - 1200, len(original), 5)):
        changed.write_bytes(original[:at] + bytes([original[at] ^ 0x41]) + original[at + 1 :])
        code, told = verify(changed, "--key", evidence.keys)
        assert code in (10, 11, 14), told
    for cut in range(0, len(original), 501):
        changed.write_bytes(original[:cut])
        assert verify(changed, "--key", evidence.keys)[0] == 11


def test_a_file_that_is_missing_added_or_swapped(evidence: Evidence) -> None:
    whole = Unpacked.of(evidence.bundle)
    for name in whole.names:
        without = Unpacked([(each, content) for each, content in whole.files if each != name])
        assert check(evidence, without)[0] == 11, name
    assert check(evidence, Unpacked([*whole.files, ("extra", b"")]))[0] == 10
    with zipfile.ZipFile(evidence.folder / "twice.zip", "w") as packed, pytest.warns(UserWarning, match="Duplicate"):
        for name, content in [*whole.files, ("checkpoint", whole["checkpoint"])]:
            packed.writestr(name, content)
    assert verify(evidence.folder / "twice.zip", "--key", evidence.keys)[0] == 10
    for one, two in itertools.combinations(whole.names, 2):
        swapped = Unpacked([({one: two, two: one}.get(name, name), content) for name, content in whole.files])
        if whole[one] == whole[two]:
            continue
        assert check(evidence, swapped)[0] in (10, 11, 14), (one, two)
    older, other = Unpacked.of(evidence.earlier), Unpacked.of(evidence.other)
    for name in whole.names:
        for source in (older, other):
            if name in source.names and source[name] != whole[name]:
                changed = Unpacked(list(whole.files))
                changed[name] = source[name]
                assert check(evidence, changed)[0] in (10, 11, 14), name


def test_an_older_bundle_is_stale_and_one_of_another_history_is_forked(evidence: Evidence) -> None:
    assert verify(evidence.earlier, "--key", evidence.keys, "--previous", evidence.bundle)[0] == 13
    assert verify(evidence.bundle, "--key", evidence.keys, "--previous", evidence.bundle)[0] == 0
    assert verify(evidence.bundle, "--key", evidence.keys, "--previous", evidence.other)[0] == 2
    # The operator, with database and signing key, begins the same log once more.
    with as_role("owner") as owner:
        owner.execute(
            b"TRUNCATE audit_entry, audit_payload, audit_leaf, audit_tile, audit_checkpoint, audit_log CASCADE"
        )
    append(9, PROJECT)
    run_once(evidence.folder / "second")
    second = export(evidence.folder / "second.zip", PROJECT)
    assert verify(second, "--key", evidence.keys)[0] == 0
    code, told = verify(second, "--key", evidence.keys, "--previous", evidence.earlier)
    assert (code, told["result"]) == (12, "forked")
    part = export(evidence.folder / "part.zip", PROJECT, 8, 9)
    assert verify(part, "--key", evidence.keys, "--previous", evidence.earlier)[0] == 11


AT = "WHERE log = {log} AND index ="
LIE = "convert_to(replace(convert_from(header, 'UTF8'), '\"ok\"', '\"no\"'), 'UTF8')"
CHANGES_OF_THE_SUPERUSER = {
    "an entry": f"UPDATE audit_entry SET header = {LIE} WHERE id = (SELECT entry FROM audit_leaf {AT} 3)",
    "an entry and its hash": f"UPDATE audit_entry SET header = {LIE} WHERE id = (SELECT entry FROM audit_leaf {AT} 3);"
    "UPDATE audit_tile SET hashes = overlay(hashes PLACING (SELECT sha256('\\x00'::bytea || e.header)"
    " FROM audit_entry e JOIN audit_leaf l ON l.entry = e.id WHERE l.log = {log} AND l.index = 3) FROM 3 * 32 + 1)"
    " WHERE log = {log} AND level = 0",
    "a hash of the tree": "UPDATE audit_tile SET hashes = set_byte(hashes, 99, get_byte(hashes, 99) # 1)"
    " WHERE log = {log} AND level = 0",
    "the order of two entries": f"UPDATE audit_leaf SET index = -1 {AT} 2; UPDATE audit_leaf SET index = 2 {AT} 3;"
    f"UPDATE audit_leaf SET index = 3 {AT} -1",
    "another entry in the place of one": "INSERT INTO audit_entry (id, tenant, event, subject, header)"
    " SELECT '00000000-0000-4000-8000-000000000000', tenant, event, subject,"
    " convert_to(replace(convert_from(header, 'UTF8'), id::text, '00000000-0000-4000-8000-000000000000'), 'UTF8')"
    f" FROM audit_entry WHERE id = (SELECT entry FROM audit_leaf {AT} 5);"
    f"UPDATE audit_leaf SET entry = '00000000-0000-4000-8000-000000000000' {AT} 5",
    "an entry that is gone": f"DELETE FROM audit_leaf {AT} 13",
    "all since the export before": "DELETE FROM audit_leaf WHERE log = {log} AND index >= 7;"
    "DELETE FROM audit_checkpoint WHERE log = {log} AND size > 7; UPDATE audit_log SET size = 7 WHERE id = {log}",
    "the text of a checkpoint": "UPDATE audit_checkpoint SET note = set_byte(note, 60, get_byte(note, 60) # 1)"
    " WHERE log = {log} AND size = 14",
    "the root of a checkpoint": "UPDATE audit_checkpoint SET root = sha256(root) WHERE log = {log} AND size = 14",
    "the checkpoint of another log": "UPDATE audit_checkpoint SET note = (SELECT note FROM audit_checkpoint c"
    " WHERE c.log <> {log} AND c.size = 14) WHERE log = {log} AND size = 14",
    "the name of a log": "UPDATE audit_log SET origin = origin || '0' WHERE id = {log}",
    "a sealed payload": "UPDATE audit_payload SET sealed = set_byte(sealed, 50, get_byte(sealed, 50) # 1)",
    "a payload of another entry": "UPDATE audit_payload p SET sealed = o.sealed FROM audit_payload o"
    " WHERE o.field = p.field AND o.entry > p.entry",
    "a missing payload": "DELETE FROM audit_payload WHERE field = 'also'",
}


def as_superuser(statement: str) -> None:
    """Whom no right, no trigger and no foreign key stops."""
    with postgres.connect(STATE, DATABASE) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_columns_match")
        superuser.execute(statement.encode())


@pytest.mark.parametrize("what", CHANGES_OF_THE_SUPERUSER)
def test_what_the_superuser_of_the_database_changes_is_found(evidence: Evidence, what: str) -> None:
    head = tree.head_of(PROJECT)
    assert head is not None
    as_superuser(CHANGES_OF_THE_SUPERUSER[what].format(log=head.log))
    later = export(evidence.folder / "later.zip", PROJECT)
    code, told = verify(later, "--key", evidence.keys, "--previous", evidence.bundle)
    assert code in {10, 11, 13, 14}, told


def test_a_key_that_the_superuser_destroys_on_the_quiet_is_not_taken_for_an_erasure(evidence: Evidence) -> None:
    as_superuser("UPDATE audit_data_key SET wrapped = NULL, destroyed_at = now()")
    code, told = verify(export(evidence.folder / "later.zip", PROJECT), "--key", evidence.keys)
    assert (code, told["sealed"]) == (0, {"fields": 8, "opened": 0, "erased": 0, "closed": 8})


def test_a_destroyed_key_is_told_apart_from_one_that_is_not_shown(evidence: Evidence) -> None:
    tell(9, about=BOB)
    with as_role("app") as app:
        (erased,) = app.execute("SELECT id::text FROM audit_data_key WHERE person = %s", [ADA]).fetchone() or ("",)
        for person in (ADA, BOB):
            app.execute("INSERT INTO audit_erased_person (person) VALUES (%s)", [person])
        app.execute("UPDATE audit_data_key SET wrapped = NULL, destroyed_at = now()")
    header = {"id": str(uuid.uuid4()), "event": "audit:subject:erased", "tenant": str(PROJECT), "subject": "person:a",
              "facts": {"keys": [erased]}, "commitments": {}}  # fmt: skip
    with as_role("app") as app:
        app.execute(
            "INSERT INTO audit_entry (id, tenant, event, subject, header) VALUES (%s, %s, %s, %s, %s)",
            [header["id"], PROJECT, header["event"], header["subject"], audit_canonical(header)],
        )
    run_once(evidence.folder / "kept")
    later = export(evidence.folder / "later.zip", PROJECT)
    code, told = verify(later, "--key", evidence.keys)
    assert (code, told["sealed"]) == (0, {"fields": 10, "opened": 0, "erased": 8, "closed": 2})
    assert told["erased"][0]["key"] == erased
    assert b"purpose" not in base64.b64decode(json.loads(Unpacked.of(later)["payloads/0-16"].splitlines()[0])["sealed"])
