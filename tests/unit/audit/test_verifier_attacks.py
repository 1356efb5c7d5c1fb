"""Everything that can be done to an export by whoever carries it, and by an exporter gone wrong: never verified.

Taken out once, one at a time, to see these tests fail: the signature of the manifest, that of the checkpoint, the
comparison of the manifest's digest, of each file's digest, of the CRC, of the leaf hashes, of the root, of the
archive's headers, of its directory, the look for files that are not in the manifest, and the comparison with the export
before.
"""

import hashlib
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import merkle, tiles, verifier
from audit.canonical import canonical
from audit.notes import VerifierKey, proof_file
from audit.signing import LocalSigner, signed_note
from tests.unit.audit.bundles import (
    BASE,
    ORIGIN,
    PROJECT,
    SIGNER,
    Export,
    Log,
    a_log,
    a_salt,
    archive,
    key_lines,
    meta_proof,
    signed_manifest,
    unpacked,
)
from tests.unit.audit.verifying import told

# Never 0 and never 2: a file's content is no matter of usage.
BAD = {10, 11, 12, 13, 14}
# One for all: sealing is random, and two logs made alike would differ where an attack should be the only difference.
LOG = a_log()
many = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
some = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@cache
def an_export() -> bytes:
    """Three chunks, every kind of file."""
    log = LOG
    meta = Log(f"{BASE}/meta", [a_log(5).checkpoint()])
    more = {"views/report.html": b"<p>20 entries</p>", "views/ocsf.jsonl": b"{}\n", "views/entries.csv": b"index\r\n"}
    digest = hashlib.sha256(b"1 + 1").digest()
    more |= {f"blobs/{digest.hex()}": b"1 + 1"}
    opened = {3: {"code": (a_salt("3"), digest)}}
    proof = meta_proof(log, meta)
    return Export(log, first=2, end=19, step=7, previous=9, meta=proof, openings=opened, more=more).make()


@cache
def files() -> dict[str, bytes]:
    return unpacked(an_export())


def flipped(data: bytes, at: int, change: int) -> bytes:
    return data[:at] + bytes([data[at] ^ change]) + data[at + 1 :]


def test_the_export_that_is_attacked_verifies(tmp_path: Path) -> None:
    assert told(tmp_path, an_export())["exit"] == 0
    assert archive(files()) == an_export()


# ---- by whoever carries it ----


@many
@given(st.data(), st.integers(1, 255))
def test_no_changed_byte_of_the_archive_passes(tmp_path: Path, data: st.DataObject, change: int) -> None:
    at = data.draw(st.integers(0, len(an_export()) - 1))
    assert told(tmp_path, flipped(an_export(), at, change))["exit"] in BAD


@many
@given(st.data(), st.integers(1, 255))
def test_no_changed_byte_of_any_file_passes(tmp_path: Path, data: st.DataObject, change: int) -> None:
    """Changed within an archive whose sizes and CRCs are right again."""
    name = data.draw(st.sampled_from(sorted(name for name, content in files().items() if content)))
    at = data.draw(st.integers(0, len(files()[name]) - 1))
    report = told(tmp_path, archive(files() | {name: flipped(files()[name], at, change)}))
    assert report["exit"] in BAD
    if name.startswith("entries/"):
        first, _, end = name.removeprefix("entries/").partition("-")
        assert report["index"] in range(int(first), int(end))


@pytest.mark.parametrize("field", ["id", "made_at", "about"])
def test_no_changed_field_of_the_manifest_passes(field: str, tmp_path: Path) -> None:
    """Nothing else in the bundle depends on these: the signature alone holds them."""
    told_of = json.loads(files()["manifest.json"])
    told_of[field] = {"filter": "everything"} if field == "about" else told_of[field].replace("1", "2")
    report = told(tmp_path, archive(files() | {"manifest.json": canonical(told_of)}))
    assert (report["exit"], report["file"]) == (10, "manifest.json")


@pytest.mark.parametrize("name", list(unpacked(Export(a_log(), step=8).make())))
def test_no_removed_file_passes(name: str, tmp_path: Path) -> None:
    left = unpacked(Export(a_log(), step=8).make())
    del left[name]
    report = told(tmp_path, archive(left))
    assert (report["exit"], report["file"]) == (11, name)


