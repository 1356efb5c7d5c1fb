"""A part dies in mid-run, on pods: the same guarantees as on one machine.

After each test: no run is past its deadline, none is recorded as more than it did, none ran twice, and no pod serves a
run that is over (`served.nothing_wrong`).
"""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.cluster.local import OnPods, claimed_by
from tests.cluster.node import Cluster
from tests.cluster.policies import request
from tests.cluster.remains import pod_processes
from tests.cluster.served import EXPECTED_WITHIN, all_ended, everything_up, nothing_wrong, on_pods
from tests.integration.faults.watching import BEGUN, Watching
from tests.stack import eventually
from tests.work import text

TICKING = f"import time\nprint('{BEGUN}', flush=True)\nfor n in range(8):\n    time.sleep(0.5)\nprint('whole')"


@pytest.fixture(scope="module")
def whole(cluster: Cluster, python_image: str) -> Iterator[OnPods]:
    with on_pods(cluster, python_image, floor=2, ceiling=3, maximum=6, settings={"QUEUE_LENGTH": "10"}) as stack:
        yield stack


@pytest.fixture
def served(whole: OnPods) -> Iterator[OnPods]:
    """With every part running; after the test all that must hold after any fault is looked at."""
    everything_up(whole)
    yield whole
    everything_up(whole)
    nothing_wrong(whole)
    all_ended(whole)


@pytest.fixture
def work(served: OnPods) -> Iterator[Watching]:
    with Watching(served) as work:
        yield work


def kept(work: Watching) -> str:
    """An idle run with something to lose."""
    run: str = work.ready()["id"]
    work.done(run, "kept = 7")
    return run


def lost(work: Watching, run: str, number: int) -> None:
    """The cell and its run ended as lost, and it began once."""
    cell = work.result(run, number, within=90)
    assert (cell["state"], cell["ending"]["code"]) == ("lost", "sandbox_lost"), cell
    assert work.end(run)["state"] == "lost"
    assert work.printed(run).count(BEGUN) == 1


def test_the_operator_dies_and_no_run_notices(work: Watching, served: OnPods) -> None:
    """What it made is kept by the cluster's own controllers: what is claimed meanwhile has its successor."""
    idle = kept(work)
    run = work.ready()["id"]
    number = work.cell(run, TICKING)
    work.printed(run, lambda said: BEGUN in said)
    served.pods.operator.kill()
    assert work.one_shot("print(1)")["state"] == "succeeded"
    cell = work.result(run, number)
    assert (cell["state"], text(cell)) == ("succeeded", "begun\nwhole\n")
    assert text(work.done(idle, "print(kept)")) == "7\n"
    eventually(lambda: served.pods.warm() >= 1, within=120)


def test_the_worker_dies_in_mid_run(work: Watching, served: OnPods) -> None:
    """Nobody of ours watches the pod: the relay's end reaches its agent, which ends. A run at rest loses nothing."""
    idle = kept(work)
    run, number = work.busy()
    pod = claimed_by(served.pods, run)
    served.kill("worker")
    eventually(lambda: not alive(served, pod[0]), within=60)
    served.start("worker")
    lost(work, run, number)
    assert text(work.done(idle, "print(kept)")) == "7\n"


def test_the_pod_is_deleted_in_mid_run(work: Watching, served: OnPods) -> None:
    idle = kept(work)
    run, number = work.busy()
    (pod,) = claimed_by(served.pods, run)
    path = served.pods.scene.path("api/v1", "pods", pod)
    # Without its UID nobody deletes a sandbox that serves: see docs/adr/0052-the-operator.md.
    refused = request(served.pods.scene.api, "DELETE", path)
    assert refused.status in (403, 422), refused.text
    uid = served.pods.scene.read(path)["metadata"]["uid"]
    body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}}
    assert request(served.pods.scene.api, "DELETE", path, body=body).status == 200
    lost(work, run, number)
    assert text(work.done(idle, "print(kept)")) == "7\n"


def test_the_pods_processes_are_killed_on_its_node(work: Watching, served: OnPods) -> None:
    """Kubelet starts the container anew under the old name: that is another sandbox, and the run is lost."""
    idle = kept(work)
    run, number = work.busy()
    for one in (run, idle):
        (pod,) = claimed_by(served.pods, one)
        uid = served.pods.scene.read(served.pods.scene.path("api/v1", "pods", pod))["metadata"]["uid"]
        found = pod_processes(served.pods.cluster, uid)
        assert found
        for pid in found:
            # The first to die may take others along.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    lost(work, run, number)
    assert work.end(idle, within=90)["state"] == "lost"


@pytest.mark.parametrize("part", ["kubelet", "apiserver"])
def test_a_part_of_the_cluster_dies_in_mid_run(work: Watching, served: OnPods, part: str) -> None:
    """The channel goes through both: whatever ran is lost, never a success. What was at rest goes on afterwards."""
    idle = kept(work)
    run, number = work.busy(TICKING)
    served.pods.cluster.kill(part)
    cell = work.result(run, number, within=90)
    assert cell["state"] == "lost", cell
    asked = work.run(code="print('after')", language="python")["id"]
    served.pods.cluster.start(part)
    lost(work, run, number)
    assert text(work.result(asked, within=180)) == "after\n"
    assert text(work.done(idle, "print(kept)")) == "7\n"


@pytest.mark.parametrize("part", ["kubelet", "apiserver"])
def test_a_part_of_the_cluster_dies_while_runs_start(work: Watching, served: OnPods, part: str) -> None:
    """Killed at once after five were asked for, and started again: each of them runs once, or is told to be lost."""
    asked = [work.run(code=f"print({n})", language="python")["id"] for n in range(5)]
    served.pods.cluster.kill(part)
    served.pods.cluster.start(part)
    for number, run in enumerate(asked):
        cell = work.result(run, within=EXPECTED_WITHIN)
        if cell["state"] == "lost":
            # It was in the middle of it: told as such, and not run again.
            continue
        assert (cell["state"], text(cell)) == ("succeeded", f"{number}\n")


def alive(served: OnPods, pod: str) -> bool:
    """Whether its container runs, the first one that it had."""
    found = request(served.pods.scene.api, "GET", served.pods.scene.path("api/v1", "pods", pod))
    if found.status == 404 or "deletionTimestamp" in found.json["metadata"]:
        return False
    (container,) = found.json["status"]["containerStatuses"]
    return "running" in container["state"] and not container["restartCount"]
