"""The witness against published requests, and against every log that would have it cosign what is no continuation.

Taken out once, one at a time, to see these tests fail: the log's signature, the old size, the proof, the comparison of
roots at one size, keeping before signing, the lock, the mark of the state's folder.
"""

import base64
import contextlib
import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import merkle, verifier, witness
from audit.notes import VerifierKey
from audit.signing import LocalSigner
from audit.verifier import COSIGNATURE, Finding, Key, Note
from audit.witness import Answer, Cosigner, State, Witness
from tests.unit.audit.bundles import BASE, ORIGIN, SIGNER, Log, a_log

# Requests and the log's key of litewitness (filippo.io/torchwood, internal/witness/witness_test.go), a log of Sigsum's.
THEIRS = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
THEIR_KEY = VerifierKey(THEIRS, bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f"))
ONE = f"""{THEIRS}
1
KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

— {THEIRS} UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=
"""
THREE = f"""{THEIRS}
3
RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=

— {THEIRS} UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=
"""
FIVE = f"""{THEIRS}
5
QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=

— {THEIRS} UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=
"""
ONE_TO_THREE = """old 1
KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

"""
ONE_TO_FIVE = """old 1
KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=
KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

"""
THREE_TO_FIVE = """old 3
KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
KgMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
wgiIFdZfYNv6WU1OllBKsWnLYIS/DBMqt8Uh/S4OukE=
KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

"""
# A checkpoint of a public log, with the cosignature and the verifier key of a public witness.
PUBLIC = """arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
"""  # noqa: E501
REMORA = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"

COSIGNER = Cosigner("witness.example/w1", bytes(range(7, 39)))
LOGS = [Key(key.name, 1, key.public) for key in (THEIR_KEY, VerifierKey(ORIGIN, SIGNER.public))]
NOW = 1_800_000_000


@contextlib.contextmanager
def working(folder: Path, *, init: bool = False) -> Iterator[Witness]:
    state = State(folder, COSIGNER.vkey, init=init)
    try:
        yield Witness(COSIGNER, LOGS, state, lambda: NOW)
    finally:
        state.close()


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Witness]:
    with working(tmp_path / "state", init=True) as found:
        yield found


def body(old: int, proof: list[bytes], note: bytes) -> bytes:
    lines = "".join(f"{base64.b64encode(each).decode()}\n" for each in proof)
    return f"old {old}\n{lines}\n".encode() + note


def asked(log: Log, old: int, size: int, signer: LocalSigner = SIGNER) -> bytes:
    proof = merkle.consistency_proof(old, size, log.subtrees()) if old else []
    return body(old, proof, log.checkpoint(size, signer))


def cosigned(answer: Answer, note: bytes) -> bool:
    """Whether the answer is a good cosignature of this checkpoint, as an auditor's verifier sees it."""
    assert answer.status == 200, answer
    found = Note(note + answer.body.encode(), "it").signers([COSIGNER.key])
    return found == {COSIGNER.key: NOW}


# ---- published ----


def test_the_cosignature_of_a_public_witness_is_read_as_specified() -> None:
    key = Key.parse(REMORA, COSIGNATURE)
    assert Note(PUBLIC.encode(), "it").signers([key]) == {key: 0x6A122120}
    changed = PUBLIC.replace("1432088532", "1432088533")
    with pytest.raises(Finding):
        Note(changed.encode(), "it").signers([key])
    with pytest.raises(ValueError):
        Key.parse(REMORA, verifier.PLAIN)