@pytest.mark.parametrize(
    "name",
    ["extra", "entries/19-20", "entries/20-21", "hashes/0-1", "views/other.html", "blobs/x", "../etc/passwd", "/etc/x",
     "a//b", "a\\b", "entries/", "checkpoint.txt", "MANIFEST.JSON", "é", "a\nb", "", "manifest.json/x", "x" * 300],
)  # fmt: skip
@pytest.mark.parametrize("content", [b"", b"something"])
def test_no_added_file_passes(name: str, content: bytes, tmp_path: Path) -> None:
    """Neither at the archive's end nor anywhere before."""
    for order in ({**files(), name: content}, {name: content, **files()}):
        assert told(tmp_path, archive(order))["exit"] == 10


@some
@given(st.data())
def test_no_truncated_file_passes(tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(name for name, content in files().items() if content)))
    length = data.draw(st.integers(0, len(files()[name]) - 1))
    assert told(tmp_path, archive(files() | {name: files()[name][:length]}))["exit"] in BAD
    assert told(tmp_path, archive(files() | {name: files()[name] + bytes([length % 256])}))["exit"] in BAD


@many
@given(st.integers(0, len(an_export()) - 1))
def test_a_truncated_archive_is_incomplete(tmp_path: Path, length: int) -> None:
    assert told(tmp_path, an_export()[:length])["exit"] == 11


@pytest.mark.parametrize("length", [5, 600, 3_000])
def test_the_first_entry_that_a_truncated_file_lacks_is_named(length: int, tmp_path: Path) -> None:
    log = a_log()
    whole = unpacked(Export(log).make())
    report = told(tmp_path, archive(whole | {"entries/0-20": whole["entries/0-20"][:length]}))
    ends = [sum(len(entry) + 2 for entry in log.entries[: count + 1]) for count in range(20)]
    first = next(index for index, end in enumerate(ends) if end > length)
    assert (report["exit"], report["index"], report["file"]) == (11, first, "entries/0-20")


@some
@given(st.data())
def test_no_two_files_can_be_swapped(tmp_path: Path, data: st.DataObject) -> None:
    """Their contents, or their places."""
    one, other = data.draw(st.lists(st.sampled_from(sorted(files())), min_size=2, max_size=2, unique=True))
    if files()[one] != files()[other]:
        swapped = files() | {one: files()[other], other: files()[one]}
        assert told(tmp_path, archive(swapped))["exit"] in BAD
    names = list(files())
    first, second = names.index(one), names.index(other)
    names[first], names[second] = other, one
    assert told(tmp_path, archive({name: files()[name] for name in names}))["exit"] == 10


@some
@given(st.lists(st.integers(0, 19), min_size=2, max_size=2, unique=True), st.booleans())
def test_no_two_entries_can_be_reordered(tmp_path: Path, which: list[int], hashes_too: bool) -> None:
    log = a_log()
    whole = unpacked(Export(log).make())
    entries, hashes = list(log.entries), [whole["hashes/0-20"][at : at + 32] for at in range(0, 640, 32)]
    one, other = which
    for rows in (entries, hashes) if hashes_too else (entries,):
        rows[one], rows[other] = rows[other], rows[one]
    changed = {"entries/0-20": tiles.bundle(entries), "hashes/0-20": b"".join(hashes)}
    report = told(tmp_path, archive(whole | changed))
    assert report["exit"] == 10
    if not hashes_too:
        assert report["index"] == min(which)


def other_project() -> Log:
    log = Log(f"{BASE}/project/{PROJECT}".replace(str(PROJECT)[:8], "0" * 8))
    log.entries = list(LOG.entries)
    return log


@pytest.mark.parametrize(
    "checkpoint",
    [
        LOG.checkpoint(13),
        other_project().checkpoint(),
        signed_note(LOG.head().text, ORIGIN, LocalSigner(bytes(32))),
        signed_note(LOG.head().text, f"{BASE}/meta", SIGNER),
        signed_note(other_project().head().text, ORIGIN, SIGNER),
    ],
    ids=["older", "another project's", "by an unlisted key", "under another name", "another's text under this name"],
)
@pytest.mark.parametrize("signed", [False, True], ids=["carrier", "exporter"])
def test_no_other_checkpoint_passes(checkpoint: bytes, signed: bool, tmp_path: Path) -> None:
    keys = key_lines(ORIGIN, other_project().origin)
    if signed:
        bundle = Export(LOG, files=lambda found: found | {"checkpoint": checkpoint}).make()
    else:
        bundle = archive(unpacked(Export(LOG).make()) | {"checkpoint": checkpoint})
    # Shorter than the one that was signed reads as incomplete.
    assert told(tmp_path, bundle, keys=keys)["exit"] in {10, 11, 14}


