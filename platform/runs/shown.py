"""Runs and executions as the doors show them. Pure but for the contents that it opens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from gateways import blobs
from runs import queries
from runs.actions.releasing import Release
from runs.models import Artifact, Blob, Execution, File, Run
from runs.outputs import narrowed

if TYPE_CHECKING:
    from identity.models import User

WITHHELD = "withhold_media_types"


def content(blob: Blob | None) -> bytes | None:
    """A small content, whole; None where there is none or it was erased."""
    if blob is None or blob.wrapped_key is None:
        return None
    return b"".join(blobs.read(blob.name, bytes(blob.wrapped_key)))


def file(one: File) -> dict[str, Any]:
    """A file of a project."""
    return {
        "id": one.id,
        "name": one.name,
        "size": one.blob.size,
        "sha256": bytes(one.blob.sha256).hex(),
        "created_at": one.created_at,
    }


def owner(person: User) -> dict[str, Any]:
    """A person, as others of the project know them."""
    return {"id": person.pk, "name": person.display_name or person.username}


def run(one: Run, positions: Mapping[UUID, int] | None = None) -> dict[str, Any]:
    """A run, without its contents; `positions` are the queue's places where they are known already."""
    queries.fetch_parts([one])
    plain = ("id", "state", "state_since", "purpose", "packages", "connectors", "limits", "sandbox")
    times = ("created_at", "started_at", "expires_at", "deadline_at", "ended_at")
    return {
        **{name: getattr(one, name) for name in plain + times},
        "project": one.project_id,
        "project_name": one.project.name,
        "owner": owner(one.owner),
        "requested_by": one.caller_kind,
        "environment": {"name": one.environment, "digest": one.image_digest},
        "closure": [f"{pin['name']}=={pin['version']}" for pin in one.closure_pins],
        "files": [file(each) for each in one.files.all()],
        "decision": {
            "id": one.decision_id,
            "outcome": one.decision_outcome,
            "revision": one.decision_revision,
            "reasons": one.decision_reasons,
        },
        "queue_position": queries.queue_position(one) if positions is None else positions.get(one.id),
        "executions": [
            {"number": cell.number, "language": cell.language, "state": cell.state} for cell in one.executions.all()
        ],
        "usage": _used(one.executions.all()),
        "ending": ending(one),
    }


def _used(cells: Iterable[Execution]) -> dict[str, float | int | None]:
    wall = [cell.wall_seconds for cell in cells if cell.wall_seconds is not None]
    cpu = [cell.cpu_seconds for cell in cells if cell.cpu_seconds is not None]
    peak = [cell.peak_memory_bytes for cell in cells if cell.peak_memory_bytes is not None]
    return {
        "wall_seconds": sum(wall) if wall else None,
        "cpu_seconds": sum(cpu) if cpu else None,
        "peak_memory_bytes": max(peak, default=None),
    }


def usage(one: Execution) -> dict[str, float | int | None]:
    """What a cell used."""
    return {name: getattr(one, name) for name in ("wall_seconds", "cpu_seconds", "peak_memory_bytes")}


def cell(one: Execution) -> dict[str, Any]:
    """An execution without anything of its contents."""
    plain = ("number", "language", "state", "truncated", "created_at", "started_at", "ended_at")
    return {
        **{name: getattr(one, name) for name in plain},
        "origin": {"kind": one.origin_kind, "model": one.origin_model, "corrects": one.corrects},
        "usage": usage(one),
        "ending": ending(one),
    }


def ending(one: Run | Execution) -> dict[str, str] | None:
    """Why it ended; None while it has not."""
    if one.ended_at is None:
        return None
    return {"code": one.ended_code, "message": one.ended_message, "remedy": one.ended_remedy}


def artifact(one: Artifact) -> dict[str, Any]:
    """A file that an execution left."""
    return {
        "name": one.name,
        "size": one.blob.size,
        "sha256": bytes(one.blob.sha256).hex(),
        "media_type": one.media_type,
    }


def stored_outputs(one: Execution) -> list[dict[str, Any]]:
    """All outputs as they are kept; no release was asked for."""
    stored = content(one.outputs)
    return orjson.loads(stored) if stored else []


def outputs(one: Execution, release: Release | None) -> list[dict[str, Any]]:
    """The outputs that a release lets pass."""
    if release is None or not release.allowed:
        return []
    return narrowed(stored_outputs(one), frozenset(release.obligations.get(WITHHELD, [])))


def execution(one: Execution, release: Release | None) -> dict[str, Any]:
    """An execution with the outputs that a release lets pass; code and prompt go with the outputs."""
    open_to_reader = release is None or release.allowed
    prompt = content(one.prompt) if open_to_reader else None
    code = content(one.code) if open_to_reader else None
    plain = ("number", "language", "state", "truncated", "created_at", "started_at", "ended_at")
    return {
        **{name: getattr(one, name) for name in plain},
        "code": code.decode() if code is not None else None,
        "origin": {
            "kind": one.origin_kind,
            "model": one.origin_model,
            "prompt": prompt.decode() if prompt is not None else None,
            "corrects": one.corrects,
        },
        "outputs": outputs(one, release),
        "artifacts": [artifact(each) for each in one.artifacts.all()] if open_to_reader else [],
        "skipped_artifacts": one.skipped_artifacts if open_to_reader else [],
        "usage": usage(one),
        "ending": ending(one),
        "release": released(release),
    }


def released(release: Release | None) -> dict[str, Any] | None:
    """Policy's word on a release; None where nothing was there to release."""
    if release is None:
        return None
    return {
        "outcome": release.outcome,
        "decision": release.decision,
        "revision": release.revision,
        "reasons": [vars(reason) for reason in release.reasons],
    }