def test_published_requests_get_the_published_answers(one: Witness) -> None:
    assert cosigned(one.add_checkpoint(f"old 0\n\n{ONE}".encode()), ONE.encode())
    wrong_signature = (ONE_TO_THREE + THREE).replace("x6go=", "x6gs=").encode()
    assert one.add_checkpoint(wrong_signature).status == 403
    other_log = (ONE_TO_THREE + THREE).replace("0309e562", "0309e561").encode()
    assert one.add_checkpoint(other_log).status == 404
    assert one.add_checkpoint(f"old 1\n\n{THREE}".encode()).status == 422
    wrong_proof = (ONE_TO_THREE + THREE).replace("KgIAAAAA", "KgIAAAAB").encode()
    assert one.add_checkpoint(wrong_proof).status == 422
    assert cosigned(one.add_checkpoint((ONE_TO_THREE + THREE).encode()), THREE.encode())
    answer = one.add_checkpoint((ONE_TO_FIVE + FIVE).encode())
    assert answer == Answer(409, "3\n", "text/x.tlog.size")
    assert cosigned(one.add_checkpoint((THREE_TO_FIVE + FIVE).encode()), FIVE.encode())
    too_many = b"old 0\n" + b"KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 64 + f"\n{ONE}".encode()
    assert one.add_checkpoint(too_many).status == 400


# ---- attacks ----


def test_a_log_that_grows_is_cosigned_at_every_size(one: Witness) -> None:
    log, last = a_log(), 0
    for size in (1, 2, 3, 7, 8, 13, 20):
        assert cosigned(one.add_checkpoint(asked(log, last, size)), log.checkpoint(size))
        last = size
    again = one.add_checkpoint(asked(log, 20, 20))
    assert cosigned(again, log.checkpoint(20)), "the same once more is no harm"


def test_what_is_no_continuation_is_not_cosigned(one: Witness, tmp_path: Path) -> None:
    log, other = a_log(), a_log()
    assert one.add_checkpoint(asked(log, 0, 13)).status == 200
    attacks = {
        "rollback": (asked(log, 0, 7), 409),
        "rollback that admits the size": (body(13, [], log.checkpoint(7)), 400),
        "replay of the first": (asked(log, 0, 13), 409),
        "wrong old size": (asked(log, 12, 20), 409),
        "larger old size than there is": (asked(log, 14, 20), 409),
        "fork": (asked(other, 13, 20), 422),
        "fork at the same size": (asked(other, 13, 13), 409),
        "no proof": (body(13, [], log.checkpoint(20)), 422),
        "proof for other sizes": (body(13, merkle.consistency_proof(12, 20, log.subtrees()), log.checkpoint(20)), 422),
        "a proof where none belongs": (body(13, [bytes(32)], log.checkpoint(13)), 422),
        "another key": (asked(log, 13, 20, LocalSigner(bytes(32))), 403),
        "another log": (asked(Log(f"{BASE}/platform", log.entries), 13, 20), 404),
    }
    for name, (request, status) in attacks.items():
        answer = one.add_checkpoint(request)
        assert (answer.status, "—" in answer.body) == (status, False), name
        if status == 409:
            assert answer == Answer(409, "13\n", "text/x.tlog.size"), name
    assert one.add_checkpoint(asked(log, 13, 20)).status == 200, "none of it moved the witness"
    # What proves the fork is kept.
    (evidence,) = (tmp_path / "state").glob("fork-*")
    assert evidence.read_bytes() == other.checkpoint(13)


@pytest.mark.parametrize(
    "request_body",
    [b"", b"old 0", b"old 0\n", b"old 0\n\n", b"old -1\n\nx\n", b"old 01\n\nx\n", b"new 0\n\nx\n",
     b"old 0\nAAAA\n\nx\n",
     b"old 0\n!\n\nx\n", b"old 0\r\n\r\nx\r\n", b"old 0\n\nlog\n1\n", b"old " + b"9" * 30 + b"\n\nx\n",
     b"\xff\n\n\xff"],
)  # fmt: skip
def test_a_request_that_is_none_is_a_bad_request(request_body: bytes, one: Witness) -> None:
    assert one.add_checkpoint(request_body).status == 400


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.integers(1, 255))
def test_no_changed_byte_of_a_request_moves_the_witness_elsewhere(
    tmp_path: Path, data: st.DataObject, change: int
) -> None:
    """It may be answered when the byte is another's signature, which is ignored; never with another tree."""
    log = a_log()
    folder = tmp_path / f"state-{time.monotonic_ns()}"
    request = asked(log, 0, 20)
    at = data.draw(st.integers(0, len(request) - 1))
    with working(folder, init=True) as one:
        answer = one.add_checkpoint(request[:at] + bytes([request[at] ^ change]) + request[at + 1 :])
        assert answer.status in (400, 403, 404, 409, 422)
        assert State.last(one._state, ORIGIN).size == 0


