"""What the verifier says of exports that are as they should be, and which of its results each fault alone gives."""

import ast
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from audit import merkle, verifier
from audit.canonical import canonical
from audit.notes import VerifierKey, proof_file
from audit.signing import LocalSigner
from audit.witness import Cosigner
from tests.unit.audit.bundles import (
    BASE,
    ORIGIN,
    OTHER,
    PERSON,
    SIGNER,
    Export,
    Log,
    a_log,
    a_salt,
    archive,
    key_lines,
    meta_proof,
    unpacked,
)
from tests.unit.audit.test_merkle import CONSISTENCIES, INCLUSIONS, LEAVES, ROOTS
from tests.unit.audit.verifying import kept, told

SOURCE = Path(verifier.__file__)


# ---- the program ----


def test_it_is_one_file_of_the_standard_library_and_cryptography_without_a_network() -> None:
    """Parsed as Python 3.11, which auditors' machines have."""
    tree = ast.parse(SOURCE.read_text(), feature_version=(3, 11))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    roots = {name.partition(".")[0] for name in imported}
    assert roots - {"cryptography"} <= sys.stdlib_module_names
    assert not roots & {"socket", "ssl", "http", "urllib", "asyncio", "ctypes", "subprocess", "os", "time", "datetime"}


@pytest.mark.parametrize("form", ["module", "copy"])
def test_it_runs_by_itself(form: str, tmp_path: Path) -> None:
    """As a module without Django's settings, and as a copied file, from a directory that has nothing else."""
    bundle = kept(tmp_path, "b.zip", Export(a_log()).make())
    keys = kept(tmp_path, "keys", key_lines().encode())
    copy = kept(tmp_path, "verifier.py", SOURCE.read_bytes())
    program = ["-I", copy] if form == "copy" else ["-m", "audit.verifier"]
    done = subprocess.run(
        [sys.executable, *program, bundle, "--key", keys, "--json"],
        cwd=tmp_path if form == "copy" else SOURCE.parent.parent,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert (report["result"], report["log"], report["range"]) == ("verified", ORIGIN, [0, 20])


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("", "it has no key"),
        ("nonsense", "no good"),
        (key_lines().replace("exports+5", "exports+6"), "no good"),
        (f"{BASE}/exports+00000000+AAAA", "no good"),
    ],
)
def test_a_key_file_that_is_no_good_is_a_matter_of_usage(keys: str, words: str, tmp_path: Path) -> None:
    report = told(tmp_path, Export(a_log()).make(), keys=keys)
    assert report["exit"] == 2
    assert words in report["message"]


def test_a_file_that_is_not_there_is_a_matter_of_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = kept(tmp_path, "keys", key_lines().encode())
    assert verifier.main([str(tmp_path / "none.zip"), "--key", keys]) == 2
    assert "none.zip" in capsys.readouterr().out
    with pytest.raises(SystemExit) as left:
        verifier.main([str(tmp_path / "none.zip")])
    assert left.value.code == 2


def test_it_knows_the_trees_of_certificate_transparency() -> None:
    """The verifier has code of its own for trees: it is held against the published vectors too."""
    tree = verifier.Tree()
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        tree.push(verifier.leaf_hash(leaf))
        assert tree.root.hex() == root
    for index, size, path in INCLUSIONS:
        proof = [bytes.fromhex(each) for each in path]
        led = verifier.root_from_inclusion(index, size, verifier.leaf_hash(LEAVES[index]), proof)
        assert led is not None
        assert led.hex() == ROOTS[size - 1]
    for earlier, size, path in CONSISTENCIES:
        proof = [bytes.fromhex(each) for each in path]
        roots = bytes.fromhex(ROOTS[earlier - 1]), bytes.fromhex(ROOTS[size - 1])
        assert verifier.is_prefix(earlier, size, *roots, proof)
        assert not verifier.is_prefix(earlier, size, roots[1], roots[0], proof) or earlier == size


# ---- exports that are as they should be ----


