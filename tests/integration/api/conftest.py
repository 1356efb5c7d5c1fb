"""What the tests of the doors share: one analyst at work, and everybody else."""

from collections.abc import Iterator

import pytest

from tests.integration.runs.cast import Cast
from tests.stack import Stack
from tests.work import Work


@pytest.fixture
def work(stack: Stack) -> Iterator[Work]:
    """The demo's analyst."""
    with Work(stack) as work:
        yield work


@pytest.fixture
def cast(stack: Stack) -> Cast:
    """Everybody, by name."""
    return Cast(stack)
