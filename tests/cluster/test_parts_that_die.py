"""A part of the cluster dies and comes back, and what runs in pods does not notice."""

import subprocess

import pytest

from tests.cluster.node import Cluster
from tests.cluster.workloads import Workloads, connects
from tests.stack import eventually

COUNTING = (
    "import itertools, pathlib, time\n"
    "for n in itertools.count():\n"
    "    pathlib.Path('/tmp/count').write_text(str(n))\n"
    "    time.sleep(0.05)\n"
)
READ = "print(open('/tmp/count').read())"


@pytest.mark.parametrize(
    "part", ["kubelet", "containerd", "apiserver", "etcd", "scheduler", "controller-manager", "proxy"]
)
def test_a_pod_outlives_a_part_that_is_killed_and_started_again(
    cluster: Cluster, workloads: Workloads, part: str
) -> None:
    name = f"outlives-{part}"
    workloads.start(name, COUNTING)
    container = workloads.container(name)
    counted = int(eventually(lambda: said(workloads, name), within=60))
    cluster.kill(part)
    cluster.start(part)
    eventually(lambda: int(said(workloads, name) or -1) > counted, within=60)
    assert workloads.container(name) == container
    workloads.kubectl("delete", "pod", name, "--wait=false")


@pytest.mark.parametrize("part", ["kubelet", "scheduler", "controller-manager", "network-policies"])
def test_a_part_that_came_back_does_its_work(cluster: Cluster, workloads: Workloads, part: str) -> None:
    cluster.restart(part)
    workloads.start(f"after-{part}")
    assert "hello" in workloads.python(f"after-{part}", "print('hello')")


def test_new_pods_reach_nothing_while_nobody_keeps_the_policies(cluster: Cluster, workloads: Workloads) -> None:
    """Seen to fail without the rule that drops what comes from an address that no pod is known by."""
    program = connects(cluster.site.machine.network.node, 6443)
    cluster.kill("network-policies")
    try:
        workloads.start("unknown")
        assert workloads.python("unknown", program) == "timeout\n"
    finally:
        cluster.start("network-policies")
    eventually(lambda: workloads.python("unknown", program) == "open\n", within=60)


def said(workloads: Workloads, name: str) -> str:
    """What the pod counted to, or nothing while kubelet or the API server is not there to ask."""
    try:
        return workloads.python(name, READ).strip()
    except subprocess.CalledProcessError:
        return ""
