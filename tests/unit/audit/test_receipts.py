"""The verifier on receipts: what it says of good ones, and that no bad one is verified, whoever signed it.

Taken out once, one at a time, to see these tests fail: the comparison of each entry's subject, of its tenant, of the
code that was started with the code that was asked for, of the decision's id, of the order, of the openings, the one
checkpoint for all proofs, the inclusion proofs, and the words that the form prescribes.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import receipt as writer
from audit import verifier
from audit.notes import VerifierKey
from audit.signing import LocalSigner, signed_note
from audit.witness import Cosigner
from tests.unit.audit.bundles import BASE, EXPORTER, ORIGIN, SIGNER, Log, a_commitment, key_lines, meta_proof
from tests.unit.audit.receipts import ARTIFACT, CODE, CONTENTS, INPUT, OUTPUTS, RUN, Made, envelope_of, story
from tests.unit.audit.verifying import kept

BAD = {10, 11, 12, 13, 14}


def told(folder: Path, receipt: bytes, *words: str, keys: str | None = None, policy: str | None = None) -> Any:
    """The report on a receipt."""
    command = ["receipt", kept(folder, "receipt", receipt), *words]
    command += ["--key", kept(folder, "keys", (key_lines() if keys is None else keys).encode())]
    command += [] if policy is None else ["--witness-policy", kept(folder, "policy", policy.encode())]
    found = verifier.run(verifier.arguments(command))
    assert found.keys() == verifier.report(0).keys()
    verifier.as_text(found)
    return found


RECEIPT = Made().make()


def test_a_good_one_tells_the_story_and_what_it_does_not_prove(tmp_path: Path) -> None:
    files = {"code.py": CODE, "in.csv": INPUT, "outputs": OUTPUTS, "out.bin": ARTIFACT}
    paths = {name: kept(tmp_path, name, data) for name, data in files.items()}
    words = ["--code", paths["code.py"], "--input", paths["in.csv"], "--output", paths["outputs"], paths["out.bin"]]
    found = told(tmp_path, RECEIPT, *words)
    assert (found["exit"], found["log"], found["size"]) == (0, ORIGIN, 8), found
    its = found["receipt"]
    assert (its["run"], its["execution"], its["closed"]) == (RUN, 1, 1)
    assert [each["is"] for each in its["files"]] == ["code", "file:0", "outputs", "artifact:0"]
    assert {name: entry["index"] for name, entry in its["entries"].items()} == {
        "run": 1, "sandbox": 2, "decision": 3, "request": 4, "start": 5, "outcome": 6,
    }  # fmt: skip
    text = verifier.as_text(found)
    assert "This does not prove:\n- that what the sandbox reported is true" in text
    assert "code.py is code" in text


def test_what_the_platform_wrote_does_nothing_to_a_terminal(tmp_path: Path) -> None:
    entries = _told("outcome", outcome="\u001b[2Jsucceeded", facts={"ended": "a\u202eb\nVERIFIED"})
    text = verifier.as_text(told(tmp_path, Made(entries).make()))
    assert "outcome: ?[2Jsucceeded" in text
    assert "ended a?b?VERIFIED" in text


def test_the_words_of_writer_and_verifier_are_the_same() -> None:
    assert (verifier.RECEIPT, verifier.PROVES, verifier.RECEIPT_NOT_PROVED) == (
        writer.FORMAT, writer.PROVES, writer.DOES_NOT_PROVE,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("option", "content", "closed", "status"),
    [
        ("--code", b"print(2)", frozenset[tuple[str, str]](), 10),
        ("--code", CODE, frozenset({("request", "code"), ("start", "code")}), 11),
        ("--input", CODE, frozenset[tuple[str, str]](), 10),
        ("--output", INPUT, frozenset[tuple[str, str]](), 10),
        ("--output", ARTIFACT, frozenset({("outcome", "artifact:0")}), 11),
    ],
)
def test_a_file_that_is_not_what_it_is_said_to_be(
    tmp_path: Path, option: str, content: bytes, closed: frozenset[tuple[str, str]], status: int
) -> None:
    path = kept(tmp_path, "file", content)
    found = told(tmp_path, Made(closed=closed).make(), option, path)
    assert (found["exit"], found["file"], found["log"]) == (status, path, ORIGIN), found


def test_files_that_are_not_there_are_a_matter_of_usage(tmp_path: Path) -> None:
    assert told(tmp_path, RECEIPT, "--code", str(tmp_path / "none"))["exit"] == 2


def test_another_execution_of_the_run_is_not_of_this_code(tmp_path: Path) -> None:
    other = Made(story(2, b"print(2)"), closed=frozenset({("request", "code"), ("start", "code")}))
    code = kept(tmp_path, "code.py", CODE)
    renumbered = Made(other.told, other.closed, envelope=lambda told: told | {"execution": 2}).make()
    assert told(tmp_path, renumbered)["exit"] == 0
    assert told(tmp_path, renumbered, "--code", code)["exit"] == 11
    # Under this one's number it is none at all.
    assert told(tmp_path, other.make())["exit"] == 10


def test_one_that_never_ran_has_neither_sandbox_nor_start(tmp_path: Path) -> None:
    ended = story() | {"outcome": {"event": "runs:execution:ended", "subject": f"run:{RUN}/execution:1"}}
    short = {name: entry for name, entry in ended.items() if name not in ("sandbox", "start")}
    assert (
        told(tmp_path, Made(short, frozenset({("outcome", "outputs"), ("outcome", "artifact:0")})).make())["exit"] == 0
    )
    finished = {name: entry for name, entry in story().items() if name not in ("sandbox", "start")}
    assert told(tmp_path, Made(finished).make())["exit"] == 10


def _told(part: str, **changed: Any) -> dict[str, Any]:
    """The story with one entry changed before it was logged: the platform itself gone wrong."""
    found = story()
    found[part] |= changed
    return found


OTHER_RUN = f"run:{RUN[:-1]}0"


@pytest.mark.parametrize(
    "entries",
    [
        _told("run", subject=OTHER_RUN),
        _told("sandbox", subject=OTHER_RUN),
        _told("decision", subject=OTHER_RUN),
        _told("request", subject=f"run:{RUN}/execution:2"),
        _told("start", subject=f"run:{RUN}"),
        _told("outcome", subject=f"run:{RUN}/execution:11"),
        _told("outcome", tenant=None),
        _told("outcome", event="runs:execution:started"),
        _told("outcome", event="runs:run:requested"),
        _told("start", commitments={"code": a_commitment(b"print(2)", "code")}),
        _told("start", facts={"decision": "d2"}),
        _told("decision", facts={"decision": "d2"}),
        _told("outcome", commitments={"outputs": a_commitment(b"else", "outputs"), "artifact:0": "00" * 32}),
        _told("outcome", commitments=[]),
        _told("sandbox", facts=None),
        {name: story()[name] for name in ("run", "sandbox", "request", "start", "decision", "outcome")},
        {name: story()[name] for name in ("run", "sandbox", "decision", "request", "outcome", "start")},
        {name: story()[name] for name in ("run", "sandbox", "decision", "outcome", "request", "start")},
        {name: entry for name, entry in story().items() if name != "run"},
        {name: entry for name, entry in story().items() if name != "decision"},
        {name: entry for name, entry in story().items() if name != "sandbox"},
    ],
)
def test_entries_that_do_not_belong_together_are_no_receipt(tmp_path: Path, entries: dict[str, Any]) -> None:
    assert told(tmp_path, Made(entries).make())["exit"] in BAD


def test_they_belong_no_better_together_where_nothing_is_opened(tmp_path: Path) -> None:
    other = _told("start", commitments={"code": a_commitment(b"print(2)", "code")})
    assert told(tmp_path, Made(other, frozenset(CONTENTS)).make())["exit"] == 10
    assert told(tmp_path, Made(story(), frozenset(CONTENTS)).make())["exit"] == 0
    ended = {"event": "runs:execution:ended", "subject": f"run:{RUN}/execution:1"}
    early = {name: story()[name] for name in ("run", "decision")} | {"outcome": ended, "request": story()["request"]}
    assert told(tmp_path, Made(early, frozenset(CONTENTS)).make())["exit"] == 10


def _less(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda told: {key: value for key, value in told.items() if key != name}


def _swapped(told: dict[str, Any]) -> dict[str, Any]:
    proofs = told["proofs"]
    return told | {"proofs": proofs | {"request": proofs["start"], "start": proofs["request"]}}


def _moved(told: dict[str, Any]) -> dict[str, Any]:
    """An index that is not the entry's."""
    proofs = told["proofs"]
    return told | {"proofs": proofs | {"outcome": proofs["outcome"].replace("index 6", "index 7")}}


