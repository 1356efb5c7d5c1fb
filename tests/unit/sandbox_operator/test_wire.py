"""What the daemon and its workers say survives the wire, errors included."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest

from sandbox_operator import errors
from sandbox_operator.errors import Fate, OperatorError
from sandbox_operator.local import wire
from sandbox_operator.protocol import Claim, Hole, ProbeReport, SandboxStatus
from sandbox_operator.spec import DEFAULT_LIMITS, Handle, SandboxSpec

HANDLE = Handle.make("local", "s1")
REPORT = ProbeReport("full", 9, True, (Hole("dns", "example.com", "resolved"),), 1.5)


def over(value: object) -> dict[str, object]:
    packed: dict[str, object] = json.loads(json.dumps(value))
    return packed


def test_values_survive() -> None:
    spec = SandboxSpec(uuid4(), "python", "sha256:x", DEFAULT_LIMITS, 5.0, Path("/p"))
    assert wire.unpack_spec(over(wire.pack_spec(spec))) == spec
    claim = Claim(HANDLE, "sha256:x", True, REPORT, "v1", ("a",), ("b",))
    assert wire.unpack_claim(over(wire.pack_claim(claim))) == claim
    status = SandboxStatus(HANDLE, uuid4(), "claimed", 1.0, 2.0)
    assert wire.unpack_status(over(wire.pack_status(status))) == status


@pytest.mark.parametrize(
    "error",
    [
        errors.PoolFull("full"),
        errors.BackendUnavailable("down"),
        errors.ImageUnknown("none"),
        errors.SessionBusy("busy"),
        errors.Fenced("old"),
        errors.RequestRefused("disk_full", "no space"),
        errors.SandboxLost(Fate.OUT_OF_MEMORY, "detail"),
        errors.ContainmentFailed(REPORT),
    ],
)
def test_errors_survive(error: OperatorError) -> None:
    back = wire.unpack_error(over(wire.pack_error(error)))
    assert (type(back), back.code, str(back), vars(back)) == (type(error), error.code, str(error), vars(error))


def test_an_unknown_error_is_a_backend_that_fails() -> None:
    assert isinstance(wire.unpack_error({"code": "strange"}), errors.BackendUnavailable)