@pytest.mark.parametrize("name", ["checkpoint", "manifest.sig"])
def test_no_stripped_signature_passes(name: str, tmp_path: Path) -> None:
    def strip(found: dict[str, bytes]) -> dict[str, bytes]:
        return found | {name: found[name].rpartition(b"\n\n")[0] + b"\n\n"} if name in found else found

    assert told(tmp_path, archive(strip(unpacked(Export(a_log()).make()))))["exit"] in {10, 11}
    assert told(tmp_path, Export(a_log(), files=strip).make())["exit"] in ({10} if name == "checkpoint" else {0})


def respelled(data: bytes) -> list[bytes]:
    """The same with one base64 text spelled otherwise: the bits of its last letter that no byte takes."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    found = []
    for match in re.finditer(rb"([A-Za-z0-9+/])=", data):
        at = match.start()
        other = letters[letters.index(chr(data[at])) ^ 1].encode()
        found.append(data[:at] + other + data[at + 1 :])
    return found


def test_base64_has_one_spelling(tmp_path: Path) -> None:
    """Decoders overlook these bits: a byte could be changed though everything that it stands for is the same."""
    for changed in respelled(files()["manifest.sig"]):
        assert told(tmp_path, archive(files() | {"manifest.sig": changed}))["exit"] in {10, 14}
    proof = proof_file(LOG.entries[7], 7, merkle.inclusion_proof(7, 20, LOG.subtrees()), LOG.checkpoint())
    assert told(tmp_path, proof, words=["proof"])["exit"] == 0
    assert len(respelled(proof)) > 5
    for changed in respelled(proof):
        assert told(tmp_path, changed, words=["proof"])["exit"] in {10, 14}


def test_keys_that_are_not_in_the_key_file_are_untrusted(tmp_path: Path) -> None:
    stranger = LocalSigner(bytes(32))
    for bundle in (Export(a_log(), signer=stranger), Export(a_log(), exporter=stranger)):
        report = told(tmp_path, bundle.make())
        assert (report["exit"], report["result"]) == (14, "untrusted")
    # The right key under another log's name is not this log's.
    names = [VerifierKey(f"{BASE}/exports", stranger.public), VerifierKey(f"{BASE}/platform", SIGNER.public)]
    assert told(tmp_path, Export(a_log()).make(), keys="".join(f"{key}\n" for key in names))["exit"] == 14


def test_the_key_for_exports_of_another_installation_signs_no_manifest(tmp_path: Path) -> None:
    whole = unpacked(Export(a_log()).make())
    elsewhere = LocalSigner(bytes(range(9, 41)))
    forged = signed_manifest(whole["manifest.json"], "elsewhere.example/meta", elsewhere)
    keys = key_lines() + f"{VerifierKey('elsewhere.example/exports', elsewhere.public)}\n"
    assert told(tmp_path, archive(whole | forged), keys=keys)["exit"] == 14


def test_a_second_signature_below_the_manifest_does_not_pass(tmp_path: Path) -> None:
    """It would be a byte that nothing fixes."""
    whole = unpacked(Export(a_log()).make())
    line = signed_note("x\n", "somebody.example", LocalSigner(bytes(32))).rpartition(b"\n\n")[2]
    assert told(tmp_path, archive(whole | {"manifest.sig": whole["manifest.sig"] + line}))["exit"] == 10


# ---- by an exporter gone wrong: it has its own key, but not the log's ----


def hiding(index: int) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    def change(found: dict[str, bytes]) -> dict[str, bytes]:
        entries = a_log_entries(found)
        del entries[index]
        hashes = found["hashes/0-20"]
        gone = hashes[: 32 * index] + hashes[32 * index + 32 :]
        return found | {"entries/0-20": tiles.bundle(entries), "hashes/0-20": gone}

    return change


def a_log_entries(found: dict[str, bytes]) -> list[bytes]:
    data, entries = found["entries/0-20"], []
    while data:
        length = int.from_bytes(data[:2], "big")
        entries.append(data[2 : 2 + length])
        data = data[2 + length :]
    return entries


@pytest.mark.parametrize("index", [0, 7, 19])
def test_an_entry_that_the_exporter_hides_is_missed(index: int, tmp_path: Path) -> None:
    assert told(tmp_path, Export(a_log(), files=hiding(index)).make())["exit"] in {10, 11}

    def renamed(found: dict[str, bytes]) -> dict[str, bytes]:
        changed = hiding(index)(found)
        return {name.replace("0-20", "0-19"): data for name, data in changed.items()}

    report = told(tmp_path, Export(a_log(), files=renamed).make())
    assert (report["exit"], report["index"]) == (11, 19)

    def narrowed(manifest: dict[str, Any]) -> dict[str, Any]:
        return manifest | {"range": [0, 19], "right": ["0" * 64]}

    assert told(tmp_path, Export(a_log(), files=renamed, manifest=narrowed).make())["exit"] == 10


@pytest.mark.parametrize("left", [0, 8, 19])
def test_last_entries_that_the_exporter_leaves_out_beside_all_hashes_are_missed(left: int, tmp_path: Path) -> None:
    def change(found: dict[str, bytes]) -> dict[str, bytes]:
        return found | {"entries/0-20": tiles.bundle(a_log_entries(found)[:left])}

    report = told(tmp_path, Export(Log(entries=[*LOG.entries], sealed=LOG.sealed), files=change).make())
    assert (report["exit"], report["index"]) == (11, left)


def test_an_entry_more_than_the_name_of_its_file_says_is_found(tmp_path: Path) -> None:
    def change(found: dict[str, bytes]) -> dict[str, bytes]:
        return found | {"entries/0-20": found["entries/0-20"] + tiles.bundle([b"one more"])}

    report = told(tmp_path, Export(LOG, files=change).make())
    assert (report["exit"], report["file"]) == (10, "entries/0-20")


@pytest.mark.parametrize("gap", [0, 8, 16])
def test_a_chunk_that_the_exporter_leaves_out_is_missed(gap: int, tmp_path: Path) -> None:
    def change(found: dict[str, bytes]) -> dict[str, bytes]:
        return {name: data for name, data in found.items() if f"/{gap}-" not in name}

    report = told(tmp_path, Export(a_log(), step=8, files=change).make())
    assert (report["exit"], report["index"]) == (11, gap)


@pytest.mark.parametrize("kind", ["hashes", "payloads", "checkpoint"])
def test_a_kind_of_file_that_the_exporter_leaves_out_is_missed(kind: str, tmp_path: Path) -> None:
    def change(found: dict[str, bytes]) -> dict[str, bytes]:
        return {name: data for name, data in found.items() if not name.startswith(kind)}

    assert told(tmp_path, Export(a_log(), files=change).make())["exit"] == 11


@pytest.mark.parametrize(
    "change",
    [
        {"format": "bailiwick-export/v2"}, {"origin": "somewhere"}, {"origin": 5}, {"range": [0, 21]},
        {"range": [0]}, {"range": [20, 0]}, {"range": ["0", "20"]}, {"range": [False, 20]}, {"size": 21},
        {"size": "20"},
        {"size": 0}, {"size": 2**53 - 1}, {"root": "0" * 64}, {"root": "0"}, {"left": ["0" * 64]}, {"right": [5]},
        {"left": None}, {"previous": {}}, {"previous": {"size": 3, "root": "0" * 64, "proof": []}}, {"about": None},
        {"previous": {"size": 3, "root": "0" * 64, "proof": "0"}}, {"files": []}, {"files": None}, {"files": [5]},
        {"files": [{"name": "checkpoint"}]}, {"id": None}, {"more": 1},
    ],
)  # fmt: skip
def test_a_signed_manifest_that_is_not_as_the_format_says_does_not_pass(change: dict[str, Any], tmp_path: Path) -> None:
    report = told(tmp_path, Export(a_log(), manifest=lambda manifest: manifest | change).make())
    assert report["exit"] in {10, 11, 14}


@pytest.mark.parametrize("field", sorted(json.loads(unpacked(Export(a_log()).make())["manifest.json"])))
def test_a_signed_manifest_without_a_field_does_not_pass(field: str, tmp_path: Path) -> None:
    def change(manifest: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in manifest.items() if name != field}

    assert told(tmp_path, Export(a_log(), manifest=change).make())["exit"] == 10


def test_a_file_of_no_known_kind_does_not_pass_though_it_is_signed(tmp_path: Path) -> None:
    report = told(tmp_path, Export(a_log(), more={"notes.txt": b"read me"}).make())
    assert (report["exit"], report["file"]) == (10, "notes.txt")


# ---- what zip archives can be made to do ----


def zipped(**options: Any) -> bytes:
    """The export's files in another zip archive."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", options.pop("compression", zipfile.ZIP_STORED)) as made:
        made.comment = options.pop("comment", b"")
        for name, data in files().items():
            info = ZipInfo(name)
            for field, value in options.items():
                setattr(info, field, value)
            made.writestr(info, data, made.compression)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "options",
    [
        {"compression": ZIP_DEFLATED}, {"comment": b"hello"}, {"extra": struct.pack("<2H2s", 0x7075, 2, b"ab")},
        {"date_time": (2026, 11, 24, 0, 0, 0)}, {"external_attr": 0o120777 << 16}, {"create_system": 0},
        {"internal_attr": 1},
    ],
)  # fmt: skip
def test_an_archive_that_is_laid_out_in_another_way_does_not_pass(options: dict[str, Any], tmp_path: Path) -> None:
    assert zipped() == an_export()
    assert told(tmp_path, zipped(**options))["exit"] == 10


