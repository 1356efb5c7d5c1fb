"""What a worker and the daemon say to each other: one JSON object a line, over a Unix socket of mode 0600."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from sandbox_operator import errors
from sandbox_operator.errors import Fate, OperatorError
from sandbox_operator.protocol import BackendHealth, Claim, Hole, ProbeReport, SandboxStatus, Usage
from sandbox_operator.spec import Handle, Limits, SandboxSpec

MAX_LINE = 256 << 10

SIMPLE_ERRORS: dict[str, type[OperatorError]] = {
    kind.code: kind
    for kind in (errors.BackendUnavailable, errors.ImageUnknown, errors.SessionBusy, errors.Fenced, errors.PoolFull)
}


def pack(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def unpack(line: bytes) -> dict[str, Any]:
    """Raises ValueError for anything but one JSON object."""
    value = json.loads(line)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def pack_spec(spec: SandboxSpec) -> dict[str, Any]:
    value = asdict(spec)
    return value | {"run_id": str(spec.run_id), "packages": None if spec.packages is None else str(spec.packages)}


def unpack_spec(value: dict[str, Any]) -> SandboxSpec:
    packages = value["packages"]
    return SandboxSpec(
        run_id=UUID(value["run_id"]),
        environment=value["environment"],
        image_digest=value["image_digest"],
        limits=Limits(**value["limits"]),
        expires_at=float(value["expires_at"]),
        packages=None if packages is None else Path(packages),
    )


def pack_report(report: ProbeReport) -> dict[str, Any]:
    return asdict(report)


def unpack_report(value: dict[str, Any]) -> ProbeReport:
    holes = tuple(Hole(**hole) for hole in value["holes"])
    return ProbeReport(value["kind"], value["checks"], value["complete"], holes, value["milliseconds"])


def pack_claim(claim: Claim) -> dict[str, Any]:
    return asdict(claim) | {"handle": str(claim.handle)}


def unpack_claim(value: dict[str, Any]) -> Claim:
    changes = {
        "handle": Handle.parse(value["handle"]),
        "probe": unpack_report(value["probe"]),
        "enforced": tuple(value["enforced"]),
        "not_enforced": tuple(value["not_enforced"]),
    }
    return Claim(**(value | changes))


def pack_status(status: SandboxStatus) -> dict[str, Any]:
    return asdict(status) | {
        "handle": str(status.handle),
        "run_id": None if status.run_id is None else str(status.run_id),
    }


def unpack_status(value: dict[str, Any]) -> SandboxStatus:
    run_id = None if value["run_id"] is None else UUID(value["run_id"])
    return SandboxStatus(**(value | {"handle": Handle.parse(value["handle"]), "run_id": run_id}))


def unpack_usage(value: dict[str, Any]) -> Usage:
    return Usage(**value)


def unpack_health(value: dict[str, Any]) -> BackendHealth:
    lists = {key: tuple(value[key]) for key in ("enforced", "not_enforced")}
    return BackendHealth(**(value | lists))


def pack_error(error: OperatorError) -> dict[str, Any]:
    value: dict[str, Any] = {"code": error.code, "message": str(error)}
    if isinstance(error, errors.SandboxLost):
        value |= {"kind": "lost", "fate": error.fate.value, "message": error.detail}
    elif isinstance(error, errors.ContainmentFailed):
        value |= {"kind": "containment", "report": pack_report(error.report)}
    elif isinstance(error, errors.RequestRefused):
        value |= {"kind": "refused"}
    return value


def unpack_error(value: dict[str, Any]) -> OperatorError:
    kind, code, message = value.get("kind"), str(value.get("code")), str(value.get("message"))
    if kind == "lost":
        return errors.SandboxLost(Fate(value["fate"]), message)
    if kind == "containment":
        return errors.ContainmentFailed(unpack_report(value["report"]))
    if kind == "refused":
        return errors.RequestRefused(code, message)
    return SIMPLE_ERRORS.get(code, errors.BackendUnavailable)(message)
