"""Settings for one test, read anew from a changed environment."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from config.environment import settings


@contextmanager
def configured(**changed: str) -> Iterator[None]:
    """Set BAILIWICK_<NAME> for the time of the block."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in changed.items():
            patch.setenv(f"BAILIWICK_{name.upper()}", value)
        settings.cache_clear()
        try:
            yield
        finally:
            patch.undo()
            settings.cache_clear()
