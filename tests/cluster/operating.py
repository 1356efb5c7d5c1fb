"""Operators as processes, environments for them, and claims as the backend makes them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from kubernetes import client

from sandbox_operator.kubernetes import names
from sandbox_operator.kubernetes.sandboxes import Sandbox
from tests.cluster import environments
from tests.cluster.node import Cluster
from tests.cluster.policies import JSON, ROOT, guarded, request, runtime_classes, until
from tests.processes import MORTAL

HELM = ROOT / ".tools/bin/helm"
MERGE = {"Content-Type": "application/merge-patch+json"}
SMALL = {"memoryBytes": 256 << 20, "cpuRequest": "10m", "diskBytes": 16 << 20}
RESPONSE_SECONDS = 60.0


@dataclass
class Operator:
    """One process of the operator, started as the chart starts it but for its credentials."""

    kubeconfig: Path
    namespace: str
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> Operator:
        words = [*MORTAL, sys.executable, "-m", "sandbox_operator.kubernetes", "--namespace", self.namespace]
        words += ["--platform-namespace", f"{self.namespace}-platform", "--kubeconfig", str(self.kubeconfig)]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(words, cwd=ROOT, env={**os.environ}, stdout=output, stderr=output)
        return self

    def stop(self) -> int:
        """End it as a cluster does; tells its status."""
        assert self.process
        self.process.terminate()
        return self.process.wait(20)

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait(20)

    def said(self, text: str) -> bool:
        return text in self.log.read_text()


@dataclass
class Scene:
    """A namespace under the policies, in which an operator may work."""

    api: client.ApiClient
    cluster: Cluster
    namespace: str
    images: Mapping[str, str]
    after: ExitStack = field(default_factory=ExitStack)

    # --- Environments

    def environment(self, name: str, **spec: Any) -> None:
        """Make one of small sandboxes."""
        spec = {"size": SMALL, "warm": {"floor": 2, "ceiling": 4}, **self.image("first"), **spec}
        made = request(self.api, "POST", self.environments(), body=environments.make(name, **spec))
        assert made.status == 201, made.text

    def image(self, mark: str) -> dict[str, str]:
        reference = self.images[mark]
        return {"image": reference, "imageDigest": reference.partition("@")[2]}

    def change(self, name: str, **spec: Any) -> None:
        changed = request(self.api, "PATCH", self.environments(name), MERGE, {"spec": spec})
        assert changed.status == 200, changed.text

    def remove(self, name: str) -> None:
        request(self.api, "DELETE", self.environments(name))

    def environments(self, name: str = "") -> str:
        return self.path(f"apis/{names.GROUP}/{names.VERSION}", names.PLURAL, name)

    def status(self, name: str) -> JSON:
        status: JSON = request(self.api, "GET", self.environments(name)).json.get("status", {})
        return status

    def reason(self, name: str, kind: str = "Ready") -> str:
        """The reason of a condition, or nothing where there is none yet."""
        found = [one["reason"] for one in self.status(name).get("conditions", []) if one["type"] == kind]
        return str(found[0]) if found else ""

    # --- What is made of them

    def path(self, group: str, plural: str, name: str = "") -> str:
        return f"/{group}/namespaces/{self.namespace}/{plural}" + (f"/{name}" if name else "")

    def deployment(self, name: str) -> str:
        return self.path("apis/apps/v1", "deployments", name)

    def read(self, path: str) -> JSON:
        return request(self.api, "GET", path).json

    def sandboxes(self, name: str) -> list[Sandbox]:
        selector = f"{names.ENVIRONMENT}={name}"
        pods = self.read(self.path("api/v1", "pods") + f"?labelSelector={selector}")["items"]
        return [Sandbox.read(pod) for pod in pods]

    def warm(self, name: str) -> list[Sandbox]:
        return [one for one in self.sandboxes(name) if one.ready and not one.claimed and not one.ending]

    def wait_warm(self, name: str, number: int) -> list[Sandbox]:
        """So many, and no more, are warm."""
        until(lambda: len(self.warm(name)) == number, RESPONSE_SECONDS)
        return self.warm(name)

    def claim(self, name: str, *, life: float = 600) -> Sandbox:
        """Take a warm one as the backend does: whoever is second tries another."""
        while True:
            for one in until(lambda: self.warm(name), RESPONSE_SECONDS):
                if self.claim_one(one, life):
                    return next(mine for mine in self.sandboxes(name) if mine.uid == one.uid)

    def claim_one(self, sandbox: Sandbox, life: float) -> bool:
        now = time.time()
        said = {
            names.CLAIMED_AT: f"{now:.3f}",
            names.EXPIRES_AT: f"{now + life:.3f}",
            names.EPOCH: "1",
            names.LIMITS: "{}",
        }
        metadata = {
            "uid": sandbox.uid,
            "labels": {names.POOL: names.CLAIMED, names.RUN: str(uuid4())},
            "annotations": said,
        }
        deadline = int(now - sandbox.created_at + max(life, 0)) + 10
        body = {"metadata": metadata, "spec": {"activeDeadlineSeconds": deadline}}
        return request(self.api, "PATCH", self.path("api/v1", "pods", sandbox.name), MERGE, body).status == 200


@contextmanager
def scene(cluster: Cluster, api: client.ApiClient, images: Mapping[str, str], prefix: str) -> Iterator[Scene]:
    """A fresh namespace with everything that the chart puts around an operator."""
    environments.install(api)
    with ExitStack() as after:
        after.enter_context(runtime_classes(api, HELM))
        made = after.enter_context(guarded(api, HELM, f"{prefix}-{uuid4().hex[:6]}"))
        yield Scene(api, cluster, made.namespace, images, after)
        # Claimed sandboxes that a test left would keep the namespace until their nodes have ended them.
        request(api, "DELETE", f"/api/v1/namespaces/{made.namespace}/pods")


def holder(scene: Scene) -> str:
    """Who holds the Lease."""
    answer = request(scene.api, "GET", scene.path("apis/coordination.k8s.io/v1", "leases", "bailiwick-operator"))
    return str(json.loads(answer.text).get("spec", {}).get("holderIdentity", "")) if answer.status == 200 else ""


def for_a_while(question: Callable[[], bool], seconds: float) -> None:
    """Assert that it stays true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert question()
        time.sleep(0.3)
