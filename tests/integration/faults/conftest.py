"""A stack of its own for tests that kill its parts, small enough that its pool and its queue fill up."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.environment import PREFIX
from tests.integration.faults.aftermath import nothing_wrong
from tests.integration.faults.watching import Watching
from tests.stack import Stack
from tools.launch import postgres
from tools.launch.state import State

WARM, MOST, QUEUE = 1, 3, 3
_SIZES = {"BAILIWICK_WARM": WARM, "BAILIWICK_MAX_SANDBOXES": MOST, "BAILIWICK_QUEUE_LENGTH": QUEUE}


@pytest.fixture(scope="session")
def _private() -> Iterator[Stack]:
    state = State.prepare(Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-faults-")))
    state.choose_ports({})
    with pytest.MonkeyPatch.context() as patch:
        for name, size in _SIZES.items():
            patch.setenv(name, str(size))
        stack = Stack(state)
    try:
        stack.start("postgres")
        postgres.create_roles(state)
        yield stack.up()
    finally:
        stack.close()
        shutil.rmtree(state.var, ignore_errors=True)


@pytest.fixture
def faulty(_private: Stack) -> Iterator[Stack]:
    """The stack with every part running; after the test all that must hold after any fault is looked at."""
    stack = _private.up()
    yield stack
    stack.up()
    nothing_wrong(stack)
    with Watching(stack) as work:
        for run_id in work.live():
            work.cancel(run_id)
    nothing_wrong(stack, idle=True)


@pytest.fixture
def work(faulty: Stack) -> Iterator[Watching]:
    """The analyst's requests to it."""
    with Watching(faulty) as work:
        yield work
