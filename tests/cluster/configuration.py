"""What the parts of a cluster read at their start. Paths are as the parts see them: the home is /run/cluster."""

import json
from pathlib import Path

from tests.cluster.certificates import Authority, make_signing_key
from tests.cluster.holder import INSIDE, KUBELET
from tests.cluster.machine import HOSTNAME, Machine
from tests.cluster.network import Network

API_PORT = 6443
CONTAINERD = "/run/containerd.sock"
PAUSE = "bailiwick.internal/pause:1"
PLUGINS = "/usr/lib/cni"
VOLUMES_SECONDS = 10
# What a pod gets that names no RuntimeClass: the machine's kernel, as on any cluster's node.
ORDINARY = "runc"
# RuntimeClass handlers, and what runsc is told beyond the platform.
HANDLERS = {"runsc": "", "sealed": 'network = "none"\n'}


def write(home: Path, tools: Path, machine: Machine) -> None:
    """Write certificates, kubeconfigs and the parts' files into `home`."""
    network = machine.network
    server = f"https://{network.node}:{API_PORT}"
    authority = Authority.make(home / "pki")
    make_signing_key(home / "pki")
    names = (network.node, network.api_service, "kubernetes", "kubernetes.default", "kubernetes.default.svc")
    authority.issue("apiserver", "kube-apiserver", hosts=names)
    authority.issue("apiserver-kubelet", "kube-apiserver", groups=["system:masters"])
    authority.issue("kubelet-server", HOSTNAME, hosts=[HOSTNAME, network.node])
    etc = home / "etc"
    etc.mkdir(mode=0o700)
    users = {
        "admin": ("admin", ["system:masters"]),
        "kube-controller-manager": ("system:kube-controller-manager", []),
        "kube-scheduler": ("system:kube-scheduler", []),
        "kube-proxy": ("system:kube-proxy", []),
        "kubelet": (f"system:node:{HOSTNAME}", ["system:nodes"]),
    }
    for file, (user, groups) in users.items():
        authority.issue(file, user, groups)
        path = home / "kubeconfig" if file == "admin" else etc / f"{file}.kubeconfig"
        path.touch(mode=0o600)
        path.write_text(authority.kubeconfig(file, server))
    (etc / "kubelet.json").write_text(json.dumps(make_kubelet(machine), indent=1))
    (etc / "kube-proxy.json").write_text(json.dumps(make_proxy(network), indent=1))
    (etc / "cni").mkdir()
    (etc / "cni/10-cluster.conflist").write_text(json.dumps(make_plugins(network), indent=1))
    (etc / "containerd.toml").write_text(make_containerd(network))
    (etc / "resolv.conf").write_text("")
    for handler, extra in HANDLERS.items():
        told = f'binary_name = "{tools / "runsc"}"\n[runsc_config]\nplatform = "systrap"\n{extra}'
        (etc / f"{handler}.toml").write_text(told)


def make_kubelet(machine: Machine) -> dict[str, object]:
    network = machine.network
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        # kubelet may not set the machine's sysctls or read its kernel log from in here, and must not mind.
        "featureGates": {"KubeletInUserNamespace": True},
        "address": network.node,
        "authentication": {
            "anonymous": {"enabled": False},
            "x509": {"clientCAFile": f"{INSIDE}/pki/ca.crt"},
            "webhook": {"enabled": True},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{INSIDE}/pki/kubelet-server.crt",
        "tlsPrivateKeyFile": f"{INSIDE}/pki/kubelet-server.key",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{machine.group}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "containerRuntimeEndpoint": f"unix://{CONTAINERD}",
        "podLogsDir": f"{INSIDE}/log/pods",
        "volumePluginDir": f"{KUBELET}/plugins-exec",
        "resolvConf": f"{INSIDE}/etc/resolv.conf",
        "clusterDomain": "cluster.local",
        # The disk is the machine's, and images are loaded by hand: nothing is evicted or collected before it is full.
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        "maxPods": 250,
        # What volumes hold is asked about in tests, and by default added up once a minute.
        "volumeStatsAggPeriod": f"{VOLUMES_SECONDS}s",
        "registryPullQPS": 0,
        "eventRecordQPS": 0,
    }


def make_proxy(network: Network) -> dict[str, object]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "hostnameOverride": HOSTNAME,
        "bindAddress": network.node,
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
        "clientConnection": {"kubeconfig": f"{INSIDE}/etc/kube-proxy.kubeconfig"},
        "clusterCIDR": str(network.pods),
        # The size of the machine's table is not for a cluster in here to set.
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }


def make_plugins(network: Network) -> dict[str, object]:
    """A link of its own for each pod, so that all traffic between pods is routed and can be filtered."""
    ipam = {
        "type": "host-local",
        "dataDir": "/run/cni",
        "ranges": [[{"subnet": str(network.pods)}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    return {"cniVersion": "1.0.0", "name": "cluster", "plugins": [{"type": "ptp", "ipMasq": False, "ipam": ipam}]}


def make_containerd(network: Network) -> str:
    runtime = "plugins.'io.containerd.cri.v1.runtime'"
    handlers = "".join(
        f"""
[{runtime}.containerd.runtimes.{handler}]
  runtime_type = "io.containerd.runsc.v1"
  pod_annotations = ["dev.gvisor.*"]
  [{runtime}.containerd.runtimes.{handler}.options]
    TypeUrl = "io.containerd.runsc.v1.options"
    ConfigPath = "{INSIDE}/etc/{handler}.toml"
"""
        for handler in HANDLERS
    )
    return f"""version = 3
root = "{INSIDE}/containerd"
state = "/run/containerd"
# It would make a folder on the machine.
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "{CONTAINERD}"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "{PAUSE}"
[{runtime}]
  # In a user namespace a refused OOM score is passed over: the machine need not grant CAP_SYS_RESOURCE.
  restrict_oom_score_adj = true
  disable_apparmor = true
  tolerate_missing_hugetlb_controller = true
  disable_hugetlb_controller = true
[{runtime}.cni]
  bin_dirs = ["{PLUGINS}"]
  conf_dir = "{INSIDE}/etc/cni"
[{runtime}.containerd]
  default_runtime_name = "{ORDINARY}"
[{runtime}.containerd.runtimes.{ORDINARY}]
  runtime_type = "io.containerd.runc.v2"
{handlers}
[plugins.'io.containerd.grpc.v1.cri']
  stream_server_address = "{network.node}"
  stream_server_port = "0"
"""