def _unlike(told: dict[str, Any]) -> dict[str, Any]:
    """One of the proofs leads to a checkpoint of its own."""
    log = Log()
    log.add()
    proofs = told["proofs"]
    head = proofs["outcome"].partition("\n\n")[0]
    return told | {"proofs": proofs | {"outcome": f"{head}\n\n{log.checkpoint().decode()}"}}


def _more_signatures(told: dict[str, Any]) -> dict[str, Any]:
    """A line below one of the checkpoints that means nothing to anybody."""
    proofs = told["proofs"]
    return told | {"proofs": proofs | {"outcome": proofs["outcome"] + "\u2014 nobody AAAA\n"}}


@pytest.mark.parametrize(
    "envelope",
    [
        *(_less(name) for name in envelope_of(RECEIPT)),
        lambda told: told | {"more": 1},
        lambda told: told | {"execution": 2},
        lambda told: told | {"execution": True},
        lambda told: told | {"run": f"{RUN[:-1]}0"},
        lambda told: told | {"run": None},
        lambda told: told | {"proves": ["that the code was right"]},
        lambda told: told | {"does_not_prove": []},
        lambda told: told | {"openings": told["openings"][::-1]},
        lambda told: told | {"openings": told["openings"] + told["openings"][-1:]},
        lambda told: told | {"openings": [told["openings"][0] | {"sha256": "00" * 32}]},
        lambda told: told | {"openings": [told["openings"][0] | {"commitment": "none"}]},
        lambda told: told | {"openings": [told["openings"][0] | {"part": "none"}]},
        lambda told: told | {"openings": [1]},
        lambda told: told | {"openings": None},
        lambda told: told | {"proofs": told["proofs"] | {"more": told["proofs"]["run"]}},
        lambda told: told | {"proofs": told["proofs"] | {"run": 1}},
        lambda told: told | {"meta": told["proofs"]["run"]},
        lambda told: told | {"meta": 1},
        _swapped,
        _moved,
        _unlike,
        _more_signatures,
    ],
)
def test_an_exporter_gone_wrong_makes_no_receipt(
    tmp_path: Path, envelope: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    assert told(tmp_path, Made(envelope=envelope).make())["exit"] in BAD


def test_only_the_exports_key_of_its_own_installation_signs_it(tmp_path: Path) -> None:
    stranger = LocalSigner(bytes(range(2, 34)))
    assert told(tmp_path, Made(exporter=stranger).make())["exit"] == 14
    assert told(tmp_path, Made(exporter_name="log.example.org/other/exports").make())["exit"] == 14
    other = str(VerifierKey("log.example.org/other/exports", EXPORTER.public))
    misnamed = Made(exporter_name="log.example.org/other/exports").make()
    assert told(tmp_path, misnamed, keys=f"{key_lines()}{other}\n")["exit"] == 10
    assert told(tmp_path, Made(exporter=SIGNER, exporter_name=ORIGIN).make())["exit"] == 14
    assert told(tmp_path, RECEIPT, keys=key_lines("log.example.org/bailiwick/platform"))["exit"] == 14


def test_other_notes_of_the_exporter_are_no_receipts(tmp_path: Path) -> None:
    for text in ("bailiwick-export/v1\nAAAA\n", "bailiwick-receipt/v1\n{}\n", "bailiwick-receipt/v1\n"):
        assert told(tmp_path, signed_note(text, f"{BASE}/exports", EXPORTER))["exit"] == 10
    assert told(tmp_path, Made(text=lambda text: text + "more\n").make())["exit"] == 10
    assert told(tmp_path, Made(text=lambda text: text.replace('":', '": ', 1)).make())["exit"] == 10
    assert told(tmp_path, RECEIPT + "\u2014 nobody AAAA\n".encode())["exit"] == 10
    assert told(tmp_path, b"")["exit"] == 10


def test_witnesses_vouch_for_it_through_the_meta_log(tmp_path: Path) -> None:
    witness, other = (Cosigner(f"witness.example/w{n}", bytes(range(n, 32 + n))) for n in range(2))
    policy = f"witness w0 {witness.vkey}\nquorum w0\n"

    def with_meta(*cosigners: Cosigner) -> bytes:
        cosign = [partial(each.line, at=1_800_000_000) for each in cosigners]
        meta = Log(f"{BASE}/meta", [b"an earlier head"])
        return Made(meta=lambda log: meta_proof(log, meta, cosign).decode()).make()

    good = told(tmp_path, with_meta(witness), policy=policy)
    assert (good["exit"], good["witnesses"]) == (0, [{"name": "witness.example/w0", "time": 1_800_000_000}]), good
    for bad in (with_meta(), with_meta(other), RECEIPT):
        assert told(tmp_path, bad, policy=policy)["exit"] == 14
    another = Log(f"{BASE}/platform")
    another.add()
    meta = Log(f"{BASE}/meta", [b"an earlier head"])
    assert told(tmp_path, Made(meta=lambda log: meta_proof(another, meta).decode()).make())["exit"] == 10


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_byte_of_it_can_be_changed(data: st.DataObject) -> None:
    receipt = bytearray(RECEIPT)
    at = data.draw(st.integers(0, len(receipt) - 1))
    receipt[at] ^= data.draw(st.integers(1, 255))
    keys = [verifier.Key.parse(line, verifier.PLAIN) for line in key_lines().split("\n")[2:-1]]
    with pytest.raises((verifier.Finding, verifier.Located)):
        verifier.verify_receipt(bytes(receipt), keys, None, verifier.Contents())