@pytest.mark.parametrize(
    ("first", "end", "size", "step"),
    [(0, 20, 20, 100), (0, 20, 20, 8), (0, 20, 20, 1), (5, 20, 20, 4), (0, 7, 20, 3), (3, 11, 20, 4), (6, 6, 20, 1),
     (0, 13, 13, 5), (19, 20, 20, 9), (0, 1, 1, 1)],
)  # fmt: skip
def test_every_range_of_a_log_is_verified(first: int, end: int, size: int, step: int, tmp_path: Path) -> None:
    log = a_log()
    report = told(tmp_path, Export(log, first=first, end=end, size=size, step=step).make())
    assert report["exit"] == 0, report["message"]
    assert (report["log"], report["range"], report["size"]) == (ORIGIN, [first, end], size)
    assert report["root"] == log.head(size).root.hex()


def test_fields_are_told_apart_by_whether_they_were_opened_or_erased(tmp_path: Path) -> None:
    log = a_log()
    report = told(tmp_path, Export(log).make())
    assert report["sealed"] == {"fields": 11, "opened": 8, "erased": 3, "closed": 0}
    (erased,) = report["erased"]
    assert (erased["key"], erased["by"], erased["fields"]) == (str(PERSON), 19, 3)
    assert erased["places"] == [{"index": index, "field": "purpose"} for index in (3, 9, 15)]
    assert report["warnings"] == []


def test_a_field_whose_key_nobody_destroyed_is_closed_and_not_erased(tmp_path: Path) -> None:
    """The exporter may not say that something was erased: only the log may. Nor by an entry behind the range."""
    log = a_log()
    del log.data_keys[OTHER]
    assert told(tmp_path, Export(log).make())["sealed"] == {"fields": 11, "opened": 0, "erased": 3, "closed": 8}
    assert told(tmp_path, Export(log, end=19).make())["sealed"]["closed"] == 11


def test_what_is_open_though_it_was_erased_is_said(tmp_path: Path) -> None:
    log = a_log()
    log.data_keys[PERSON] = hashlib.sha256(PERSON.bytes).digest()
    report = told(tmp_path, Export(log).make())
    assert report["exit"] == 0
    assert str(PERSON) in report["warnings"][0]


def test_commitments_that_are_opened_bind_the_blobs(tmp_path: Path) -> None:
    content = b"1 + 1"
    opened = {3: {"code": (a_salt("3"), hashlib.sha256(content).digest())}}
    blob = {f"blobs/{hashlib.sha256(content).hexdigest()}": content}
    assert told(tmp_path, Export(a_log(), openings=opened, more=blob).make())["commitments_opened"] == 1
    wrong = {3: {"code": (a_salt("4"), hashlib.sha256(content).digest())}}
    report = told(tmp_path, Export(a_log(), openings=wrong).make())
    assert (report["exit"], report["index"]) == (10, 3)
    named_for_another = {f"blobs/{'0' * 64}": content}
    assert told(tmp_path, Export(a_log(), more=named_for_another).make())["exit"] == 10


def test_a_blob_is_what_an_entry_names(tmp_path: Path) -> None:
    """Taken out: the look for what names it. A policy bundle's revision is in its content, not in what says so."""
    policy = gzipped({"/data.json": b"{}", "/.manifest": b"{}", "/run/run.rego": b"package bailiwick.run"})
    other = gzipped({"/data.json": b"[]", "/.manifest": b"{}", "/run/run.rego": b"package bailiwick.run"})
    log = a_log()
    log.add("policy:decision:recorded", facts={"revision": verifier.policy_revision(policy)})
    content = b"1 + 1"
    for data, status in ((policy, 0), (other, 10), (content, 10)):
        name = f"blobs/{hashlib.sha256(data).hexdigest()}"
        report = told(tmp_path, Export(log, more={name: data}).make())
        assert report["exit"] == status
        assert report["file"] == (name if status else None)
    unnamed = {f"blobs/{hashlib.sha256(policy).hexdigest()}": policy}
    assert told(tmp_path, Export(a_log(), more=unnamed).make())["exit"] == 10


