"""Questions to policy that the default rules answer with an allow."""

from typing import Any

_ASKER: dict[str, Any] = {
    "project": {"id": "6d6d", "slug": "fraud", "classification": "internal"},
    "person": {"pseudonym": "ab12", "roles": ["analyst"]},
    "caller": {"kind": "person", "model": None},
    "now": "2026-01-01T00:00:00Z",
}

ABOUT_RUN: dict[str, Any] = {
    **_ASKER,
    "purpose": "monthly figures",
    "environment": {"name": "python", "digest": "sha256:00"},
    "packages": [{"name": "humanize", "version": "4.9.0", "requested": True}],
    "packages_stage": "asked",
    "connectors": [],
    "limits": {
        "cpu_cores": 1,
        "memory_bytes": 1 << 30,
        "processes": 128,
        "disk_bytes": 1 << 30,
        "wall_seconds": 60,
        "life_seconds": 3600,
        "idle_seconds": 600,
        "output_bytes": 1 << 20,
        "output_artifact_bytes": 64 << 20,
        "artifact_count": 100,
        "artifact_bytes": 256 << 20,
        "open_executions": 8,
    },
    "files": [{"size": 1000}],
    "language": None,
}

ABOUT_EXECUTION: dict[str, Any] = {
    **_ASKER,
    "run": {"id": "7e7e", "environment": "python", "purpose": "monthly figures"},
    "language": "python",
    "origin": {"kind": "person", "model": None},
    "code": {
        "bytes": 4,
        "lines": 1,
        "analysis": {"parsed": True, "imports": [], "subprocess": False, "dynamic_code": False},
    },
}

ABOUT_RELEASE: dict[str, Any] = {
    **_ASKER,
    "audience": "console",
    "what": "outputs",
    "media_types": ["text/plain"],
    "bytes": 100,
    "run": {"id": "7e7e"},
}