def test_extension_lines_are_cosigned_with_the_rest(one: Witness) -> None:
    head = a_log().head()
    text = f"{head.text}an extension\n"
    note = witness_note(text)
    answer = one.add_checkpoint(body(0, [], note))
    assert cosigned(answer, note)


def witness_note(text: str) -> bytes:
    from audit.signing import signed_note

    return signed_note(text, ORIGIN, SIGNER)


@pytest.mark.parametrize(
    ("old", "size", "root", "proof", "status"),
    [(0, 0, witness.EMPTY, [], 200), (0, 0, bytes(32), [], 422), (0, 0, witness.EMPTY, [bytes(32)], 422),
     (0, 1, bytes(32), [], 200), (0, 1, bytes(32), [bytes(32)], 422), (1, 0, witness.EMPTY, [], 400)],
)  # fmt: skip
def test_trees_of_size_zero(old: int, size: int, root: bytes, proof: list[bytes], status: int, one: Witness) -> None:
    """As litewitness's TestZeroSize has it."""
    note = witness_note(f"{ORIGIN}\n{size}\n{base64.b64encode(root).decode()}\n")
    for _ in range(2 if size == 0 else 1):
        assert one.add_checkpoint(body(old, proof, note)).status == status


# ---- its memory ----


def test_it_remembers_across_restarts(tmp_path: Path) -> None:
    log, other = a_log(), a_log()
    with working(tmp_path / "state", init=True) as one:
        assert one.add_checkpoint(asked(log, 0, 13)).status == 200
    with working(tmp_path / "state") as one:
        assert one.add_checkpoint(asked(other, 0, 13)).status == 409
        assert one.add_checkpoint(asked(log, 13, 20)).status == 200


def test_a_folder_that_is_lost_foreign_or_in_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError), working(tmp_path / "state"):
        pass
    with working(tmp_path / "state", init=True):
        with pytest.raises(OSError), working(tmp_path / "state", init=True):
            pass
        with pytest.raises(ValueError, match="works"), working(tmp_path / "state"):
            pass
    with pytest.raises(ValueError, match="another"):
        State(tmp_path / "state", Cosigner("witness.example/w2", bytes(32)).vkey, init=False)


def test_nothing_is_cosigned_before_it_is_kept(one: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError("no space")

    log = a_log()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError):
            one.add_checkpoint(asked(log, 0, 13))
    assert one.add_checkpoint(asked(log, 0, 7)).status == 200, "it had not moved"


def test_a_kept_checkpoint_that_cannot_be_read_is_no_fresh_start(one: Witness, tmp_path: Path) -> None:
    log = a_log()
    one.add_checkpoint(asked(log, 0, 13))
    (kept,) = (tmp_path / "state").glob("log-*")
    kept.write_bytes(b"")
    with pytest.raises(Finding):
        one.add_checkpoint(asked(a_log(), 0, 13))


def test_of_two_at_once_from_one_size_only_one_is_cosigned(one: Witness) -> None:
    """The race that the specification describes: a shorter tree must not overwrite a longer one."""
    log = a_log()
    one.add_checkpoint(asked(log, 0, 5))
    requests = [asked(log, 5, size) for size in range(6, 21)]
    with ThreadPoolExecutor(15) as pool:
        statuses = [answer.status for answer in pool.map(one.add_checkpoint, requests)]
    assert sorted(statuses) == [200] + [409] * 14
    assert one._state.last(ORIGIN).size == 6 + statuses.index(200)


