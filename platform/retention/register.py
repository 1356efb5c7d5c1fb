"""Erasures as files beside the database, so that a restored backup can be told who was erased since it was made.

One file an erasure, written whole, synced, then given its name. It says pseudonyms and nothing that names anybody.
"""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

import orjson

from config.environment import settings


@dataclass(frozen=True)
class Registered:
    """What a restored database must be told."""

    id: UUID
    person: str
    reason: str
    keys: list[str]


def folder() -> Path:
    """Where they lie."""
    return settings().var / "erasures"


def keep(one: Registered) -> None:
    """Write it down; twice changes nothing."""
    there = folder()
    there.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = there / f".{one.id}"
    with temporary.open("wb") as file:
        file.write(orjson.dumps(asdict(one)))
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(there / f"{one.id}.json")
    descriptor = os.open(there, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def all_of(there: Path) -> Iterator[Registered]:
    """Everything that was written down there."""
    for path in sorted(there.glob("*.json")):
        told = orjson.loads(path.read_bytes())
        yield Registered(UUID(told["id"]), told["person"], told["reason"], told["keys"])
