"""The platform as processes of this machine whose sandboxes are pods of the test cluster, kept by a real operator.

Far cheaper than the whole chart in pods, and an arrangement that is supported: the same code, a kubeconfig in the place
of a service account.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kubernetes import client, config

from sandbox_operator.kubernetes import names
from sandbox_operator.kubernetes.backend import KubernetesBackend
from tests.cluster.node import Cluster
from tests.cluster.operating import Operator, Scene, scene
from tests.cluster.policies import request, until
from tests.stack import Stack
from tools.launch.state import State

ENVIRONMENT = "python"
# A pod of the real image takes some seconds alone, and several at once share two processors.
WARM_SECONDS = 240.0
PLATFORM = ("prepare", "worker", "beat", "web", "seed")


@dataclass
class Pods:
    """A namespace under the chart's policies in which an operator keeps sandboxes of the real image warm."""

    cluster: Cluster
    scene: Scene
    operator: Operator

    @property
    def namespace(self) -> str:
        return self.scene.namespace

    def backend(self) -> KubernetesBackend:
        """What a process of its own would see."""
        return KubernetesBackend(self.namespace, self.cluster.kubeconfig)

    def warm(self) -> int:
        return len(self.scene.warm(ENVIRONMENT))

    def wait_warm(self, number: int, seconds: float = WARM_SECONDS) -> None:
        """So many at least are warm."""
        until(lambda: self.warm() >= number, seconds)

    def names(self) -> set[str]:
        """The pods of the namespace, whatever their state."""
        return {pod["metadata"]["name"] for pod in self.items()}

    def items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.scene.read(self.scene.path("api/v1", "pods"))["items"]
        return found

    def scale(self, floor: int, ceiling: int, maximum: int | None = None) -> None:
        """Keep so many warm from now on."""
        spec: dict[str, Any] = {"warm": {"floor": floor, "ceiling": ceiling}}
        self.scene.change(ENVIRONMENT, **spec, **({"maximum": maximum} if maximum else {}))


@contextmanager
def kept_pods(
    cluster: Cluster, image: str, folder: Path, *, floor: int, ceiling: int, maximum: int, **spec: Any
) -> Iterator[Pods]:
    """An operator as a process, and one environment of the real image; `spec` changes what else is said of it.

    Nothing is waited for. At the end no pod of it is left.
    """
    api = config.new_client_from_config(str(cluster.kubeconfig))
    with scene(cluster, api, {"first": image}, "local") as made:
        operator = Operator(cluster.kubeconfig, made.namespace, folder / "operator.log").start()
        pods = Pods(cluster, made, operator)
        try:
            made.environment(
                ENVIRONMENT,
                **{"size": {}, "warm": {"floor": floor, "ceiling": ceiling}, "maximum": maximum, **spec},
            )
            yield pods
        finally:
            made.remove(ENVIRONMENT)
            if operator.process and operator.process.poll() is None:
                operator.stop()
            end_all(pods)


def end_all(pods: Pods) -> None:
    """End every pod, the claimed ones by their UID, and wait for it."""

    def gone() -> bool:
        left = pods.items()
        for pod in left:
            body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": pod["metadata"]["uid"]}}
            request(pods.scene.api, "DELETE", pods.scene.path("api/v1", "pods", pod["metadata"]["name"]), body=body)
        return not left

    until(gone, WARM_SECONDS, every=1.0)


class OnPods(Stack):
    """The launcher's parts but for the sandbox daemon; workers and all others use the pods."""

    def __init__(self, state: State, pods: Pods) -> None:
        super().__init__(state)
        self.pods = pods
        chosen = {
            "BAILIWICK_SANDBOX_BACKEND": "kubernetes",
            "BAILIWICK_SANDBOX_NAMESPACE": pods.namespace,
            "BAILIWICK_SANDBOX_KUBECONFIG": str(pods.cluster.kubeconfig),
        }
        del self.programs["sandboxd"]
        for name in PLATFORM:
            program = self.programs[name]
            needs = tuple(need for need in program.needs if need != "sandboxd")
            self.programs[name] = replace(program, env={**program.env, **chosen}, needs=needs)


def claimed_by(pods: Pods, run_id: str) -> list[str]:
    """The pods that were claimed for the run."""
    return [pod["metadata"]["name"] for pod in pods.items() if pod["metadata"]["labels"].get(names.RUN) == run_id]


def api_of(cluster: Cluster) -> client.ApiClient:
    """The administrator's client."""
    return config.new_client_from_config(str(cluster.kubeconfig))
