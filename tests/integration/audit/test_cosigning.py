"""The meta-log's checkpoints cosigned by real witnesses, and exports that show it.

Taken out once, one at a time, to see these tests fail: the check of the witness's answer, and the second try after 409.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from audit import standing, tree
from audit.sequencer.cosigning import Cosigning, NotCosigned, Remote, Witnesses
from audit.sequencer.store import Store
from audit.verifier import Key
from audit.waiting import NotSigned, until_cosigned
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


def ask(witnesses: Witnesses) -> None:
    with as_role("sequencer") as connection:
        cosigning, store = Cosigning({}, BASE, witnesses), Store(connection, BASE)
        cosigning.begin(store)
        cosigning.ask(store)


def standing_of(witness: Running) -> tuple[Any, ...]:
    with as_role("reader") as reader:
        found: tuple[Any, ...] | None = reader.execute(
            "SELECT configured, state, reason FROM audit_witness WHERE name = %s", [witness.cosigner.key.name]
        ).fetchone()
    assert found is not None
    return found


def project_head() -> tree.Head:
    head = tree.head_of(PROJECT)
    assert head is not None
    return head


def test_an_export_shows_the_witnesses_that_its_auditor_asks_for(witnesses: list[Running], tmp_path: Path) -> None:
    policy = policy_of(tmp_path, witnesses)
    remotes = Witnesses.read(policy)
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
        ask(Witnesses.read(policy_of(tmp_path, witnesses)))
    with as_role("reader") as reader:
        assert reader.execute("SELECT count(*) FROM audit_cosignature").fetchone() == (4,)


def test_a_second_history_is_not_cosigned(witnesses: list[Running], tmp_path: Path) -> None:
    """The operator, with database and signing key, begins anew: the witness does not go along."""
    append(3, PROJECT)
    run_once(tmp_path / "kept")
    ask(Witnesses.read(policy_of(tmp_path, witnesses)))
    with as_role("owner") as owner:
        owner.execute(
            b"TRUNCATE audit_entry, audit_payload, audit_leaf, audit_tile, audit_checkpoint, audit_log CASCADE"
        )
    for _ in range(3):
        append(5, PROJECT)
        run_once(tmp_path / "second")
    ask(Witnesses.read(policy_of(tmp_path, witnesses)))
    with as_role("reader") as reader:
        assert reader.execute("SELECT count(*) FROM audit_cosignature").fetchone() == (0,)
    assert standing_of(witnesses[0])[:2] == (True, "refusing")
    assert "2 witnesses refuse" in standing.standing().trouble
    assert not tree.is_cosigned(project_head())


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


def test_evidence_waits_until_enough_witnesses_went_along(witnesses: list[Running], tmp_path: Path) -> None:
    """Taken out: the policy's part of `enough`; one witness of two was then enough."""
    append(2, PROJECT)
    run_once(tmp_path / "kept")
    # Nobody is asked yet.
    until_cosigned(project_head(), 0)
    policy = Witnesses.read(policy_of(tmp_path, witnesses))
    first, _ = policy.remotes
    ask(Witnesses(policy.policy, [first]))
    with pytest.raises(NotSigned, match="no cosigned"):
        until_cosigned(project_head(), 0.2)
    ask(policy)
    until_cosigned(project_head(), 0)
    append(1, PROJECT)
    run_once(tmp_path / "kept")
    with pytest.raises(NotSigned):
        until_cosigned(project_head(), 0)
    # A later checkpoint of the meta-log covers it as well.
    append(1)
    run_once(tmp_path / "kept")
    ask(policy)
    until_cosigned(project_head(), 0)


def test_a_witness_that_is_silent_for_long_is_an_alarm(witnesses: list[Running], tmp_path: Path) -> None:
    policy = Witnesses.read(policy_of(tmp_path, witnesses))
    away = Remote(witnesses[1].cosigner.vkey, "http://127.0.0.1:9")
    append(1, PROJECT)
    run_once(tmp_path / "kept")
    ask(Witnesses(policy.policy, [policy.remotes[0], away]))
    assert standing_of(witnesses[0])[:2] == (True, "ok")
    assert standing_of(witnesses[1]) == (True, "silent", "ConnectionRefusedError")
    assert standing.standing().trouble == ""
    with as_role("owner") as owner:
        owner.execute(b"UPDATE audit_witness SET since = now() - interval '2 minutes' WHERE state = 'silent'")
    # Asked in vain again, it has been silent since the first time.
    ask(Witnesses(policy.policy, [policy.remotes[0], away]))
    assert "not answered for 12" in standing.standing().trouble
    ask(policy)
    assert (standing_of(witnesses[1]), standing.standing().trouble) == ((True, "ok", ""), "")
    ask(Witnesses())
    assert standing_of(witnesses[1])[0] is False


def test_a_witness_that_cannot_keep_its_state_is_not_taken_for_one_that_refuses(
    witnesses: list[Running], tmp_path: Path
) -> None:
    append(1, PROJECT)
    run_once(tmp_path / "kept")
    witnesses[0].witness.add_checkpoint = lambda body: Answer(500, "full\n")  # type: ignore[method-assign]
    ask(Witnesses.read(policy_of(tmp_path, witnesses)))
    assert standing_of(witnesses[0]) == (True, "silent", "it answered 500")


@pytest.mark.parametrize("url", ["ftp://witness.example", "witness.example", "http://", "http://witness.example/?x"])
def test_an_address_that_is_none_is_refused(url: str, witnesses: list[Running]) -> None:
    with pytest.raises(ValueError, match="address"):
        Remote(witnesses[0].cosigner.vkey, url)


@pytest.mark.parametrize("role", ["app", "reader"])
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_cosignature (checkpoint, witness, line) VALUES (1, 'w', 'x')",
        "INSERT INTO audit_cosigned (checkpoint) VALUES (1)",
        "INSERT INTO audit_witness (name) VALUES ('w')",
        "DELETE FROM audit_cosignature",
        "DELETE FROM audit_cosigned",
        "DELETE FROM audit_witness",
        "UPDATE audit_cosignature SET line = 'x'",
        "UPDATE audit_cosigned SET at = now()",
        "UPDATE audit_witness SET name = 'x'",
    ],
)
def test_only_the_sequencer_adds_cosignatures(role: str, statement: str) -> None:
    assert refused(role, statement)
    assert statement.startswith("INSERT") or refused("sequencer", statement)
