"""The chart as it is installed on the test cluster, with what an administrator makes beforehand."""

import base64
import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any

from tests.cluster.node import Cluster
from tests.cluster.outside import POSTGRES_PORT, Outside
from tools.launch.state import BIN, IMAGES, ROOT

CHART = ROOT / "charts/bailiwick"
PLATFORM = "bailiwick"
SANDBOXES = "bailiwick-sandboxes"
REGISTRY = "bailiwick.internal"
READY_WITHIN = 300


class Installation:
    """One release on one cluster, of the images that were built here."""

    def __init__(self, cluster: Cluster, outside: Outside) -> None:
        self.cluster = cluster
        self.outside = outside
        self.address = str(cluster.site.machine.network.services[80])

    @property
    def url(self) -> str:
        """Where this machine, and a browser on it, reaches the platform."""
        return f"http://{self.address}"

    def values(self) -> dict[str, Any]:
        """What is given to the chart. The demo: no certificates are made here."""
        network = self.cluster.site.machine.network
        outside = [{"ipBlock": {"cidr": f"{self.outside.address}/32"}}]
        return {
            "image": {"repository": f"{REGISTRY}/control-plane", "digest": digest("control-plane")},
            "demo": True,
            "publicUrl": self.url,
            "secrets": {"platform": "platform", "migration": "migration", "sequencer": "sequencer"},
            "database": {"host": self.outside.address, "port": POSTGRES_PORT, "tls": False},
            "storage": {"claim": "state"},
            "log": {"origin": self.outside.state.secret("log_origin"), "keptClaim": "checkpoints"},
            "web": {"replicas": 1, "clusterIP": self.address},
            "worker": {"replicas": 1},
            "operator": {"replicas": 1},
            "network": {
                "database": outside,
                "redis": outside,
                "redisPort": self.outside.state.ports.redis,
                "kubernetes": [
                    {"ipBlock": {"cidr": f"{address}/32"}} for address in (network.node, network.api_service)
                ],
            },
            "environments": [
                {
                    "name": "python",
                    "image": f"{REGISTRY}/python@{digest('python')}",
                    "digest": digest("python"),
                    "metadata": "environment-python",
                    "warm": {"floor": 2, "ceiling": 5},
                }
            ],
        }

    def prepare(self) -> None:
        """Make what the chart expects to be there: images, namespace, claims, Secrets, the environment's metadata."""
        for name in ("control-plane", "python"):
            self.cluster.load(IMAGES / name / "image.tar", f"{REGISTRY}/{name}@{digest(name)}")
        self._apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": PLATFORM, "labels": RESTRICTED}})
        for name in ("state", "checkpoints"):
            self._apply(*self._volume(name))
        for name, values in self.secrets().items():
            encoded = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
            self._apply({**_head("Secret", name), "data": encoded})
        metadata = (IMAGES / "python/metadata.json").read_text()
        self._apply({**_head("ConfigMap", "environment-python"), "data": {"metadata.json": metadata}})

    def secrets(self) -> dict[str, dict[str, str]]:
        """The three Secrets, by name and key."""
        secret = self.outside.state.secret
        return {
            "platform": {
                "secret-key": secret("secret_key"),
                "master-key": secret("master_key"),
                "database-app-password": secret("database_app"),
                "database-reader-password": secret("database_reader"),
                "redis-url": self.outside.redis_url,
                "opa-token": secret("opa"),
            },
            "migration": {"database-owner-password": secret("database_owner")},
            "sequencer": {
                "database-sequencer-password": secret("database_sequencer"),
                "log-key": secret("log_key"),
            },
        }

    def install(self, **more: Any) -> None:
        """Install or upgrade, and wait until everything is ready. Raises CalledProcessError."""
        values = self.cluster.home / "values.json"
        values.write_text(json.dumps({**self.values(), **more}))
        self.helm(
            "upgrade",
            "--install",
            PLATFORM,
            str(CHART),
            "--values",
            str(values),
            "--wait",
            f"--timeout={READY_WITHIN}s",
        )

    def helm(self, *words: str, namespace: str = PLATFORM) -> str:
        """What helm answers. Raises CalledProcessError with what it said."""
        env = {**os.environ, "KUBECONFIG": str(self.cluster.kubeconfig)}
        call = [str(BIN / "helm"), *words, "--namespace", namespace]
        done = subprocess.run(call, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, call[:3], done.stdout, done.stderr)
        return done.stdout

    def manage(self, *words: str) -> str:
        """Run a management command in a web pod."""
        pod = f"deployment/{PLATFORM}-web"
        return self.cluster.kubectl("-n", PLATFORM, "exec", pod, "-c", "web", "--", "python3", "manage.py", *words)

    def seed(self) -> dict[str, Any]:
        """Seed the demo; its address and everybody's credentials, as in var/demo.json."""
        self.manage("seed_demo")
        shown = self.cluster.kubectl(
            "-n",
            PLATFORM,
            "exec",
            f"deployment/{PLATFORM}-web",
            "-c",
            "web",
            "--",
            "cat",
            "/var/lib/bailiwick/demo.json",
        )
        found: dict[str, Any] = json.loads(shown)
        return found

    def standing(self) -> str:
        """What the pods of both namespaces are at, for who has to find out why."""
        return self.cluster.kubectl("get", "pods,sandboxenvironments,events", "--all-namespaces", "--sort-by=.kind")

    def _volume(self, name: str) -> list[dict[str, Any]]:
        folder = self.cluster.home / "volumes" / name
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        os.chown(folder, 1000, 1000)
        size = {"storage": "10Gi"}
        access = ["ReadWriteMany"]
        volume = {"hostPath": {"path": str(folder)}, "capacity": size, "accessModes": access, "storageClassName": ""}
        claim = {"resources": {"requests": size}, "accessModes": access, "storageClassName": "", "volumeName": name}
        return [
            {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": volume},
            {**_head("PersistentVolumeClaim", name), "spec": claim},
        ]

    def _apply(self, *objects: Mapping[str, Any]) -> None:
        for item in objects:
            self.cluster.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(item))


RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


def digest(image: str) -> str:
    """The digest of an image that was built here."""
    found: str = json.loads((IMAGES / image / "metadata.json").read_text())["digest"]
    return found


def _head(kind: str, name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": PLATFORM}}