def gzipped(files: dict[str, bytes]) -> bytes:
    """A policy bundle."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as made:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def test_the_logs_of_the_platform_and_the_meta_log_are_verified_too(tmp_path: Path) -> None:
    platform = Log(f"{BASE}/platform")
    platform.add("identity:session:started")
    keys = key_lines(ORIGIN, platform.origin)
    assert told(tmp_path, Export(platform).make(), keys=keys)["exit"] == 0
    meta = Log(f"{BASE}/meta", [a_log().checkpoint(5), platform.checkpoint(), a_log().checkpoint(20)])
    assert told(tmp_path, Export(meta).make(), keys=keys)["warnings"] == []
    report = told(tmp_path, Export(meta).make())
    assert report["exit"] == 0
    assert platform.origin in report["warnings"][0]


def test_a_meta_log_that_holds_two_histories_of_a_log_is_forked(tmp_path: Path) -> None:
    log = a_log()
    other = deepcopy(log)
    other.entries[7] = canonical(json.loads(other.entries[7]) | {"outcome": "failed"})
    for second in (other.checkpoint(20), log.checkpoint(19)):
        meta = Log(f"{BASE}/meta", [log.checkpoint(5), log.checkpoint(20), second])
        report = told(tmp_path, Export(meta).make())
        assert (report["exit"], report["index"]) == (12, 2)


def test_after_a_rotation_both_keys_are_good(tmp_path: Path) -> None:
    new = LocalSigner(bytes(range(2, 34)))
    bundle = Export(a_log(), signer=new).make()
    assert told(tmp_path, bundle)["exit"] == 14
    assert told(tmp_path, bundle, keys=f"{key_lines()}{VerifierKey(ORIGIN, new.public)}\n")["exit"] == 0


# ---- each fault alone ----


def entry_with(log: Log, index: int, **told: Any) -> None:
    log.entries[index] = canonical(json.loads(log.entries[index]) | told)


def raw(index: int, data: bytes) -> Callable[[Log], None]:
    def change(log: Log) -> None:
        log.entries[index] = data

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda log: entry_with(log, 4, tenant=None),
        lambda log: entry_with(log, 4, tenant=str(PERSON)),
        lambda log: entry_with(log, 4, id=json.loads(log.entries[2])["id"]),
        lambda log: entry_with(log, 4, id="4"),
        lambda log: entry_with(log, 4, facts=[]),
        lambda log: entry_with(log, 4, commitments=None),
        raw(4, b""),
        raw(4, b"[]"),
        raw(4, b"{}"),
        raw(4, b'{"a":1,"a":1}'),
        raw(4, b'{"a": 1}'),
        raw(4, b'{"a":1.0}'),
        raw(4, b'{"a":NaN}'),
        raw(4, b"\xff"),
        raw(4, b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}"),
    ],
)
def test_a_signed_entry_that_is_not_as_the_format_says_is_found(change: Callable[[Log], None], tmp_path: Path) -> None:
    """The platform gone wrong: the tree is of these entries, all signatures are good."""
    log = a_log()
    change(log)
    log.sealed.clear()
    log.entries = [
        entry if b'"sealed":{}' in entry or at == 4 else without_seals(entry) for at, entry in enumerate(log.entries)
    ]
    report = told(tmp_path, Export(log).make())
    assert (report["exit"], report["index"], report["log"]) == (10, 4, ORIGIN)


@pytest.mark.parametrize(
    "spelled",
    [
        lambda entry: json.dumps(json.loads(entry)).encode(),
        lambda entry: entry + b" ",
        lambda entry: entry.replace(b'"event":', b'"event":"another","event":'),
        lambda entry: entry.replace(b"runs", b"\\u0072uns"),
        lambda entry: b"{" + b",".join(reversed(entry[1:-1].rsplit(b",", 1))) + b"}",
    ],
    ids=["spaces", "space at the end", "a key twice", "an escape that need not be", "another order"],
)
def test_an_entry_has_one_spelling(spelled: Callable[[bytes], bytes], tmp_path: Path) -> None:
    """Two programs must not read two things in one entry."""
    log = Log()
    for _ in range(3):
        log.add()
    assert spelled(log.entries[1]) != log.entries[1]
    log.entries[1] = spelled(log.entries[1])
    report = told(tmp_path, Export(log).make())
    assert (report["exit"], report["index"]) == (10, 1)


def without_seals(entry: bytes) -> bytes:
    return canonical(json.loads(entry) | {"sealed": {}})


@pytest.mark.parametrize(
    ("told_in", "field", "value"),
    [("line", "sealed", "AAAA"), ("line", "field", "motive"), ("opened", "salt", "0" * 64),
     ("opened", "content", "AAAA"), ("opened", "salt", 5), ("line", "opened", {}), ("line", "index", 1),
     ("line", "more", 1)],
)  # fmt: skip
def test_a_payload_that_is_not_what_was_committed_to_is_found(
    told_in: str, field: str, value: Any, tmp_path: Path
) -> None:
    """The exporter gone wrong: the manifest is signed for these lines."""

    def change(files: dict[str, bytes]) -> dict[str, bytes]:
        lines = [json.loads(line) for line in files["payloads/0-20"].splitlines()]
        at = next(number for number, line in enumerate(lines) if line["index"] == 6)
        (lines[at] if told_in == "line" else lines[at]["opened"])[field] = value
        return files | {"payloads/0-20": b"".join(json.dumps(line).encode() + b"\n" for line in lines)}

    report = told(tmp_path, Export(a_log(), files=change).make())
    assert report["exit"] in (10, 11)
    assert report["index"] == 6


def test_a_payload_line_that_is_held_back_is_missed_and_one_too_many_is_found(tmp_path: Path) -> None:
    def without(files: dict[str, bytes]) -> dict[str, bytes]:
        lines = files["payloads/0-20"].splitlines(keepends=True)
        return files | {"payloads/0-20": b"".join(line for line in lines if b'"index": 6' not in line)}

    report = told(tmp_path, Export(a_log(), files=without).make())
    assert (report["exit"], report["index"]) == (11, 6)
    doubled = Export(a_log(), files=lambda files: files | {"payloads/0-20": files["payloads/0-20"] * 2})
    assert told(tmp_path, doubled.make())["exit"] == 10
    cut = Export(a_log(), files=lambda files: files | {"payloads/0-20": files["payloads/0-20"][:-1]})
    assert told(tmp_path, cut.make())["exit"] in (10, 11)


@pytest.mark.parametrize("at", [0, 7, 8, 19])
def test_a_changed_entry_is_named(at: int, tmp_path: Path) -> None:
    """One bit of one entry, in an archive that is otherwise whole."""
    log = a_log()
    files = unpacked(Export(log, step=8).make())
    name = f"entries/{at // 8 * 8}-{min(at // 8 * 8 + 8, 20)}"
    begins = sum(len(entry) + 2 for entry in log.entries[at // 8 * 8 : at]) + 2
    changed = bytearray(files[name])
    changed[begins + 5] ^= 1
    report = told(tmp_path, archive(files | {name: bytes(changed)}))
    assert (report["exit"], report["index"], report["file"], report["log"]) == (10, at, name, ORIGIN)


def test_a_changed_hash_beside_intact_entries_is_told_from_a_changed_entry(tmp_path: Path) -> None:
    def change(files: dict[str, bytes]) -> dict[str, bytes]:
        hashes = bytearray(files["hashes/0-20"])
        hashes[32 * 9] ^= 1
        return files | {"hashes/0-20": bytes(hashes)}

    report = told(tmp_path, Export(a_log(), files=change).make())
    assert (report["exit"], report["index"]) == (10, 9)
    assert "intact" in report["message"]


# ---- with the export before ----


def test_a_continued_log_is_verified_against_the_export_before(tmp_path: Path) -> None:
    """By its entries, by the manifest's proof, and by being the same."""
    log = a_log()
    before = Export(log, size=13).make()
    for later in (
        Export(log),
        Export(log, first=13),
        Export(log, first=5, end=14),
        Export(log, first=16, previous=13),
        Export(log, size=13),
    ):
        report = told(tmp_path, later.make(), previous=before)
        assert (report["exit"], report["message"]) == (0, "")
        assert report["previous"]["size"] == 13


