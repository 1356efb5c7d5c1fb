"""Kubelet's summary read: what the runtime says of the container, and of the pod its disk."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox_operator.errors import BackendUnavailable
from sandbox_operator.kubernetes.usage import Meter, Reading, readings

POD: dict[str, Any] = {
    "podRef": {"name": "python-x", "namespace": "s", "uid": "u1"},
    "cpu": {"time": "2026-12-01T03:04:14Z", "usageCoreNanoSeconds": 1},
    "memory": {"workingSetBytes": 1},
    "ephemeral-storage": {"usedBytes": 28_672},
    "containers": [
        {
            "name": "sandbox",
            "cpu": {"time": "2026-12-01T03:04:15Z", "usageCoreNanoSeconds": 3_576_231_504},
            "memory": {"workingSetBytes": 162_144_256},
        }
    ],
}


def test_a_pods_figures_are_its_containers() -> None:
    assert readings({"pods": [POD]}) == {"u1": Reading(1796094255.0, 3.576231504, 162_144_256, 28_672)}


@pytest.mark.parametrize("lacks", ["cpu", "memory", "ephemeral-storage", "containers"])
def test_a_figure_that_is_missing_counts_as_nothing(lacks: str) -> None:
    rest = {key: value for key, value in POD.items() if key != lacks}
    assert "u1" in readings({"pods": [rest]})
    bare = POD | {"containers": [{"name": "sandbox", lacks: None}]}
    assert readings({"pods": [bare]})["u1"].cpu_seconds == 0.0


def test_no_pods_are_no_readings() -> None:
    assert readings({}) == readings({"pods": None}) == {}


class Node:
    """Answers for a cluster whose one node counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def stats(self, node: str) -> dict[str, Any]:
        self.asked += 1
        if node == "gone":
            raise BackendUnavailable("no such node")
        return {"pods": [POD]}


def test_a_node_is_asked_once_for_all_who_look() -> None:
    node = Node()
    meter = Meter(node)  # type: ignore[arg-type]
    assert meter.read("n", "u1").disk_bytes == 28_672
    assert meter.read("n", "another") == Reading()
    assert node.asked == 1
    meter.read("n", "u1", age=0.0)
    assert node.asked == 2


def test_a_node_that_does_not_answer_is_no_reading_of_nothing() -> None:
    with pytest.raises(BackendUnavailable):
        Meter(Node()).read("gone", "u1")  # type: ignore[arg-type]
