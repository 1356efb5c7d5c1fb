"""Rows of the rooms, for tests of what is read: no part but the database has anything to do with them."""

import os
import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

import catalogue.actions
from catalogue.models import Environment
from gateways import blobs
from identity.models import Project, User
from runs.models import Blob, Execution, File, Run
from runs.states import DONE, FINISHED, ExecutionState, RunState

LIMITS = {"wall_seconds": 60, "open_executions": 8}


def make_environment(name: str = "python") -> Environment:
    """An environment whose image has one package, built-in 1.5."""
    return catalogue.actions.register_environment(
        {
            "name": name,
            "digest": f"sha256:{uuid.uuid4().hex}{uuid.uuid4().hex}",
            "python_version": "3.11",
            "platform": "x86_64-manylinux_2_36",
            "languages": ["python", "sql", "bash"],
            "sbom": [{"package": "built-in", "version": "1.5", "hash": f"sha256:{'1' * 64}", "kind": "wheel"}],
        }
    )


def make_blob(size: int = 8) -> Blob:
    """A content that is nowhere."""
    name = uuid.uuid4().hex
    return Blob.objects.create(
        name=f"{name[:2]}/{name}", wrapped_key=b"key", size=size, sha256=os.urandom(32), salt=os.urandom(32)
    )


def make_file(project: Project, owner: User, name: str = "data.csv", size: int = 8) -> File:
    """A file of a project."""
    return File.objects.create(project=project, owner=owner, name=name, blob=make_blob(size))


def kept(content: bytes) -> Blob:
    """A content that lies in the store."""
    sealed = blobs.write([content])
    return Blob.objects.create(
        name=sealed.name, wrapped_key=sealed.wrapped_key, size=sealed.size, sha256=sealed.sha256, salt=os.urandom(32)
    )


def make_run(project: Project, owner: User, state: RunState = RunState.CLOSED, **fields: Any) -> Run:
    """A run in that state, whole enough for the table's constraints."""
    now = timezone.now()
    wanted: dict[str, Any] = {
        "project": project,
        "owner": owner,
        "caller_kind": "person",
        "purpose": "a test",
        "environment": "python",
        "image_digest": "sha256:" + "0" * 64,
        "limits": LIMITS,
        "state": state,
        "decision_outcome": "allow",
        "handle": f"{uuid.uuid4()}" if state in (RunState.READY, RunState.EXECUTING) else None,
        "ended_at": now if state in FINISHED else None,
        "ended_code": state if state in FINISHED else "",
        "deadline_at": None if state in FINISHED else now + timedelta(hours=1),
    }
    return Run.objects.create(**(wanted | fields))


def make_cell(run: Run, number: int, state: ExecutionState = ExecutionState.SUCCEEDED, **fields: Any) -> Execution:
    """A cell of a run."""
    now = timezone.now()
    wanted: dict[str, Any] = {
        "run": run,
        "number": number,
        "language": "python",
        "code": make_blob(),
        "origin_kind": "person",
        "state": state,
        "epoch": None if state == ExecutionState.QUEUED else 1,
        "started_at": None if state == ExecutionState.QUEUED else now,
        "ended_at": now if state in DONE else None,
    }
    return Execution.objects.create(**(wanted | fields))