# ---- the program ----


def started(folder: Path, *words: str) -> subprocess.Popen[str]:
    """The witness as its operator starts it, from a folder that holds its two files and nothing else."""
    place = folder / "elsewhere" / "audit"
    if not place.exists():
        place.mkdir(parents=True)
        # Without it, this environment's own `audit` would be imported; elsewhere there is none.
        (place / "__init__.py").touch()
        for module in (verifier, witness):
            path = Path(str(module.__file__))
            (place / path.name).write_bytes(path.read_bytes())
        (folder / "seed").write_text(bytes(range(7, 39)).hex())
        (folder / "seed").chmod(0o600)
        (folder / "logs").write_text(f"{VerifierKey(ORIGIN, SIGNER.public)}\n")
    command = [sys.executable, "-m", "audit.witness", "--name", COSIGNER.key.name, "--key", str(folder / "seed")]
    command += ["--logs", str(folder / "logs"), "--state", str(folder / "state"), "--listen", "127.0.0.1:0", *words]
    environment = {"PATH": os.environ["PATH"]}
    return subprocess.Popen(
        command, cwd=place.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def port_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == f"{COSIGNER.vkey}\n"
    return int(process.stderr.readline().rpartition('"port": ')[2].rstrip("}\n"))


def ended(process: subprocess.Popen[str]) -> int:
    process.terminate()
    process.communicate(timeout=20)
    return process.returncode


def posted(port: int, data: bytes, path: str = "/add-checkpoint") -> tuple[int, str, bytes]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("POST", path, data)
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()


def test_the_program_serves_add_checkpoint_and_stops_when_told(tmp_path: Path) -> None:
    log = a_log()
    process = started(tmp_path, "--init")
    try:
        port = port_of(process)
        status, _, line = posted(port, asked(log, 0, 13))
        signed = Note(log.checkpoint(13) + line, "it").signers([COSIGNER.key])
        assert (status, abs(signed[COSIGNER.key] - time.time()) < 60) == (200, True)
        assert posted(port, asked(log, 0, 20)) == (409, "text/x.tlog.size", b"13\n")
        assert posted(port, b"x", "/other")[0] == 404
        assert posted(port, b"x" * 300_000)[0] == 413
    finally:
        assert ended(process) == 0


def test_a_seed_that_others_can_read_is_refused(tmp_path: Path) -> None:
    process = started(tmp_path, "--init")
    port_of(process)
    ended(process)
    (tmp_path / "seed").chmod(0o644)
    process = started(tmp_path)
    try:
        said = process.communicate(timeout=10)[1]
    finally:
        process.kill()
    assert (said.count("readable"), process.returncode) == (1, 78)


def test_killed_at_any_moment_it_never_cosigns_a_fork(tmp_path: Path) -> None:
    """kill -9 while two histories are sent to it: whatever was answered is of one history."""
    log, other = a_log(), a_log()
    answered: list[tuple[Log, int]] = []

    def send(history: Log, size: int) -> None:
        for old in {0, size - 1, *(last for _, last in answered[-1:])}:
            if old <= size and posted(port, asked(history, old, size))[0] == 200:
                answered.extend([(history, size)])

    for attempt in range(20):
        process = started(tmp_path, *(["--init"] if attempt == 0 else []))
        port = port_of(process)
        kill = threading.Timer(0.02 * attempt + 0.01, process.kill)
        kill.start()
        with contextlib.suppress(OSError, http.client.HTTPException):
            for size in range(1, 21):
                for history in (log, other) if attempt % 2 else (other, log):
                    send(history, size)
        kill.join()
        process.communicate(timeout=20)
    assert answered
    assert len({id(history) for history, _ in answered}) == 1
