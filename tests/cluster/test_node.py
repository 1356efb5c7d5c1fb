"""The cluster as it comes up: a real node, whose pods are gVisor's, and whose policies are held."""

import json
import os
import urllib.request

import pytest

from tests.cluster.node import Cluster
from tests.cluster.parts import PARTS
from tests.cluster.workloads import Workloads, connects
from tests.stack import eventually

SERVER = "import http.server; http.server.HTTPServer(('', 8000), http.server.SimpleHTTPRequestHandler).serve_forever()"


def test_every_part_runs_and_the_node_is_ready(cluster: Cluster) -> None:
    assert [name for name in PARTS if cluster.process(name) is None] == []
    (node,) = json.loads(cluster.kubectl("get", "nodes", "--output=json"))["items"]
    ready = {item["type"]: item["status"] for item in node["status"]["conditions"]}
    assert ready["Ready"] == "True"


def test_up_again_starts_what_does_not_run_and_leaves_the_rest(cluster: Cluster) -> None:
    before = {name: cluster.process(name) for name in PARTS}
    cluster.kill("scheduler")
    cluster.up()
    after = {name: cluster.process(name) for name in PARTS}
    assert after.pop("scheduler") not in (None, before.pop("scheduler"))
    assert after == before


UNAME = "import os; print(os.uname().release)"


@pytest.mark.parametrize("handler", ["runsc", "sealed"])
def test_a_pod_of_such_a_class_runs_in_gvisor(workloads: Workloads, handler: str) -> None:
    assert "gvisor" in workloads.run(f"uname-{handler}", UNAME, handler=handler)


def test_a_pod_that_names_no_class_runs_on_this_machines_kernel(workloads: Workloads) -> None:
    """As the platform's own do: what gVisor costs is for sandboxes."""
    assert workloads.run("uname", UNAME, handler="") == f"{os.uname().release}\n"


def test_sealed_has_no_network_stack_and_runsc_has(workloads: Workloads) -> None:
    """Seen to fail without `network = "none"`: the sealed pod then had eth0 and an open connection."""
    network = workloads.cluster.site.machine.network
    program = "import socket; print(sorted(name for _, name in socket.if_nameindex()))\n" + connects(network.node, 6443)
    assert workloads.run("sealed-network", program, handler="sealed").split("\n")[:2] == ["['lo']", "ENETUNREACH"]
    assert workloads.run("runsc-network", program, handler="runsc").split("\n")[:2] == ["['eth0', 'lo']", "open"]


def test_pods_reach_this_machine_and_nothing_beyond_it(workloads: Workloads) -> None:
    """This machine forwards nothing for them: a network's own documentation range stands for the world."""
    program = connects(workloads.cluster.site.machine.network.outer, 9) + connects("192.0.2.1", 443)
    assert workloads.run("beyond", program).split() == ["ECONNREFUSED", "timeout"]


def test_a_service_leads_to_its_pods_from_pods_and_from_this_machine(workloads: Workloads) -> None:
    workloads.start("served", SERVER, labels={"app": "served"})
    spec = {"selector": {"app": "served"}, "ports": [{"port": 80, "targetPort": 8000}]}
    metadata = {"name": "served", "namespace": workloads.namespace}
    workloads.apply({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})
    address = json.loads(workloads.kubectl("get", "service", "served", "--output=json"))["spec"]["clusterIP"]
    workloads.start("caller")
    eventually(lambda: workloads.python("caller", connects(address, 80)) == "open\n", within=60)
    with urllib.request.urlopen(f"http://{address}", timeout=5) as answer:
        assert answer.status == 200


def test_policies_are_held(workloads: Workloads) -> None:
    """Seen to fail without the enforcer's jumps to `ingress` and `egress`."""
    for name in ("server", "friend", "stranger"):
        workloads.start(name, SERVER if name == "server" else "import time; time.sleep(1e6)", labels={"role": name})
    server, network = workloads.pod("server")["status"]["podIP"], workloads.cluster.site.machine.network
    for name in ("friend", "stranger"):
        eventually(lambda name=name: workloads.python(name, connects(server, 8000)) == "open\n", within=60)
    friend = {"podSelector": {"matchLabels": {"role": "friend"}}}
    workloads.apply(
        policy(workloads, "server", {"role": "server"}, ingress=[{"from": [friend], "ports": [{"port": 8000}]}]),
        policy(workloads, "stranger", {"role": "stranger"}, egress=[]),
    )
    eventually(lambda: workloads.python("stranger", connects(network.node, 6443)) == "timeout\n", within=60)
    assert workloads.python("stranger", connects(server, 8000)) == "timeout\n"
    assert workloads.python("friend", connects(server, 8000)) == "open\n"
    assert workloads.python("friend", connects(server, 8001)) == "timeout\n"
    assert workloads.python("friend", connects(network.node, 6443)) == "open\n"


def policy(workloads: Workloads, name: str, labels: dict[str, str], **rules: list[object]) -> dict[str, object]:
    spec = {"podSelector": {"matchLabels": labels}, "policyTypes": [kind.capitalize() for kind in rules], **rules}
    head = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
    return {**head, "metadata": {"name": name, "namespace": workloads.namespace}, "spec": spec}
