"""A sandbox that was granted egress has a network, and a NetworkPolicy around it: kept, or no run gets the sandbox."""

from collections.abc import Iterator

import pytest

from sandbox_operator.protocol import ContainmentFailed
from tests.cluster.local import ENVIRONMENT, Pods, kept_pods
from tests.cluster.node import Cluster
from tests.cluster.pools import wait_for
from tests.cluster.test_node import policy
from tests.cluster.workloads import Workloads
from tests.integration.sandbox_operator.conftest import Opened, make_spec

TABLE = "bailiwick_policies"


@pytest.fixture(scope="module")
def pods(cluster: Cluster, python_image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pods]:
    """Sandboxes with a network, as an environment with egress has them."""
    egress = {"egress": "gateway", "runtimeClassName": "gvisor"}
    folder = tmp_path_factory.mktemp("pods")
    with kept_pods(cluster, python_image, folder, floor=1, ceiling=1, maximum=3, **egress) as made:
        made.wait_warm(1)
        yield made


def claim(pods: Pods) -> str:
    """What an analyst's code says of the network, in a sandbox that was claimed. Raises ContainmentFailed."""
    pods.wait_warm(1)
    backend = pods.backend()
    got = backend.claim(make_spec(), timeout=60)
    try:
        with backend.open(got.handle, epoch=1) as session:
            return Opened(backend, got, session).text(
                "import socket; print(sorted(name for _, name in socket.if_nameindex()))"
            )
    finally:
        backend.destroy(got.handle)


def test_where_policies_are_enforced_the_probe_passes(pods: Pods) -> None:
    assert claim(pods) == "['eth0', 'lo']\n"


def test_where_nobody_enforces_them_the_probe_refuses_and_the_pod_is_gone(pods: Pods) -> None:
    """The stand-in engine is taken away with its rules, as in a cluster whose network plugin knows no policies.

    Taken out: the check of who takes a connection; the claim then succeeded with the API server within reach.
    """
    machine = pods.cluster.site.machine
    pods.wait_warm(1)
    pods.cluster.kill("network-policies")
    machine.run("nft", "delete", "table", "inet", TABLE)
    try:
        (warm,) = [one.name for one in pods.scene.warm(ENVIRONMENT)]
        with pytest.raises(ContainmentFailed) as refused:
            claim(pods)
        reached = {hole.target for hole in refused.value.report.holes}
        assert f"{machine.network.node}:6443" in reached
        assert f"{machine.network.node}:10250" in reached
        wait_for(lambda: warm not in pods.names(), "the sandbox that leaks is ended")
    finally:
        pods.cluster.start("network-policies")
    assert claim(pods) == "['eth0', 'lo']\n"


def test_a_policy_that_lets_too_much_through_is_found(pods: Pods) -> None:
    """Somebody allows egress beside the operator's policies: they add up."""
    workloads = Workloads(pods.cluster, pods.namespace, "")
    workloads.apply(policy(workloads, "too-much", {}, egress=[{}]))
    try:
        with pytest.raises(ContainmentFailed):
            # The engine needs a moment to hear of it.
            for _ in range(20):
                claim(pods)
    finally:
        workloads.kubectl("delete", "networkpolicy", "too-much")
