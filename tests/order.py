"""A pytest plugin: the files' order, in which the sides of a parallel run end together.

A side takes the next file whenever it is through with one, so a long one must not come last. What shares a browser or a
stack of its own stays together: each is started once for its folder. The cluster's tests are one side's alone: so much
of the machine as a cluster takes is not there twice. Nor do they run beside a browser: Chromium drops every request
when a network device comes or goes (ERR_NETWORK_CHANGED), and a cluster brings some.
"""

import fcntl
import tempfile
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any, TextIO

import pytest
from xdist.scheduler import LoadFileScheduling

# What takes none of the time comes last, and the faults' stack, which stays once it is there, just before; within each
# folder the files with most tests first. The browser's come late enough that no side waits for the cluster's.
FOLDERS = (
    "tests/cluster/",
    "tests/unit/console/",
    "tests/integration/sandbox_operator/",
    "tests/integration/runs/",
    "tests/functional/",
    "tests/integration/",
    "tests/integration/faults/",
    "",
)
TOGETHER = FOLDERS[0]
BROWSER = "tests/functional/"


class Sides(LoadFileScheduling):  # type: ignore[misc]
    """A file at a time to each side, but the cluster's folder as if it were one file."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sides | None:
    """How `--dist loadfile` deals the tests out here."""
    return Sides(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the files; the tests of a file stay in their order."""
    tests = Counter(_file(item) for item in items)

    def place(item: pytest.Item) -> tuple[int, int, str]:
        file = _file(item)
        folder = max((len(name), at) for at, name in enumerate(FOLDERS) if file.startswith(name))[1]
        return folder, -tests[file], file

    items.sort(key=place)


_held: TextIO | None = None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, Any, Any]:
    """Take turns with whoever must not run beside this test. Outside of its time limit."""
    global _held
    turn = turn_of(item.nodeid)
    if turn is not None and _held is None:
        _held = (Path(tempfile.gettempdir()) / "bailiwick-devices.lock").open("a")
        fcntl.flock(_held, turn)
    done = yield
    if _held is not None and (nextitem is None or turn_of(nextitem.nodeid) != turn):
        _held.close()
        _held = None
    return done


def turn_of(test: str) -> int | None:
    """How a test takes its turn: alone, beside others of its kind, or at any time."""
    turns = {TOGETHER: fcntl.LOCK_EX, BROWSER: fcntl.LOCK_SH}
    return next((turn for folder, turn in turns.items() if test.startswith(folder)), None)


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
