"""What OpenBao could answer that is no signature: none of it gets out."""

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from audit.signing import LocalSigner, SignerUnavailable, WrongKey
from audit.transit import HTTPTransit, TransitSigner

KEY, OTHER = LocalSigner(bytes(range(32))), LocalSigner(bytes(32))
TEXT = b"log.example/x\n1\nAA==\n"


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Engine:
    """Answers as it is told."""

    def __init__(self) -> None:
        self.key: dict[str, Any] = {
            "type": "ed25519",
            "latest_version": 2,
            "keys": {"1": {"public_key": encoded(OTHER.public)}, "2": {"public_key": encoded(KEY.public)}},
        }
        self.signed: Any = {"signature": f"vault:v2:{encoded(KEY.sign(TEXT))}"}
        self.asked: list[tuple[str, str, Mapping[str, Any] | None]] = []

    def __call__(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        self.asked.append((method, path, body))
        return self.key if method == "GET" else self.signed


def test_it_asks_for_the_version_that_it_saw() -> None:
    engine = Engine()
    signer = TransitSigner(engine, "log/of ours")
    signer.look()
    signer.look()
    assert (signer.public, signer.sign(TEXT)) == (KEY.public, KEY.sign(TEXT))
    assert engine.asked == [
        ("GET", "keys/log%2Fof%20ours", None),
        ("POST", "sign/log%2Fof%20ours", {"input": encoded(TEXT), "key_version": 2}),
    ]


@pytest.mark.parametrize(
    "signed",
    [
        {},
        {"signature": None},
        {"signature": "vault:v2:"},
        {"signature": encoded(KEY.sign(TEXT))},
        {"signature": f"vault:v1:{encoded(KEY.sign(TEXT))}"},
        {"signature": f"vault:v2:{encoded(OTHER.sign(TEXT))}"},
        {"signature": f"vault:v2:{encoded(KEY.sign(TEXT + b'x'))}"},
        {"signature": f"vault:v2:{encoded(KEY.sign(TEXT))}\n"},
        {"signature": f"vault:v2:{encoded(bytes(64))}"},
    ],
)
def test_what_is_no_signature_of_the_text_by_that_version_does_not_get_out(signed: dict[str, Any]) -> None:
    """Taken out for a try: the verification; a signature by another key then went into a checkpoint."""
    engine = Engine()
    signer = TransitSigner(engine, "log")
    signer.look()
    engine.signed = signed
    with pytest.raises(SignerUnavailable):
        signer.sign(TEXT)
    # The next look is a real one.
    signer.look()
    assert [method for method, *_ in engine.asked] == ["GET", "POST", "GET"]


@pytest.mark.parametrize("name", ["type", "latest_version", "keys"])
def test_a_key_that_is_not_told_whole_is_none(name: str) -> None:
    engine = Engine()
    del engine.key[name]
    signer = TransitSigner(engine, "log")
    with pytest.raises(SignerUnavailable):
        signer.look()
    with pytest.raises(SignerUnavailable):
        signer.sign(TEXT)


@pytest.mark.parametrize("wrong", [{"type": "rsa-2048"}, {"type": "ecdsa-p256"}, {"derived": True}])
def test_a_key_of_another_kind_is_refused(wrong: dict[str, Any]) -> None:
    engine = Engine()
    engine.key |= wrong
    with pytest.raises(WrongKey):
        TransitSigner(engine, "log").look()


@pytest.mark.parametrize("address", ["ftp://bao.example", "bao.example", "https://", "https://bao.example/?x"])
def test_an_address_that_is_none_is_refused(address: str, tmp_path: Any) -> None:
    with pytest.raises(ValueError, match="address"):
        HTTPTransit(address, tmp_path / "token")
