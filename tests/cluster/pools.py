"""Warm pods of the product's own shape, made one by one: what a Deployment keeps, for tests of whoever claims them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

from sandbox_operator.kubernetes import names
from sandbox_operator.kubernetes.backend import KubernetesBackend
from sandbox_operator.kubernetes.cluster import Cluster
from sandbox_operator.kubernetes.environment import Egress, Environment, Size
from sandbox_operator.kubernetes.pods import make_template
from sandbox_operator.kubernetes.records import PodRecord
from sandbox_operator.protocol import Backend, Claim
from sandbox_operator.spec import DEFAULT_LIMITS, Limits, SandboxSpec
from tests.cluster.configuration import VOLUMES_SECONDS
from tests.cluster.node import Cluster as TestCluster
from tests.cluster.policies import runtime_classes
from tools.launch.state import BIN

ENVIRONMENT = "python"
PRIORITY = "bailiwick-test"
WARM_SECONDS = 180.0  # a few on an idle machine; all tests of a side may start at once


@dataclass
class Pool:
    """Pods of one namespace. `image` is what the node knows the image by, `digest` what runs are granted."""

    kubeconfig: Path
    namespace: str
    image: str
    digest: str
    made: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cluster = Cluster(self.namespace, self.kubeconfig)
        self.api = config.new_client_from_config(str(self.kubeconfig))
        self.core = client.CoreV1Api(self.api)

    def prepare(self) -> None:
        """The namespace and a priority; those that are there stay."""
        _once(lambda: self.core.create_namespace({"metadata": {"name": self.namespace}}))  # type: ignore[arg-type]
        priority = {"metadata": {"name": PRIORITY}, "value": -10, "preemptionPolicy": "Never"}
        _once(lambda: client.SchedulingV1Api(self.api).create_priority_class(priority))  # type: ignore[arg-type]
        wait_for(lambda: bool(self.core.list_namespaced_service_account(self.namespace).items), "a service account")

    def add(self, limits: Limits = DEFAULT_LIMITS) -> str:
        """One more pod with room for exactly these limits; it gets warm by itself."""
        template = make_template(self._environment(limits), PRIORITY)
        name = f"{ENVIRONMENT}-{uuid4().hex[:10]}"
        template["metadata"]["name"] = name
        self.core.create_namespaced_pod(self.namespace, template)  # type: ignore[arg-type]
        self.made.append(name)
        return name

    def supply(self, limits: Limits = DEFAULT_LIMITS) -> None:
        """Returns when a pod with room for exactly these limits is warm; of the usual room one more is made ahead."""
        there = [pod for pod in self.cluster.pods(f"{names.POOL}={names.WARM}") if self._fits(pod, limits)]
        wanted = [pod.name for pod in there]
        while len(wanted) < (2 if limits == DEFAULT_LIMITS else 1):
            wanted.append(self.add(limits))
        wait_for(lambda: any(map(self.ready, wanted)), "one is warm", lambda: self.explain(wanted[0]))

    def _fits(self, pod: PodRecord, limits: Limits) -> bool:
        return not pod.deleting and not pod.room.lacks(limits) and not pod.room.exceeding(limits)

    def ready(self, name: str) -> bool:
        status = self.core.read_namespaced_pod(name, self.namespace).status
        assert status is not None
        return any(one.ready for one in status.container_statuses or [])

    def wait_warm(self, *waited: str) -> None:
        wait_for(lambda: all(map(self.ready, waited)), "they are warm", lambda: self.explain(waited[0]))

    def explain(self, name: str) -> str:
        pod = self.core.read_namespaced_pod(name, self.namespace)
        events = self.core.list_namespaced_event(self.namespace, field_selector=f"involvedObject.name={name}").items
        return "\n".join([str(pod.status), *(f"{event.reason}: {event.message}" for event in events)])

    def left(self) -> list[str]:
        """The pods of the namespace."""
        return [pod.metadata.name or "" for pod in self.core.list_namespaced_pod(self.namespace).items if pod.metadata]

    def clear(self) -> None:
        """End every pod that was made here, and wait for it."""
        for name in self.made:
            _once(lambda name=name: self.core.delete_namespaced_pod(name, self.namespace))  # type: ignore[misc]
        wait_for(lambda: not set(self.left()) & set(self.made), "the pods are gone")

    def _environment(self, limits: Limits) -> Environment:
        size = Size(
            cpu_millicores=round(limits.cpu_cores * 1000),
            memory_bytes=limits.memory_bytes,
            disk_bytes=limits.disk_bytes,
            processes=limits.processes,
            cpu_request="10m",
        )
        return Environment(
            name=ENVIRONMENT,
            uid="",
            generation=1,
            image=self.image,
            image_digest=self.digest,
            runtime_class=names.SEALED,
            size=size,
            floor=1,
            ceiling=1,
            maximum=1,
            egress=Egress.NONE,
        )


def wait_for(
    condition: Callable[[], bool], what: str, explain: Callable[[], str] = lambda: "", seconds: float = WARM_SECONDS
) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {what}\n{explain()}")
        time.sleep(0.1)


def _once(create: Callable[[], object]) -> None:
    try:
        create()
    except ApiException as error:
        if error.status not in (404, 409):
            raise


class Supplied(KubernetesBackend):
    """In the place of the operator, which keeps pods of one size warm: makes what a claim will look for."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool.namespace, pool.kubeconfig)
        self.pool = pool

    def claim(self, spec: SandboxSpec, *, timeout: float) -> Claim:
        self.pool.supply(spec.limits)
        return super().claim(spec, timeout=timeout)


@pytest.fixture(scope="module")
def pool(cluster: TestCluster, python_image: str, request: pytest.FixtureRequest) -> Iterator[Pool]:
    """A namespace of the module's own. Runtime classes that it makes go with it: the chart would not take them over."""
    namespace = request.module.__name__.rpartition(".")[2].replace("_", "-")
    pool = Pool(cluster.kubeconfig, namespace, python_image, python_image.partition("@")[2])
    with runtime_classes(pool.api, BIN / "helm"):
        pool.prepare()
        yield pool
        pool.clear()


@pytest.fixture(scope="module")
def backend(pool: Pool) -> Backend:
    return Supplied(pool)


@pytest.fixture(scope="session")
def lag() -> float:
    """The node is asked once a second at most, and a cell of less than one is measured with the next."""
    return 2.5


@pytest.fixture(scope="session")
def disk_lag() -> float:
    """Kubelet adds up what volumes hold as often as it is told, or in up to twice that time."""
    return VOLUMES_SECONDS * 2.5
