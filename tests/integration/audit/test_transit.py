"""Checkpoints signed by a key in a real OpenBao, whatever becomes of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from audit import standing, tree
from audit.notes import Checkpoint, VerifierKey
from audit.sequencer.kept import Kept
from audit.sequencer.store import Store
from audit.sequencer.work import Sequencer
from audit.signing import SignerUnavailable, WrongKey, signed_note
from audit.transit import HTTPTransit, TransitSigner
from tests.integration.audit.openbao import OpenBao
from tests.integration.audit.roles import as_role
from tests.integration.audit.sequencing import BASE, append

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
PLATFORM = f"{BASE}/platform"


@pytest.fixture
def openbao(tmp_path: Path) -> Iterator[OpenBao]:
    folder = tmp_path / "openbao"
    folder.mkdir()
    server = OpenBao(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.transit.LOOK_EVERY", 0.0)
    monkeypatch.setattr("audit.sequencer.work.AGAIN_AFTER", 0.0)
    monkeypatch.setattr("audit.sequencer.work.SHOWN_EVERY", 0.0)


def make_key(openbao: OpenBao, **more: object) -> TransitSigner:
    openbao.call("POST", "transit/keys/log", {"type": "ed25519", **more})
    return TransitSigner(HTTPTransit(openbao.address, openbao.token_file), "log")


def listed(origin: str) -> list[VerifierKey]:
    return [VerifierKey(origin, public) for public in tree.signing_keys()]


@contextmanager
def sequencer(folder: Path, signer: TransitSigner) -> Iterator[Sequencer]:
    with as_role("sequencer") as connection:
        store = Store(connection, BASE)
        assert store.alone()
        one = Sequencer(store, Kept(folder), signer)
        one.begin()
        yield one


def signed(folder: Path) -> Checkpoint:
    return Checkpoint.open(Kept(folder).read(PLATFORM) or b"", listed(PLATFORM))


def test_a_key_in_openbao_signs_and_rotates(openbao: OpenBao, tmp_path: Path) -> None:
    """Taken out: the listing of a new key before it signs; nobody could then verify its checkpoints."""
    signer = make_key(openbao)
    with sequencer(tmp_path / "kept", signer) as one:
        append(2)
        one.tick()
        first = Kept(tmp_path / "kept").read(PLATFORM) or b""
        assert (signed(tmp_path / "kept").size, one.refusals) == (2, {})
        openbao.call("POST", "transit/keys/log/rotate")
        append(2)
        one.tick()
        old, new = listed(PLATFORM)
        assert Checkpoint.open(Kept(tmp_path / "kept").read(PLATFORM) or b"", [new]).size == 4
        # What the old version signed stays verifiable by the old key, which stays listed.
        assert Checkpoint.open(first, [old]).size == 2
        # Even when OpenBao itself tells of the old version no more.
        openbao.call("POST", "transit/keys/log/config", {"min_decryption_version": 2, "min_encryption_version": 2})
        append(1)
        one.tick()
        assert (signed(tmp_path / "kept").size, len(listed(PLATFORM))) == (5, 2)


def test_a_version_that_may_not_sign_any_more_is_replaced_at_the_next_try(
    openbao: OpenBao, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out: the second look after a refusal; nothing was then signed."""
    monkeypatch.setattr("audit.transit.LOOK_EVERY", 3600.0)
    signer = make_key(openbao)
    signer.look()
    openbao.call("POST", "transit/keys/log/rotate")
    openbao.call("POST", "transit/keys/log/config", {"min_encryption_version": 2})
    with sequencer(tmp_path / "kept", signer) as one:
        append(1)
        one.tick()
        assert "it answered 500" in one.refusals["signer"]
        one.tick()
        assert (one.refusals, signed(tmp_path / "kept").size) == ({}, 1)


def test_without_openbao_entries_wait_the_health_page_says_so_and_signing_goes_on(
    openbao: OpenBao, tmp_path: Path
) -> None:
    signer = make_key(openbao)
    with sequencer(tmp_path / "kept", signer) as one:
        append(1)
        one.tick()
        openbao.call("POST", "transit/keys/log/config", {"exportable": True, "allow_plaintext_backup": True})
        backup = openbao.call("GET", "transit/backup/log")["data"]["backup"]
        openbao.stop()
        append(2)
        one.tick()
        one.tick()
        assert "does not answer" in one.refusals["signer"]
        assert "cannot be used" in standing.standing().trouble
        assert signed(tmp_path / "kept").size == 1
        # They are in the tree all the same.
        with as_role("reader") as reader:
            assert reader.execute("SELECT size FROM audit_log WHERE kind = 'platform'").fetchone() == (3,)
        openbao.start()
        openbao.call("POST", "transit/restore/log", {"backup": backup})
        one.tick()
        one.tick()
        assert (one.refusals, signed(tmp_path / "kept").size) == ({}, 3)
        assert standing.standing().trouble == ""
        assert len(listed(PLATFORM)) == 1


def test_a_sequencer_that_starts_without_openbao_integrates_and_waits(openbao: OpenBao, tmp_path: Path) -> None:
    signer = make_key(openbao)
    openbao.stop()
    append(2)
    with sequencer(tmp_path / "kept", signer) as one:
        one.tick()
        assert list(one.refusals) == ["signer"]
        openbao.start()
        make_key(openbao)
        one.tick()
        assert (one.refusals, signed(tmp_path / "kept").size) == ({}, 2)


@pytest.mark.parametrize(
    "wrong", [{"type": "rsa-2048"}, {"type": "aes256-gcm96"}, {"type": "ecdsa-p256"}, {"derived": True}]
)
def test_a_key_of_another_type_signs_nothing(openbao: OpenBao, tmp_path: Path, wrong: dict[str, object]) -> None:
    """Taken out: the look at the type; it was then taken for a key that cannot be told for now."""
    signer = make_key(openbao, **wrong)
    with pytest.raises(WrongKey, match="ed25519"):
        signer.look()
    with sequencer(tmp_path / "kept", signer) as one:
        append(1)
        one.tick()
        assert "ed25519" in one.refusals["signer"]
    assert Kept(tmp_path / "kept").read(PLATFORM) is None


def test_a_token_that_is_refused_or_gone_is_no_signature(openbao: OpenBao) -> None:
    signer = make_key(openbao)
    signer.look()
    good = openbao.token_file.read_text()
    openbao.token_file.write_text("hunter2")
    with pytest.raises(SignerUnavailable, match="it answered 403") as refusal:
        signer.sign(b"text\n")
    assert "hunter2" not in str(refusal.value)
    openbao.token_file.unlink()
    with pytest.raises(SignerUnavailable, match="FileNotFoundError"):
        signer.look()
    # An agent renews it.
    openbao.token_file.write_text(good)
    signer.look()
    key = VerifierKey("log", signer.public)
    assert key.verifies(b"text\n", signer.sign(b"text\n"))
    assert signed_note("text\n", "log", signer).startswith(b"text\n")