def test_an_export_that_tells_nothing_of_the_one_before_is_incomplete(tmp_path: Path) -> None:
    log = a_log()
    report = told(tmp_path, Export(log, first=15).make(), previous=Export(log, size=13).make())
    assert (report["exit"], report["index"]) == (11, 13)
    other = Export(log, first=15, previous=12).make()
    assert told(tmp_path, other, previous=Export(log, size=13).make())["exit"] == 11


def test_an_older_export_is_stale_and_another_history_is_forked(tmp_path: Path) -> None:
    log = a_log()
    other = deepcopy(log)
    entry_with(other, 7, outcome="failed")
    stale = told(tmp_path, Export(log, size=13).make(), previous=Export(log).make())
    assert (stale["exit"], stale["result"]) == (13, "stale")
    for mine, theirs in ((20, 20), (20, 13), (13, 20)):
        report = told(tmp_path, Export(log, size=mine).make(), previous=Export(other, size=theirs).make())
        assert (report["exit"], report["index"], report["log"]) == (12, 7, ORIGIN)
    by_proof = Export(log, first=16, previous=13).make()
    assert told(tmp_path, by_proof, previous=Export(other, size=13).make())["exit"] == 12


def test_what_is_wrong_with_the_export_before_is_said_to_be_so(tmp_path: Path) -> None:
    log = a_log()
    bundle = Export(log).make()
    forged = Export(log, size=13, signer=LocalSigner(bytes(32))).make()
    report = told(tmp_path, bundle, previous=forged)
    assert report["exit"] == 14
    assert "previous" in report["message"]
    assert told(tmp_path, bundle, previous=b"")["exit"] == 11
    platform = Log(f"{BASE}/platform")
    platform.add("identity:session:started")
    keys = key_lines(ORIGIN, platform.origin)
    assert told(tmp_path, bundle, previous=Export(platform).make(), keys=keys)["exit"] == 2


