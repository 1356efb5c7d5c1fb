"""How a parallel run deals out the cluster's tests."""

import fcntl

import pytest

from tests.order import Sides, turn_of


@pytest.mark.parametrize(
    ("test", "scope"),
    [
        ("tests/cluster/test_node.py::test_a[b]", "tests/cluster/"),
        ("tests/cluster/test_life.py::test_c", "tests/cluster/"),
        ("tests/unit/cluster/test_sides.py::test_d", "tests/unit/cluster/test_sides.py"),
    ],
)
def test_what_shares_a_cluster_stays_together(test: str, scope: str) -> None:
    assert Sides._split_scope(Sides.__new__(Sides), test) == scope


def test_a_cluster_and_a_browser_take_turns() -> None:
    assert turn_of("tests/cluster/test_life.py::test_c") == fcntl.LOCK_EX
    assert turn_of("tests/functional/test_run.py::test_e") == fcntl.LOCK_SH
    assert turn_of("tests/unit/cluster/test_sides.py::test_d") is None
