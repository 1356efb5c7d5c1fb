"""Entries as views see them."""

from typing import Any

from audit.reading import Counts, Filter, Seen
from audit.viewing import Told

ADA = "a" * 64


def entry(event: str = "runs:run:requested", index: int = 0, **more: Any) -> Seen:
    """An entry, with whatever of its header a test wants otherwise."""
    fields, opened = more.pop("fields", {}), more.pop("opened", {})
    header = {
        "actor": ADA, "commitments": {}, "event": event, "facts": {}, "id": f"00000000-0000-4000-8000-{index:012d}",
        "outcome": "ok", "recorded_at": "2026-01-31T09:30:00.250000Z",
        "sealed": {name: {"key": "k"} for name in fields},
        "subject": "run:1", "tenant": "6f7c2a52-3f5e-4d8b-8ad8-6a3a0e1f1c11", "version": 1,
    } | more  # fmt: skip
    return Seen(index, header, "ab" * 32, True, fields, opened)


def told(*entries: Seen, chosen: Filter = Filter()) -> Told:  # noqa: B008 - it is frozen
    """The bundle that they are of."""
    counts = Counts()
    for one in entries:
        counts.take(one)
    return Told(
        export="0d9c4c1e-6b0f-4c5c-9a55-54a1a0a3f6b1",
        asked_at="2026-02-01T08:00:00.000000Z",
        project="6f7c2a52-3f5e-4d8b-8ad8-6a3a0e1f1c11",
        origin="log.example.org/bailiwick/project/6f7c2a52-3f5e-4d8b-8ad8-6a3a0e1f1c11",
        first=0,
        end=len(entries),
        size=max(1, len(entries)),
        root="cd" * 32,
        filter=chosen,
        counts=counts,
    )