def test_a_manifest_whose_proof_of_the_export_before_does_not_hold_is_tampered(tmp_path: Path) -> None:
    def change(manifest: dict[str, Any]) -> dict[str, Any]:
        manifest["previous"]["root"] = "0" * 64
        return manifest

    assert told(tmp_path, Export(a_log(), previous=13, manifest=change).make())["exit"] == 10


# ---- a proof of one entry ----


def a_proof(log: Log, index: int, size: int = 20) -> bytes:
    proof = merkle.inclusion_proof(index, size, log.subtrees())
    return proof_file(log.entries[index], index, proof, log.checkpoint(size))


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 20), (7, 20), (19, 20), (12, 13)])
def test_a_proof_file_is_verified_and_says_what_it_does_not_prove(index: int, size: int, tmp_path: Path) -> None:
    log = a_log()
    report = told(tmp_path, a_proof(log, index, size), words=["proof"])
    assert (report["exit"], report["log"], report["index"], report["size"]) == (0, ORIGIN, index, size)
    assert report["entry"] == json.loads(log.entries[index])
    assert len(report["not_proved"]) > 3
    assert "does not prove" in verifier.as_text(report)


def test_no_changed_byte_of_a_proof_file_passes(tmp_path: Path) -> None:
    proof = a_proof(a_log(), 7)
    for at in range(0, len(proof), 3):
        changed = proof[:at] + bytes([proof[at] ^ (1 + at % 255)]) + proof[at + 1 :]
        assert told(tmp_path, changed, words=["proof"])["exit"] in (10, 11, 14), at
    for at in range(0, len(proof), 11):
        assert told(tmp_path, proof[:at], words=["proof"])["exit"] in (10, 11, 14), at


