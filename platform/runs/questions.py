"""What policy is asked about a run, an execution and a release. Pure builders of OPA inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from identity.callers import Caller
from identity.states import TokenKind

if TYPE_CHECKING:
    from identity.models import Project


class Audience(StrEnum):
    """Who would read what leaves: a person's screen, a file of theirs, or a model."""

    CONSOLE = "console"
    DOWNLOAD = "download"
    MODEL = "model"


def audience_of(caller: Caller, otherwise: Audience) -> Audience:
    """A model's token is a model at every door."""
    return Audience.MODEL if caller.kind is TokenKind.MODEL else otherwise


def _asker(project: Project, caller: Caller) -> dict[str, Any]:
    return {
        "project": {"id": str(project.id), "slug": project.slug, "classification": project.classification},
        "person": {"pseudonym": caller.pseudonym, "roles": sorted(caller.roles_in(project.id))},
        "caller": {"kind": caller.kind.value, "model": caller.model_name},
    }


def about_run(
    project: Project,
    caller: Caller,
    *,
    purpose: str,
    environment: Mapping[str, str],
    packages: Iterable[Mapping[str, Any]],
    stage: str,
    connectors: Iterable[str],
    limits: Mapping[str, float],
    file_sizes: Iterable[int],
    language: str | None,
    now: datetime,
) -> dict[str, Any]:
    """The input of `bailiwick.run`; `stage` is "asked" (the names asked for) or "closure" (all that they bring)."""
    return {
        **_asker(project, caller),
        "purpose": purpose,
        "environment": dict(environment),
        "packages": [dict(package) for package in packages],
        "packages_stage": stage,
        "connectors": list(connectors),
        "limits": dict(limits),
        "files": [{"size": size} for size in file_sizes],
        "language": language,
        "now": now.isoformat(),
    }


def about_execution(
    project: Project,
    caller: Caller,
    *,
    run: Mapping[str, str],
    language: str,
    origin: Mapping[str, str | None],
    code: Mapping[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """The input of `bailiwick.execution`. The code itself stays out: policy sees what analysis found in it."""
    return {
        **_asker(project, caller),
        "run": dict(run),
        "language": language,
        "origin": dict(origin),
        "code": dict(code),
        "now": now.isoformat(),
    }


def about_release(
    project: Project,
    caller: Caller,
    *,
    audience: Audience,
    what: str,
    media_types: Iterable[str],
    size: int,
    run_id: UUID | None,
    now: datetime,
) -> dict[str, Any]:
    """The input of `bailiwick.release`, asked at every door before bytes leave."""
    return {
        **_asker(project, caller),
        "audience": audience.value,
        "what": what,
        "media_types": sorted(set(media_types)),
        "bytes": size,
        "run": {"id": str(run_id) if run_id else None},
        "now": now.isoformat(),
    }
