"""Many runs on few pods: they wait in order, none shares a pod, and of hundreds nothing stays on the node."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.cluster.local import OnPods
from tests.cluster.node import Cluster
from tests.cluster.remains import remains
from tests.cluster.served import all_ended, nothing_wrong, on_pods, rows
from tests.integration.faults.watching import Watching
from tests.stack import eventually
from tests.work import ENDED, ok, problem, text

POOL, RUNS = 5, 50
# How many one after the other: each takes a pod of its own, some seconds of two processors.
IN_A_ROW = int(os.environ.get("BAILIWICK_RUNS_IN_A_ROW") or 20)
# What the kernel, the API server and a growing log take by and by; a sandbox that stayed would be ten times as much.
SPARE_MEGABYTES_EACH = 15


@pytest.fixture(scope="module")
def served(cluster: Cluster, python_image: str) -> Iterator[OnPods]:
    sizes = {"QUEUE_LENGTH": str(RUNS)}
    with on_pods(cluster, python_image, floor=POOL, ceiling=POOL, maximum=POOL, settings=sizes) as stack:
        yield stack


@pytest.mark.timeout(900)
def test_fifty_runs_at_once_on_a_pool_of_five(served: OnPods) -> None:
    """All finish, each in a pod of its own; whoever waits is told a place; one more than may wait is refused."""
    with Watching(served) as work:
        # While no worker takes any, how many wait is known.
        served.kill("worker", signal.SIGSTOP)
        try:
            with ThreadPoolExecutor(8) as askers:
                asked = list(askers.map(lambda n: asked_for(served, n), range(RUNS)))
            assert sorted(run["queue_position"] for run in places(work, asked)) == list(range(1, RUNS + 1))
            refused = work.api.post("runs", json=work.wish(code="1", language="python"))
        finally:
            served.kill("worker", signal.SIGCONT)
        problem(refused, 429, "queue_full")
        assert int(refused.headers["retry-after"]) >= 1
        watch(served, work, [run["id"] for run in asked])
        for number, run in enumerate(asked):
            cell = work.result(run["id"], within=10)
            assert (cell["state"], text(cell)) == ("succeeded", f"{number}\n")
    found = rows(served, "SELECT handle, started_at FROM runs_run ORDER BY created_at")
    assert len({run["handle"] for run in found}) == RUNS
    nothing_wrong(served, idle=True)


def asked_for(served: OnPods, number: int) -> dict[str, Any]:
    with Watching(served) as work:
        return work.run(code=f"print({number})", language="python")


def places(work: Watching, asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [work.get(run["id"]) for run in asked]


def watch(served: OnPods, work: Watching, asked: list[str]) -> None:
    """Until none waits: whoever does is told a place, and no more pods live than there may be."""
    until = time.monotonic() + 600
    while True:
        listed = ok(work.api.get("runs", params={"limit": 200}))["results"]
        waiting = {run["id"]: run["queue_position"] for run in listed if run["state"] == "queued"}
        assert all(place is not None and 1 <= place <= RUNS for place in waiting.values()), waiting
        living = [pod for pod in served.pods.items() if "deletionTimestamp" not in pod["metadata"]]
        assert len(living) <= POOL
        if all(run["state"] in ENDED for run in listed if run["id"] in asked):
            return
        assert time.monotonic() < until, waiting
        time.sleep(1)


@pytest.mark.timeout(3000)
def test_runs_in_a_row_leave_nothing_on_the_node(served: OnPods) -> None:
    """Of each kind of thing the node has as many as before; BAILIWICK_RUNS_IN_A_ROW says how many runs."""
    with Watching(served) as work:
        # The first ones bring what stays for good: caches, connections, the page cache's floor.
        for _ in range(3):
            one_shot(work, "1")
        settle(served)
        before, free = counted(served), available()
        for number in range(IN_A_ROW):
            cell = one_shot(work, f"open('/workspace/outputs/a', 'w').write('x' * 100000)\nprint({number})")
            assert (cell["state"], text(cell)) == ("succeeded", f"{number}\n")
    settle(served)
    assert eventually(lambda: counted(served) == before, within=60, every=1.0), (before, counted(served))
    lost = (free - available()) / (1 << 20)
    print(f"\n{IN_A_ROW} runs in a row; {lost:.0f} MiB less are available than before")
    assert lost < 200 + SPARE_MEGABYTES_EACH * IN_A_ROW / 10


def one_shot(work: Watching, code: str) -> dict[str, Any]:
    """As soon as a pod is warm, however busy the machine is."""
    return work.result(work.run(code=code, language="python")["id"], within=240)


def settle(served: OnPods) -> None:
    """No run lives, and as many pods are warm as shall be."""
    all_ended(served)
    eventually(lambda: len(served.pods.items()) == served.pods.warm() == POOL, within=240, every=0.5)


def counted(served: OnPods) -> dict[str, int]:
    """How many the node has of each kind: the warm pods are others than before."""
    return {kind: len(found) for kind, found in remains(served.pods.cluster).items()}


def available() -> int:
    with open("/proc/meminfo") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("MemAvailable:")) * 1024