def test_a_proof_of_another_place_log_or_key_does_not_pass(tmp_path: Path) -> None:
    log = a_log()
    proof = merkle.inclusion_proof(7, 20, log.subtrees())
    for index, entry, path in ((8, log.entries[7], proof), (7, log.entries[8], proof), (7, log.entries[7], proof[:-1]),
                               (7, log.entries[7], [*proof, proof[0]]), (7, log.entries[7], proof[::-1])):  # fmt: skip
        report = told(tmp_path, proof_file(entry, index, path, log.checkpoint()), words=["proof"])
        assert (report["exit"], report["log"]) == (10, ORIGIN)
    forged = proof_file(log.entries[7], 7, proof, log.checkpoint(signer=LocalSigner(bytes(32))))
    assert told(tmp_path, forged, words=["proof"])["exit"] == 14
    assert told(tmp_path, a_proof(log, 7), words=["proof"], keys=key_lines(f"{BASE}/platform"))["exit"] == 14


# ---- with a witness policy ----

WITNESSES = [Cosigner(f"witness.example/w{number}", bytes(range(number, 32 + number))) for number in range(3)]
POLICY = """# two of three
witness w0 {} https://witness.example/
witness w1 {}
witness w2 {}
group all-of-them 2 w0 w1 w2
quorum all-of-them
""".format(*(each.vkey for each in WITNESSES))


def an_export_with(*cosigners: Cosigner, meta: Log | None = None, **more: Any) -> bytes:
    """An export whose checkpoint is in a meta-log that these cosigned."""
    log = a_log()
    proof = meta_proof(
        log,
        meta or Log(f"{BASE}/meta", [a_log().checkpoint(size) for size in (1, 4, 9)]),
        [partial(each.line, at=1_800_000_000) for each in cosigners],
    )
    return Export(log, meta=proof, **more).make()


def test_enough_cosignatures_are_enough(tmp_path: Path) -> None:
    report = told(tmp_path, an_export_with(*WITNESSES[:2]), policy=POLICY)
    assert report["exit"] == 0, report["message"]
    assert report["witnesses"] == [
        {"name": "witness.example/w0", "time": 1_800_000_000},
        {"name": "witness.example/w1", "time": 1_800_000_000},
    ]
    meta = Log(f"{BASE}/meta", [a_log().checkpoint()])
    direct = Export(meta, cosigned=[partial(each.line, at=5) for each in WITNESSES]).make()
    assert told(tmp_path, direct, policy=POLICY)["exit"] == 0
    assert told(tmp_path, Export(meta).make(), policy=POLICY)["exit"] == 14


def test_too_few_cosignatures_are_untrusted(tmp_path: Path) -> None:
    """Stripped, by unlisted witnesses, twice by one, or for a bundle that has none."""
    stranger = Cosigner("witness.example/w1", bytes(range(9, 41)))
    for few in ([], WITNESSES[:1], [WITNESSES[0], stranger], [WITNESSES[0]] * 3):
        report = told(tmp_path, an_export_with(*few), policy=POLICY)
        assert (report["exit"], report["log"]) == (14, ORIGIN)
    assert told(tmp_path, Export(a_log()).make(), policy=POLICY)["exit"] == 14
    assert told(tmp_path, Export(a_log()).make(), policy="quorum none\n")["exit"] == 0


def test_a_cosignature_of_another_checkpoint_is_tampered(tmp_path: Path) -> None:
    lines = [partial(lambda cosigner, text: cosigner.line(text.replace("4", "5"), 5), each) for each in WITNESSES]
    log = a_log()
    meta = Log(f"{BASE}/meta", [log.checkpoint(size) for size in (1, 4, 9)])
    assert told(tmp_path, Export(log, meta=meta_proof(log, meta, lines)).make(), policy=POLICY)["exit"] == 10


