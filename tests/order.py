"""A pytest plugin: the files' order, in which the sides of a parallel run end together.

A side takes the next file whenever it is through with one, so a long one must not come last. What shares a browser or a
stack of its own stays together: each is started once for its folder.
"""

from collections import Counter

import pytest

# What takes none of the time comes last, and the faults' stack, which stays once it is there, just before; within each
# folder the files with most tests first.
FOLDERS = (
    "tests/unit/console/",
    "tests/functional/",
    "tests/cluster/",
    "tests/integration/sandbox_operator/",
    "tests/integration/runs/",
    "tests/integration/",
    "tests/integration/faults/",
    "",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the files; the tests of a file stay in their order."""
    tests = Counter(_file(item) for item in items)

    def place(item: pytest.Item) -> tuple[int, int, str]:
        file = _file(item)
        folder = max((len(name), at) for at, name in enumerate(FOLDERS) if file.startswith(name))[1]
        return folder, -tests[file], file

    items.sort(key=place)


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