def test_nothing_before_between_or_behind_the_files_passes(tmp_path: Path) -> None:
    bundle = an_export()
    directory = bundle.index(b"PK\1\2")
    for changed in (b"\0" + bundle, bundle + b"\0", bundle + bundle, bundle[:directory] + b"\0" + bundle[directory:]):
        assert told(tmp_path, changed)["exit"] in {10, 11}


@pytest.mark.parametrize("name", ["entries/2-9", "checkpoint", "manifest.sig", "views/report.html"])
def test_a_crc_that_is_wrong_in_both_headers_does_not_pass(name: str, tmp_path: Path) -> None:
    """A byte of the archive like others, though every content is what it was."""
    crc = struct.pack("<L", zlib.crc32(files()[name]))
    assert an_export().count(crc) == 2
    wrong = an_export().replace(crc, flipped(crc, 0, 1))
    report = told(tmp_path, wrong)
    assert (report["exit"], report["file"]) == (10, name)


def test_a_name_twice_does_not_pass(tmp_path: Path) -> None:
    """Readers differ in which of the two they take."""
    buffer = BytesIO()
    with ZipFile(buffer, "w") as made:
        for name, data in [*files().items(), ("checkpoint", files()["checkpoint"])]:
            if name in made.namelist():
                with pytest.warns(UserWarning, match="Duplicate"):
                    made.writestr(ZipInfo(name), data)
            else:
                made.writestr(ZipInfo(name), data)
    report = told(tmp_path, buffer.getvalue())
    assert (report["exit"], report["file"]) == (10, "checkpoint")


