"""What a `SandboxEnvironment` may say, as the API server holds it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from kubernetes import client, config

from sandbox_operator.kubernetes import names
from sandbox_operator.kubernetes.environment import Egress, Environment, Size
from tests.cluster import environments
from tests.cluster.environments import DIGEST, IMAGE
from tests.cluster.node import Cluster
from tests.cluster.policies import JSON, Response, request

DRY = "dryRun=All"


@pytest.fixture(scope="module")
def api(cluster: Cluster) -> client.ApiClient:
    made = config.new_client_from_config(str(cluster.kubeconfig))
    environments.install(made)
    return made


@pytest.fixture(scope="module")
def namespace(api: client.ApiClient) -> Iterator[str]:
    name, core = f"environments-{uuid4().hex[:8]}", client.CoreV1Api(api)
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=name)))
    yield name
    core.delete_namespace(name)


def create(api: client.ApiClient, namespace: str, body: JSON, query: str = DRY) -> Response:
    """What the API server made of it, or its refusal."""
    return request(api, "POST", f"{place(namespace)}?{query}", body=body)


def place(namespace: str) -> str:
    return f"/apis/{names.GROUP}/{names.VERSION}/namespaces/{namespace}/{names.PLURAL}"


def test_what_is_not_said_has_a_default(api: client.ApiClient, namespace: str) -> None:
    made = create(api, namespace, environments.make()).json
    assert made["spec"] == {
        "environment": "python",
        "image": IMAGE,
        "imageDigest": DIGEST,
        "runtimeClassName": "gvisor-sealed",
        "egress": "none",
        "maximum": 20,
        "size": {
            "cpuCores": 1,
            "cpuRequest": "50m",
            "memoryBytes": 1 << 30,
            "diskBytes": 1 << 30,
            "processes": 128,
        },
        "warm": {"floor": 2, "ceiling": 8},
    }
    assert Environment.read(made) == Environment(
        name="python",
        uid=made["metadata"]["uid"],
        generation=1,
        image=IMAGE,
        image_digest=DIGEST,
        runtime_class=names.SEALED,
        size=Size(cpu_millicores=1000, memory_bytes=1 << 30, disk_bytes=1 << 30, processes=128, cpu_request="50m"),
        floor=2,
        ceiling=8,
        maximum=20,
        egress=Egress.NONE,
    )


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"environment": "other"}, "bears the catalogue's name"),
        ({"environment": None}, "spec.environment"),
        ({"image": None}, "spec.image"),
        ({"image": "registry.example/python:latest"}, "spec.image"),
        ({"imageDigest": None}, "spec.imageDigest"),
        ({"imageDigest": "latest"}, "spec.imageDigest"),
        ({"runtimeClassName": "runc"}, "spec.runtimeClassName"),
        ({"egress": "all"}, "spec.egress"),
        ({"egress": "gateway"}, "no network stack"),
        ({"runtimeClassName": "gvisor"}, "no network stack"),
        ({"maximum": 0}, "spec.maximum"),
        ({"maximum": 4}, "warm.ceiling"),
        ({"warm": {"floor": 9, "ceiling": 8}}, "warm.floor"),
        ({"warm": {"floor": 0}}, "spec.warm.floor"),
        ({"warm": {"ceiling": 0}}, "spec.warm.ceiling"),
        ({"size": {"cpuCores": 0}}, "spec.size.cpuCores"),
        ({"size": {"cpuCores": 0.05}}, "spec.size.cpuCores"),
        ({"size": {"cpuCores": 65}}, "spec.size.cpuCores"),
        ({"size": {"cpuRequest": "1"}}, "spec.size.cpuRequest"),
        ({"size": {"cpuRequest": "101m"}}, "spec.size.cpuRequest"),
        ({"size": {"memoryBytes": 1 << 20}}, "spec.size.memoryBytes"),
        ({"size": {"diskBytes": 0}}, "spec.size.diskBytes"),
        ({"size": {"processes": 1}}, "spec.size.processes"),
    ],
)
def test_what_makes_no_sense_is_refused(
    api: client.ApiClient, namespace: str, spec: dict[str, Any], message: str
) -> None:
    body = environments.make()
    body["spec"] = {key: value for key, value in {**body["spec"], **spec}.items() if value is not None}
    refusal = create(api, namespace, body)
    assert refusal.status == 422 and message in refusal.text


def test_a_network_goes_with_its_runtime_class(api: client.ApiClient, namespace: str) -> None:
    made = create(api, namespace, environments.make(egress="gateway", runtimeClassName="gvisor"))
    assert Environment.read(made.json).egress is Egress.GATEWAY


def test_a_list_shows_what_an_administrator_asks_first(api: client.ApiClient, namespace: str) -> None:
    create(api, namespace, environments.make(), "")
    status = {"warm": 1, "wanted": 2, "claimed": 3, "conditions": [condition("Ready", "True", "PoolFilling")]}
    merge = {"Content-Type": "application/merge-patch+json"}
    assert request(api, "PATCH", f"{place(namespace)}/python/status", merge, {"status": status}).status == 200
    table = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    shown = request(api, "GET", place(namespace), table).json
    columns = [column["name"] for column in shown["columnDefinitions"] if column["priority"] == 0]
    row = dict(zip([column["name"] for column in shown["columnDefinitions"]], shown["rows"][0]["cells"], strict=True))
    assert columns == ["Name", "Ready", "Reason", "Warm", "Wanted", "Claimed", "Egress", "Age"]
    del row["Age"]
    assert row == {
        "Name": "python",
        "Ready": "True",
        "Reason": "PoolFilling",
        "Warm": 1,
        "Wanted": 2,
        "Claimed": 3,
        "Egress": "none",
        "Digest": DIGEST,
        "Runtime": "gvisor-sealed",
    }


def condition(kind: str, status: str, reason: str) -> JSON:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": "",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }
