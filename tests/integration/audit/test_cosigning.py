"""The meta-log's checkpoints cosigned by real witnesses, and exports that show it.

Taken out once, one at a time, to see these tests fail: the check of the witness's answer, and the second try after 409.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import pytest

from audit import tree
from audit.sequencer.cosigning import Cosigning, NotCosigned, Remote, read_witnesses
from audit.sequencer.store import Store
from audit.verifier import Key
from audit.witness import Answer, Cosigner, State, Witness, server
from tests.integration.audit.exported import export, verify, write_keys
from tests.integration.audit.roles import as_role, refused
from tests.integration.audit.sequencing import BASE, append, key, run_once

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
PROJECT = UUID(int=1)


@dataclass
class Running:
    """A witness that serves."""

    cosigner: Cosigner
    witness: Witness
    serving: ThreadingHTTPServer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.serving.server_port}"


@pytest.fixture
def witnesses(tmp_path: Path) -> Iterator[list[Running]]:
    found = []
    meta = key(f"{BASE}/meta")
    for number in range(2):
        cosigner = Cosigner(f"witness.example/w{number}", bytes(range(number, 32 + number)))
        state = State(tmp_path / f"state{number}", cosigner.vkey, init=True)
        witness = Witness(cosigner, [Key(meta.name, 1, meta.public)], state, time.time)
        serving = server(witness, "127.0.0.1", 0)
        threading.Thread(target=serving.serve_forever).start()
        found.append((Running(cosigner, witness, serving), state))
    yield [running for running, _ in found]
    for running, state in found:
        running.serving.shutdown()
        running.serving.server_close()
        state.close()


def policy_of(folder: Path, witnesses: list[Running]) -> Path:
    lines = [f"witness w{at} {each.cosigner.vkey} {each.url}\n" for at, each in enumerate(witnesses)]
    path = folder / "policy"
    path.write_text("".join(lines) + "group both all w0 w1\nquorum both\n")
    return path


def ask(witnesses: list[Remote]) -> None:
    with as_role("sequencer") as connection:
        Cosigning({}, BASE, witnesses).ask(Store(connection, BASE))


def test_an_export_shows_the_witnesses_that_its_auditor_asks_for(witnesses: list[Running], tmp_path: Path) -> None:
    policy = policy_of(tmp_path, witnesses)
    remotes = read_witnesses(policy)
    # The second round has to prove that it continues the first.
    for _ in range(2):
        append(3, PROJECT)
        run_once(tmp_path / "kept")
        bundle = export(tmp_path / "bundle.zip", PROJECT)
        keys = write_keys(tmp_path / "keys", PROJECT)
        code, told = verify(bundle, "--key", keys, "--witness-policy", policy)
        assert (code, told["result"]) == (14, "untrusted")
        ask(remotes)
        bundle = export(tmp_path / "bundle.zip", PROJECT)
        code, told = verify(bundle, "--key", keys, "--witness-policy", policy)
        assert (code, [each["name"] for each in told["witnesses"]]) == (0, ["witness.example/w0", "witness.example/w1"])
        head = tree.head_of_meta()
        assert head is not None
        assert head.note.count("— witness.example/".encode()) == 2


def test_a_sequencer_that_forgot_the_witness_s_size_is_told_it(witnesses: list[Running], tmp_path: Path) -> None:
    for _ in range(2):
        append(3, PROJECT)
        run_once(tmp_path / "kept")
        ask(read_witnesses(policy_of(tmp_path, witnesses)))
    with as_role("reader") as reader:
        assert reader.execute("SELECT count(*) FROM audit_cosignature").fetchone() == (4,)


def test_a_second_history_is_not_cosigned(witnesses: list[Running], tmp_path: Path) -> None:
    """The operator, with database and signing key, begins anew: the witness does not go along."""
    append(3, PROJECT)
    run_once(tmp_path / "kept")
    ask(read_witnesses(policy_of(tmp_path, witnesses)))
    with as_role("owner") as owner:
        owner.execute(
            b"TRUNCATE audit_entry, audit_payload, audit_leaf, audit_tile, audit_checkpoint, audit_log CASCADE"
        )
    for _ in range(3):
        append(5, PROJECT)
        run_once(tmp_path / "second")
    ask(read_witnesses(policy_of(tmp_path, witnesses)))
    with as_role("reader") as reader:
        assert reader.execute("SELECT count(*) FROM audit_cosignature").fetchone() == (0,)


def test_an_answer_that_is_no_cosignature_by_the_key_is_not_kept(witnesses: list[Running], tmp_path: Path) -> None:
    append(1, PROJECT)
    run_once(tmp_path / "kept")
    head = tree.head_of_meta()
    assert head is not None
    other = Remote(witnesses[1].cosigner.vkey, witnesses[0].url)
    with pytest.raises(NotCosigned, match="no cosignature"):
        other.cosign(head.note, lambda old: [])
    witnesses[0].witness.add_checkpoint = lambda body: Answer(200, "— x\n")  # type: ignore[method-assign]
    with pytest.raises(NotCosigned, match="no cosignature"):
        Remote(witnesses[0].cosigner.vkey, witnesses[0].url).cosign(head.note, lambda old: [])
    with pytest.raises(NotCosigned, match="Refused"):
        Remote(witnesses[0].cosigner.vkey, "http://127.0.0.1:9").cosign(head.note, lambda old: [])


@pytest.mark.parametrize("url", ["ftp://witness.example", "witness.example", "http://", "http://witness.example/?x"])
def test_an_address_that_is_none_is_refused(url: str, witnesses: list[Running]) -> None:
    with pytest.raises(ValueError, match="address"):
        Remote(witnesses[0].cosigner.vkey, url)


@pytest.mark.parametrize("role", ["app", "reader"])
@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO audit_cosignature (checkpoint, witness, line) VALUES (1, 'w', 'x')", "DELETE FROM audit_cosignature",
     "UPDATE audit_cosignature SET line = 'x'"],
)  # fmt: skip
def test_only_the_sequencer_adds_cosignatures(role: str, statement: str) -> None:
    assert refused(role, statement)
    assert statement.startswith("INSERT") or refused("sequencer", statement)
