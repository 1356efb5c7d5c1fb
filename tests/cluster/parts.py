"""Every part of a cluster: how it starts, and when it is ready."""

import json
import ssl
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import enforcer
from tests.cluster.configuration import API_PORT, CONTAINERD
from tests.cluster.holder import INSIDE, KUBELET
from tests.cluster.machine import HOSTNAME, Machine, Process

PKI = INSIDE / "pki"
ETCD = "http://127.0.0.1:2379"


@dataclass(frozen=True)
class Site:
    """Where a cluster is: its folder and programs on this machine, and its namespaces."""

    home: Path
    tools: Path
    machine: Machine

    @property
    def server(self) -> str:
        return f"https://{self.machine.network.node}:{API_PORT}"

    def get(self, path: str) -> bytes:
        """What the API server answers the administrator. Raises OSError while it does not."""
        context = ssl.create_default_context(cafile=str(self.home / "pki/ca.crt"))
        context.load_cert_chain(self.home / "pki/admin.crt", self.home / "pki/admin.key")
        with urllib.request.urlopen(f"{self.server}{path}", timeout=5, context=context) as answer:
            body: bytes = answer.read()
            return body

    def program(self, name: str) -> str:
        return str(self.tools / name)


@dataclass(frozen=True)
class Part:
    """One program."""

    name: str
    argv: Callable[[Site], list[str]]
    ready: Callable[[Site, Process], bool]


def listens(port: int) -> Callable[[Site, Process], bool]:
    """Ready when something accepts connections on that port in there."""

    def ready(site: Site, process: Process) -> bool:
        wanted = f":{port:04X}"
        tables = [Path(f"/proc/{process.pid}/net/{name}") for name in ("tcp", "tcp6")]
        rows = [line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:]]
        return any(row[1].endswith(wanted) and row[3] == "0A" for row in rows)

    return ready


def _etcd(site: Site) -> list[str]:
    return [
        site.program("etcd"),
        f"--data-dir={INSIDE}/etcd",
        # What a test cluster holds need not outlive the machine.
        "--unsafe-no-fsync",
        f"--listen-client-urls={ETCD}",
        f"--advertise-client-urls={ETCD}",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--log-level=warn",
    ]


def _apiserver(site: Site) -> list[str]:
    network = site.machine.network
    return [
        site.program("kube-apiserver"),
        f"--etcd-servers={ETCD}",
        f"--bind-address={network.node}",
        f"--advertise-address={network.node}",
        f"--secure-port={API_PORT}",
        f"--service-cluster-ip-range={network.services}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        f"--client-ca-file={PKI}/ca.crt",
        f"--tls-cert-file={PKI}/apiserver.crt",
        f"--tls-private-key-file={PKI}/apiserver.key",
        f"--service-account-key-file={PKI}/sa.pub",
        f"--service-account-signing-key-file={PKI}/sa.key",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--kubelet-certificate-authority={PKI}/ca.crt",
        f"--kubelet-client-certificate={PKI}/apiserver-kubelet.crt",
        f"--kubelet-client-key={PKI}/apiserver-kubelet.key",
        "--kubelet-preferred-address-types=InternalIP",
        # As in real clusters: what is privileged is for admission to refuse.
        "--allow-privileged=true",
    ]


def _api_ready(site: Site, process: Process) -> bool:
    try:
        return site.get("/readyz") == b"ok"
    except OSError:
        return False


def _controller_manager(site: Site) -> list[str]:
    kubeconfig = f"{INSIDE}/etc/kube-controller-manager.kubeconfig"
    return [
        site.program("kube-controller-manager"),
        f"--kubeconfig={kubeconfig}",
        "--bind-address=127.0.0.1",
        "--leader-elect=false",
        "--use-service-account-credentials",
        # Each controller asks for its token first, and the default would space that out over seconds.
        "--kube-api-qps=100",
        "--kube-api-burst=200",
        f"--service-account-private-key-file={PKI}/sa.key",
        f"--root-ca-file={PKI}/ca.crt",
    ]


def _accounts_ready(site: Site, process: Process) -> bool:
    """It has made the account and the certificates without which no pod starts in the default namespace."""
    try:
        site.get("/api/v1/namespaces/default/serviceaccounts/default")
        site.get("/api/v1/namespaces/default/configmaps/kube-root-ca.crt")
    except OSError:
        return False
    return True


def _scheduler(site: Site) -> list[str]:
    kubeconfig = f"{INSIDE}/etc/kube-scheduler.kubeconfig"
    return [
        site.program("kube-scheduler"),
        f"--kubeconfig={kubeconfig}",
        "--bind-address=127.0.0.1",
        "--leader-elect=false",
    ]


def _containerd(site: Site) -> list[str]:
    return [site.program("containerd"), f"--config={INSIDE}/etc/containerd.toml", "--log-level=warn"]


def _containerd_ready(site: Site, process: Process) -> bool:
    try:
        site.machine.run(site.program("ctr"), "--address", CONTAINERD, "version")
    except RuntimeError:
        return False
    return True


def _proxy(site: Site) -> list[str]:
    return [site.program("kube-proxy"), f"--config={INSIDE}/etc/kube-proxy.json"]


def _enforcer(site: Site) -> list[str]:
    return [
        sys.executable,
        "-m",
        "tests.cluster.enforcer",
        f"--server={site.server}",
        f"--pki={PKI}",
        f"--pods={site.machine.network.pods}",
    ]


def _kubelet(site: Site) -> list[str]:
    return [
        site.program("kubelet"),
        f"--config={INSIDE}/etc/kubelet.json",
        f"--kubeconfig={INSIDE}/etc/kubelet.kubeconfig",
        f"--hostname-override={HOSTNAME}",
        f"--node-ip={site.machine.network.node}",
        f"--root-dir={KUBELET}",
    ]


def _node_ready(site: Site, process: Process) -> bool:
    """It has said itself that it is ready: this start of it listens, and the API server knows."""
    if not listens(10250)(site, process):
        return False
    try:
        node = json.loads(site.get(f"/api/v1/nodes/{HOSTNAME}"))
    except OSError:
        return False
    return any(found["type"] == "Ready" and found["status"] == "True" for found in node["status"]["conditions"])


# Each stage is started as a whole when the one before it is ready. kube-proxy asks for the node, which kubelet makes.
STAGES = (
    (Part("etcd", _etcd, listens(2379)), Part("containerd", _containerd, _containerd_ready)),
    (Part("apiserver", _apiserver, _api_ready),),
    (
        Part("controller-manager", _controller_manager, _accounts_ready),
        Part("scheduler", _scheduler, listens(10259)),
        Part("network-policies", _enforcer, listens(enforcer.PORT)),
        Part("kubelet", _kubelet, _node_ready),
    ),
    (Part("proxy", _proxy, listens(10256)),),
)
PARTS = {part.name: part for stage in STAGES for part in stage}