def test_a_proof_of_the_meta_log_that_is_another_s_or_leads_nowhere_is_tampered(tmp_path: Path) -> None:
    log = a_log()
    meta = Log(f"{BASE}/meta", [log.checkpoint(1)])
    cosign = [partial(each.line, at=5) for each in WITNESSES]
    of_an_older_one = meta_proof(log, meta, cosign, size=13)
    assert told(tmp_path, Export(log, meta=of_an_older_one).make(), policy=POLICY)["exit"] == 10
    good = meta_proof(log, meta, cosign)
    moved = good.replace(b"index 2", b"index 1")
    assert told(tmp_path, Export(log, meta=good).make(), policy=POLICY)["exit"] == 0
    assert told(tmp_path, Export(log, meta=moved).make(), policy=POLICY)["exit"] == 10
    assert told(tmp_path, Export(log, meta=moved).make())["exit"] == 10


def test_a_policy_may_name_the_meta_log_s_key(tmp_path: Path) -> None:
    other = VerifierKey(f"{BASE}/meta", LocalSigner(bytes(32)).public)
    ours = VerifierKey(f"{BASE}/meta", SIGNER.public)
    bundle = an_export_with(*WITNESSES)
    assert told(tmp_path, bundle, policy=f"log {ours}\n{POLICY}")["exit"] == 0
    assert told(tmp_path, bundle, policy=f"log {other}\n{POLICY}")["exit"] == 14


@pytest.mark.parametrize(
    ("rule", "signed", "met"),
    [
        ("quorum w1", [1], True), ("quorum w1", [0, 2], False),
        ("group g any w0 w1\nquorum g", [1], True), ("group g any w0 w1\nquorum g", [2], False),
        ("group g all w0 w1\nquorum g", [0, 1], True), ("group g all w0 w1\nquorum g", [0, 2], False),
        ("group a any w0 w1\ngroup b all a w2\nquorum b", [1, 2], True),
        ("group a any w0 w1\ngroup b all a w2\nquorum b", [0, 1], False),
    ],
)  # fmt: skip
def test_quorums_are_counted_as_the_policy_says(rule: str, signed: list[int], met: bool, tmp_path: Path) -> None:
    policy = POLICY.partition("group")[0] + rule + "\n"
    bundle = an_export_with(*(WITNESSES[number] for number in signed))
    assert told(tmp_path, bundle, policy=policy)["exit"] == (0 if met else 14)


@pytest.mark.parametrize(
    "policy",
    ["", "quorum w9\n", "quorum none\nquorum none\n", "nonsense\n", f"witness a {WITNESSES[0].vkey}\n",
     f"witness a {WITNESSES[0].vkey}\nwitness b {WITNESSES[0].vkey}\nquorum a\n",
     f"witness a {WITNESSES[0].vkey}\nwitness a {WITNESSES[1].vkey}\nquorum a\n",
     f"witness none {WITNESSES[0].vkey}\nquorum none\n", f"witness a {VerifierKey('a', SIGNER.public)}\nquorum a\n",
     f"log {WITNESSES[0].vkey}\nquorum none\n", "group g any\nquorum g\n", "group g 1 w\nquorum g\n",
     f"witness a {WITNESSES[0].vkey}\ngroup g 2 a\nquorum g\n",
     f"witness a {WITNESSES[0].vkey}\ngroup g 0 a\nquorum g\n",
     f"witness a {WITNESSES[0].vkey}\ngroup g 1 a a\nquorum g\n",
     f"witness a {WITNESSES[0].vkey}\ngroup g 1 a\ngroup h 1 a\nquorum g\n"],
)  # fmt: skip
def test_a_policy_that_is_none_is_a_matter_of_usage(policy: str, tmp_path: Path) -> None:
    assert told(tmp_path, an_export_with(*WITNESSES), policy=policy)["exit"] == 2