def test_a_directory_of_other_files_than_those_that_are_there_does_not_pass(tmp_path: Path) -> None:
    """What a reader of the directory sees is what a reader of the files sees."""
    bundle = an_export()
    directory = bundle.index(b"PK\1\2")
    renamed = bundle[:directory] + bundle[directory:].replace(b"views/report.html", b"views/REPORT.html")
    assert told(tmp_path, renamed)["exit"] == 10


def test_a_header_that_claims_a_huge_file_costs_nothing(tmp_path: Path) -> None:
    """Nothing is unpacked, and small files are bounded before they are read."""
    claimed = struct.pack("<2L", 0xFFFFFFF0, 0xFFFFFFF0)
    bundle = an_export()[:18] + claimed + an_export()[26:]
    assert told(tmp_path, bundle)["exit"] in {10, 11}
    large = files() | {"manifest.sig": b"x" * 5000}
    report = told(tmp_path, archive(large))
    assert (report["exit"], "larger" in report["message"]) == (10, True)


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"hello, I am no archive at all, I am only text", b"PK\5\6" + bytes(18)]
)
def test_what_is_no_archive_is_not_verified(content: bytes, tmp_path: Path) -> None:
    assert told(tmp_path, content)["exit"] in {10, 11}


def test_archives_beyond_two_gigabytes_and_65535_files_are_read_as_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python writes 64-bit forms from a limit on; here both sides have a limit of 2,000 bytes instead of 2 GiB."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 2000)
    monkeypatch.setattr(verifier, "LIMIT", 2000)
    small = {name: data[:1] for name, data in files().items()}
    many_files = {f"views/{number}": b"x" for number in range(66_000)}
    for content in (small | {"views/a": b"x" * 1999, "views/b": b"y"}, many_files):
        found = verifier.Archive(BytesIO(archive(content)))
        assert {name: b"".join(found.stream(name)) for name in list(content)[:20]} == dict(list(content.items())[:20])
        assert list(found.members) == list(content)
