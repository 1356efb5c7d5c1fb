"""Registering environments, resolving and installing packages."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from catalogue.models import Environment, PackageClosure


def register_environment(metadata: Mapping[str, Any]) -> Environment:
    """Record an environment image under its name and digest; the same one again changes nothing."""
    raise NotImplementedError


def resolve(environment: Environment, asked: Sequence[str]) -> PackageClosure:
    """Resolve exact pins to their whole closure with hashes, wheels only; stored, and returned.

    Outside a transaction: it waits for the package index. Raises Refused: `package_not_pinned`, `package_unknown`,
    `package_has_no_wheel`, `packages_conflict`, `package_index_unavailable`, `packages_too_many`.
    """
    raise NotImplementedError


def install(closure: PackageClosure) -> Path | None:
    """Put a closure's wheels, each checked against its hash, into its read-only directory; None if it needs nothing.

    Outside a transaction. Raises Refused: `package_hash_mismatch`, `package_has_no_wheel`, `package_index_unavailable`.
    """
    raise NotImplementedError
