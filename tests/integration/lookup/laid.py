"""Entries as the rooms write them, integrated and laid out, for tests of what is found."""

import hashlib
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connections, transaction

import audit
from audit import Event
from identity.models import Project
from lookup import actions
from tests.integration.audit.sequencing import run_once

TABLES = ("position", "row", "term", "word", "sealing", "content", "seen", "use")
IMAGE, OTHER_IMAGE = (f"sha256:{digit * 64}" for digit in "ab")
REVISION, OTHER_REVISION = (f"sha256:{digit * 64}" for digit in "cd")


def caught_up(folder: Path) -> None:
    """Integrate what was appended, and lay it out."""
    run_once(folder)
    while actions.keep_up():
        pass


def append(event: Event, project: Project, subject: str, **more: Any) -> UUID:
    """One entry in a transaction of its own."""
    with transaction.atomic():
        return audit.append(event, tenant=project.pk, subject=subject, **{"actor": None, **more})


def stored(project: Project, content: str | None = None) -> tuple[UUID, str]:
    """A file that was stored: its id, and the commitment to its content."""
    file, commitment = uuid.uuid4(), content or hashlib.sha256(os.urandom(8)).hexdigest()
    append(Event.RUNS_FILE_STORED, project, f"file:{file}", commitments={"content": commitment})
    return file, commitment


def ran(
    project: Project,
    *,
    packages: tuple[str, ...] = (),
    files: tuple[str, ...] = (),
    image: str = IMAGE,
    revision: str = REVISION,
    executions: int = 1,
    released: tuple[tuple[str, str], ...] = (),
    started: bool = True,
    **more: Any,
) -> UUID:
    """A run from its request to its releases, as the runs room records it."""
    run = uuid.uuid4()
    asked: Mapping[str, Any] = {"image": image, "revision": revision, "packages": list(packages), "reasons": []}
    commitments = {f"file:{number}": each for number, each in enumerate(files)}
    append(
        Event.RUNS_RUN_REQUESTED, project, f"run:{run}", outcome="allow", facts=asked, commitments=commitments, **more
    )
    if started:
        append(Event.RUNS_RUN_STARTED, project, f"run:{run}", facts={"image": image, "warm": True})
        for number in range(1, executions + 1):
            append(
                Event.RUNS_EXECUTION_STARTED,
                project,
                f"run:{run}/execution:{number}",
                facts={"revision": revision, "epoch": number},
            )
    for what, audience in released:
        facts = {"what": what, "audience": audience, "bytes": 3}
        append(Event.RUNS_CONTENT_RELEASED, project, f"run:{run}", outcome="allow", facts=facts, actor="e" * 64)
    return run


def dumped() -> dict[str, list[str]]:
    """Every row of the projection, as text, in order."""
    found = {}
    with connections["default"].cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM lookup_{table} t ORDER BY 1")
            found[table] = [row for (row,) in cursor]
    return found
