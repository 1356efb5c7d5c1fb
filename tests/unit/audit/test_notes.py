"""Notes and checkpoints, against the specification's own example and against everything that is nearly one."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.notes import BadNote, Checkpoint, VerifierKey, open_note, proof_file
from audit.signing import LocalSigner, signed_note

SIGNER = LocalSigner(bytes(range(32)))
KEY = VerifierKey("example.com/log", SIGNER.public)
HEAD = Checkpoint("example.com/log", 7, bytes(32))
NOTE = signed_note(HEAD.text, HEAD.origin, SIGNER)

# Go's golang.org/x/mod/sumdb/note, its documented example.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_of_another_implementation_opens() -> None:
    key = VerifierKey.parse(GO_KEY)
    assert str(key) == GO_KEY
    assert open_note(GO_NOTE.encode(), [key]).startswith("If you think")


def test_a_checkpoint_opens_and_says_what_was_signed() -> None:
    assert Checkpoint.open(NOTE, [KEY]) == HEAD
    assert VerifierKey.parse(str(KEY)) == KEY


def test_signatures_by_others_are_ignored_and_wrong_ones_by_the_known_are_not() -> None:
    other = LocalSigner(bytes(32))
    theirs = signed_note(HEAD.text, "witness.example", other).rpartition(b"\n\n")[2]
    assert Checkpoint.open(NOTE + theirs, [KEY]) == HEAD
    with pytest.raises(BadNote, match="no signature by a known key"):
        Checkpoint.open(HEAD.text.encode() + b"\n" + theirs, [KEY])
    wrong = base64.b64encode(KEY.key_id + bytes(64)).decode()
    with pytest.raises(BadNote, match="is wrong"):
        open_note(NOTE + f"— {KEY.name} {wrong}\n".encode(), [KEY])


def test_the_key_of_another_log_opens_no_checkpoint() -> None:
    """One key signs all logs, each under its own name: a note of one log is none of another."""
    elsewhere = VerifierKey("example.com/other", SIGNER.public)
    forged = signed_note(HEAD.text, elsewhere.name, SIGNER)
    with pytest.raises(BadNote):
        Checkpoint.open(forged, [KEY, elsewhere])


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(NOTE) - 1), st.integers(1, 255))
def test_no_changed_byte_passes(at: int, change: int) -> None:
    changed = NOTE[:at] + bytes([NOTE[at] ^ change]) + NOTE[at + 1 :]
    with pytest.raises(BadNote):
        Checkpoint.open(changed, [KEY])


@pytest.mark.parametrize("cut", range(0, len(NOTE), 7))
def test_no_cut_note_passes(cut: int) -> None:
    with pytest.raises(BadNote):
        Checkpoint.open(NOTE[:cut], [KEY])


@pytest.mark.parametrize(
    "text",
    ["", "o\n", "o\n1\n", "o\n01\nAAAA\n", "o\n-1\n" + "A" * 43 + "=\n", "\n1\n" + "A" * 43 + "=\n",
     "o\n1\n" + "A" * 43 + "=\nextension\n", "o\n1\n" + "A" * 42 + "B=\n", "o\n1\n" + "A" * 43 + "="],
)  # fmt: skip
def test_nothing_else_is_a_checkpoint(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "text", ["", "name", "name+00000000+", f"name+00000000+{base64.b64encode(b'x' * 33).decode()}", GO_KEY[:-1] + "X"]
)
def test_nothing_else_is_a_verifier_key(text: str) -> None:
    with pytest.raises(ValueError):
        VerifierKey.parse(text)


def test_a_proof_file_is_laid_out_as_specified() -> None:
    lines = proof_file(b"entry", 3, [bytes(32)], NOTE).decode().split("\n")
    assert lines[:5] == ["c2sp.org/tlog-proof@v1", "extra ZW50cnk=", "index 3", "A" * 43 + "=", ""]
    assert "\n".join(lines[5:]).encode() == NOTE
