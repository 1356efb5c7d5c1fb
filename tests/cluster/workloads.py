"""Plain pods for tests of the cluster itself."""

import json
from collections.abc import Mapping
from typing import Any

from tests.cluster.node import Cluster
from tests.stack import eventually

STARTS_WITHIN = 120.0
FOREVER = "import time; time.sleep(1e6)"


class Workloads:
    """Pods in one namespace, each running a program in Python; RuntimeClasses of the namespace's own name."""

    def __init__(self, cluster: Cluster, namespace: str, image: str) -> None:
        self.cluster = cluster
        self.namespace = namespace
        self._image = image

    def make_namespace(self) -> None:
        """Make the namespace, and a RuntimeClass for each handler."""
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}})
        for handler in ("runsc", "sealed"):
            kind = {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "handler": handler}
            self.apply({**kind, "metadata": {"name": f"{self.namespace}-{handler}"}})
        eventually(lambda: "default" in self.kubectl("get", "serviceaccounts"), within=STARTS_WITHIN)

    def remove(self) -> None:
        """Have all of it removed; no test waits for that."""
        self.cluster.kubectl("delete", "namespace", self.namespace, "--wait=false")
        for handler in ("runsc", "sealed"):
            self.cluster.kubectl("delete", "runtimeclass", f"{self.namespace}-{handler}")

    def start(
        self, name: str, program: str = FOREVER, *, handler: str = "runsc", labels: Mapping[str, str] | None = None
    ) -> None:
        """Start a pod; returns when it runs or has run. Without a handler it is none of gVisor's."""
        container = {
            "name": "main",
            "image": self._image,
            "command": ["python3", "-c", program],
            "resources": {"requests": {"cpu": "10m"}, "limits": {"memory": "256Mi"}},
        }
        spec = {
            **({"runtimeClassName": f"{self.namespace}-{handler}"} if handler else {}),
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 1,
            "automountServiceAccountToken": False,
            "dnsPolicy": "Default",
            "securityContext": {"runAsUser": 1000, "runAsNonRoot": True},
            "containers": [container],
        }
        metadata = {"name": name, "namespace": self.namespace, "labels": dict(labels or {})}
        self.apply({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
        eventually(lambda: self.phase(name) != "Pending", within=STARTS_WITHIN)

    def finish(self, name: str) -> str:
        """Wait until the pod's program ends, and return what it wrote."""
        eventually(lambda: self.phase(name) in ("Succeeded", "Failed"), within=STARTS_WITHIN)
        return self.kubectl("logs", name)

    def run(self, name: str, program: str, *, handler: str = "runsc") -> str:
        """What a program writes in a pod of its own."""
        self.start(name, program, handler=handler)
        return self.finish(name)

    def python(self, name: str, program: str) -> str:
        """What a program writes inside a pod that runs. Raises CalledProcessError."""
        return self.kubectl("exec", name, "--", "python3", "-c", program)

    def pod(self, name: str) -> dict[str, Any]:
        """The pod as the API server has it."""
        found: dict[str, Any] = json.loads(self.kubectl("get", "pod", name, "--output=json"))
        return found

    def phase(self, name: str) -> str:
        phase: str = self.pod(name)["status"]["phase"]
        return phase

    def container(self, name: str) -> tuple[str, int]:
        """Which container the pod runs, and how often one was started before it."""
        status = self.pod(name)["status"]["containerStatuses"][0]
        return status["containerID"], status["restartCount"]

    def apply(self, *objects: Mapping[str, Any]) -> None:
        items = {"apiVersion": "v1", "kind": "List", "items": objects}
        self.cluster.kubectl("apply", "--filename=-", stdin=json.dumps(items))

    def kubectl(self, *words: str) -> str:
        """kubectl in this namespace."""
        return self.cluster.kubectl(f"--namespace={self.namespace}", *words)


def connects(address: str, port: int) -> str:
    """A program that says how a connection went: `open`, or the error's name."""
    return (
        "import errno, socket\n"
        "try:\n"
        f"    socket.create_connection(({address!r}, {port}), 4).close()\n"
        "    print('open')\n"
        "except TimeoutError:\n"
        "    print('timeout')\n"
        "except OSError as error:\n"
        "    print(errno.errorcode[error.errno])\n"
    )
