"""One broken field at a time of a sandbox's pod, and which rules of `bailiwick-pods` say so."""

from __future__ import annotations

import copy
import re
from typing import Any


class _Gone:
    """In the place of a value: the field is left out."""

    def __repr__(self) -> str:
        return "gone"


GONE: Any = _Gone()
RUN = "0a9b8c7d-1234-4321-8888-0123456789ab"
# A class of runtime or priority that is no sandbox's.
OTHER: Any = "other"
GPU = "example.com/gpu"
HINT = "dev.gvisor.spec.mount."
BOX = "spec.containers.0"
OTHER_BOX = {"name": "other", "image": "registry.example/x@sha256:" + "1" * 64}
TCP = {"tcpSocket": {"port": 1}}
NODE_TERM = {"matchExpressions": [{"key": "a", "operator": "Exists"}]}
AFFINITY = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [NODE_TERM]}}}
SPREAD = {"maxSkew": 1, "topologyKey": "a", "whenUnsatisfiable": "ScheduleAnyway"}

# The API server adds a volume for the token before a policy sees the pod.
WITH_TOKEN = [
    "spec.automountServiceAccountToken",
    "spec.volumes: must",
    "spec.volumes: each",
    "spec.volumes: tmp",
    "containers.volumeMounts: must be workspace",
    "containers.volumeMounts: must be whole",
]
# What is broken, how, and the start of what each rule says that catches it.
BROKEN: list[tuple[str, Any, list[str]]] = [
    ("metadata.labels.extra", "x", ["metadata.labels: a new sandbox has an environment"]),
    ("metadata.labels.[bailiwick.internal/run]", RUN, ["metadata.labels: a new sandbox has an environment"]),
    (
        "metadata.labels.[bailiwick.internal/environment]",
        GONE,
        ["metadata.labels: bailiwick.internal/environment", "spec.priorityClassName"],
    ),
    (
        "metadata.labels.[bailiwick.internal/environment]",
        "Python_3",
        ["metadata.labels: bailiwick.internal/environment", "spec.priorityClassName"],
    ),
    ("metadata.labels.[bailiwick.internal/environment]", "other", ["spec.priorityClassName"]),
    ("metadata.labels.[bailiwick.internal/pool]", GONE, ["metadata.labels: a new sandbox's"]),
    ("metadata.labels.[bailiwick.internal/pool]", "claimed", ["metadata.labels: a new sandbox's"]),
    ("metadata.annotations.extra", "x", ["metadata.annotations: a new sandbox has"]),
    ("metadata.annotations.[dev.gvisor.flag.network]", "host", ["metadata.annotations: a new sandbox has"]),
    ("metadata.annotations.[bailiwick.internal/probe]", "{}", ["metadata.annotations: a new sandbox has"]),
    (
        "metadata.annotations.[bailiwick.internal/image-digest]",
        GONE,
        ["metadata.annotations: bailiwick.internal/image"],
    ),
    (
        "metadata.annotations.[bailiwick.internal/image-digest]",
        "v1",
        ["metadata.annotations: bailiwick.internal/image"],
    ),
    (f"metadata.annotations.[{HINT}workspace.type]", "tmpfs", ["metadata.annotations: gVisor must hold"]),
    (f"metadata.annotations.[{HINT}tmp.type]", GONE, ["metadata.annotations: gVisor must hold"]),
    (f"metadata.annotations.[{HINT}agent.share]", "shared", ["metadata.annotations: gVisor must share"]),
    (f"metadata.annotations.[{HINT}packages.options]", "rw,mode=0777", ["metadata.annotations: gVisor must limit"]),
    (f"metadata.annotations.[{HINT}tmp.source]", "/", ["metadata.annotations: a new sandbox has"]),
    ("metadata.finalizers", ["example.com/keep"], ["metadata.finalizers"]),
    ("spec.runtimeClassName", GONE, ["spec.runtimeClassName"]),
    ("spec.runtimeClassName", OTHER, ["spec.runtimeClassName"]),
    ("spec.priorityClassName", GONE, ["spec.priorityClassName", "spec.preemptionPolicy"]),
    ("spec.priorityClassName", OTHER, ["spec.priorityClassName", "spec.preemptionPolicy"]),
    ("spec.nodeName", "node1", ["spec.nodeName"]),
    ("spec.schedulerName", "mine", ["spec.schedulerName"]),
    ("spec.affinity", AFFINITY, ["spec.affinity"]),
    ("spec.topologySpreadConstraints", [SPREAD], ["spec.topologySpreadConstraints"]),
    ("spec.schedulingGates", [{"name": "example.com/wait"}], ["spec.schedulingGates"]),
    ("spec.readinessGates", [{"conditionType": "example.com/ready"}], ["spec.readinessGates"]),
    ("spec.resourceClaims", [{"name": "a", "resourceClaimName": "b"}], ["spec.resourceClaims"]),
    ("spec.resources", {"limits": {"cpu": "500m", "memory": str(256 << 20)}}, ["spec.resources"]),
    ("spec.os", {"name": "linux"}, ["spec.os"]),
    ("spec.restartPolicy", "Never", ["spec.restartPolicy"]),
    ("spec.activeDeadlineSeconds", 5, ["spec.activeDeadlineSeconds"]),
    ("spec.terminationGracePeriodSeconds", 0, ["spec.terminationGracePeriodSeconds"]),
    ("spec.terminationGracePeriodSeconds", 600, ["spec.terminationGracePeriodSeconds"]),
    ("spec.hostNetwork", True, ["spec.hostNetwork"]),
    ("spec.hostPID", True, ["spec.hostPID"]),
    ("spec.hostIPC", True, ["spec.hostIPC"]),
    ("spec.hostUsers", True, ["spec.hostUsers"]),
    ("spec.shareProcessNamespace", True, ["spec.shareProcessNamespace"]),
    ("spec.hostAliases", [{"ip": "10.0.0.1", "hostnames": ["a"]}], ["spec.hostAliases"]),
    ("spec.hostname", "a", ["spec.hostname"]),
    ("spec.subdomain", "a", ["spec.subdomain"]),
    ("spec.setHostnameAsFQDN", True, ["spec.setHostnameAsFQDN"]),
    ("spec.dnsPolicy", "Default", ["spec.dnsPolicy"]),
    ("spec.dnsPolicy", "ClusterFirst", ["spec.dnsPolicy"]),
    ("spec.dnsConfig.nameservers", ["10.96.0.10"], ["spec.dnsConfig.nameservers"]),
    ("spec.dnsConfig.nameservers", ["127.0.0.1", "10.96.0.10"], ["spec.dnsConfig.nameservers"]),
    ("spec.dnsConfig.searches", ["svc.cluster.local"], ["spec.dnsConfig.searches"]),
    ("spec.dnsConfig.options", [{"name": "ndots", "value": "5"}], ["spec.dnsConfig.options"]),
    ("spec.serviceAccountName", "robot", ["spec.serviceAccountName"]),
    ("spec.automountServiceAccountToken", GONE, WITH_TOKEN),
    ("spec.automountServiceAccountToken", True, WITH_TOKEN),
    ("spec.enableServiceLinks", GONE, ["spec.enableServiceLinks"]),
    ("spec.enableServiceLinks", True, ["spec.enableServiceLinks"]),
    ("spec.securityContext.runAsNonRoot", GONE, ["spec.securityContext.runAsNonRoot"]),
    ("spec.securityContext.runAsUser", 1001, ["spec.securityContext.runAsUser"]),
    ("spec.securityContext.runAsUser", GONE, ["spec.securityContext.runAsUser"]),
    ("spec.securityContext.runAsGroup", 0, ["spec.securityContext.runAsGroup"]),
    ("spec.securityContext.fsGroup", 0, ["spec.securityContext.fsGroup"]),
    ("spec.securityContext.supplementalGroups", [5], ["spec.securityContext.supplementalGroups"]),
    ("spec.securityContext.seccompProfile", GONE, ["spec.securityContext.seccompProfile"]),
    ("spec.securityContext.seccompProfile", {"type": "Unconfined"}, ["spec.securityContext.seccompProfile"]),
    ("spec.securityContext.appArmorProfile", {"type": "Unconfined"}, ["spec.securityContext.appArmorProfile"]),
    ("spec.securityContext.seLinuxOptions", {"user": "a"}, ["spec.securityContext.seLinuxOptions"]),
    ("spec.securityContext.windowsOptions", {"runAsUserName": "a"}, ["spec.securityContext.windowsOptions"]),
    (
        "spec.securityContext.sysctls",
        [{"name": "net.ipv4.tcp_syncookies", "value": "0"}],
        ["spec.securityContext.sysc"],
    ),
    ("spec.containers.+", OTHER_BOX, ["spec.containers:"]),
    ("spec.initContainers", [OTHER_BOX], ["spec.initContainers"]),
    (f"{BOX}.name", "other", ["containers.name"]),
    (f"{BOX}.image", "registry.example/python:latest", ["containers.image:"]),
    (f"{BOX}.imagePullPolicy", "Always", ["containers.imagePullPolicy"]),
    (f"{BOX}.imagePullPolicy", "Never", ["containers.imagePullPolicy"]),
    (f"{BOX}.command", ["/bin/sh"], ["containers.command"]),
    (f"{BOX}.args", ["-c", "sleep 1"], ["containers.args"]),
    (f"{BOX}.workingDir", "/", ["containers.workingDir"]),
    (f"{BOX}.env.+", {"name": "PASSWORD", "value": "1"}, ["containers.env:"]),
    (f"{BOX}.env.0.value", "a secret", ["containers.env:"]),
    (
        f"{BOX}.env.0",
        {"name": "BAILIWICK_PROCESSES", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}},
        ["containers.env:"],
    ),
    (f"{BOX}.envFrom", [{"secretRef": {"name": "a"}}], ["containers.envFrom"]),
    (f"{BOX}.ports", [{"containerPort": 80}], ["containers.ports"]),
    (f"{BOX}.ports", [{"containerPort": 80, "hostPort": 80}], ["containers.ports"]),
    (f"{BOX}.lifecycle", {"preStop": {"exec": {"command": ["a"]}}}, ["containers.lifecycle"]),
    (f"{BOX}.livenessProbe", TCP, ["containers.livenessProbe"]),
    (f"{BOX}.readinessProbe", TCP, ["containers.readinessProbe"]),
    (f"{BOX}.startupProbe", GONE, ["containers.startupProbe"]),
    (f"{BOX}.startupProbe", {"httpGet": {"host": "10.0.0.1", "port": 80}}, ["containers.startupProbe"]),
    (f"{BOX}.startupProbe.exec.command", ["/bin/sh"], ["containers.startupProbe"]),
    (f"{BOX}.stdin", True, ["containers.stdin:"]),
    (f"{BOX}.stdinOnce", True, ["containers.stdinOnce:"]),
    (f"{BOX}.tty", True, ["containers.tty:"]),
    (f"{BOX}.terminationMessagePolicy", "FallbackToLogsOnError", ["containers.terminationMessagePolicy"]),
    (f"{BOX}.terminationMessagePath", "/workspace/end", ["containers.terminationMessagePath"]),
    (f"{BOX}.securityContext.allowPrivilegeEscalation", GONE, ["containers.securityContext.allowPrivilegeEscalation"]),
    (f"{BOX}.securityContext.allowPrivilegeEscalation", True, ["containers.securityContext.allowPrivilegeEscalation"]),
    (f"{BOX}.securityContext.capabilities", GONE, ["containers.securityContext.capabilities.drop"]),
    (f"{BOX}.securityContext.capabilities.drop", ["NET_RAW"], ["containers.securityContext.capabilities.drop"]),
    (f"{BOX}.securityContext.capabilities.add", ["SYS_ADMIN"], ["containers.securityContext.capabilities.add"]),
    (
        f"{BOX}.securityContext",
        {"privileged": True, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True},
        ["containers.securityContext.allowPrivilegeEscalation", "containers.securityContext.privileged"],
    ),
    (f"{BOX}.securityContext.readOnlyRootFilesystem", GONE, ["containers.securityContext.readOnlyRootFilesystem"]),
    (f"{BOX}.securityContext.runAsNonRoot", False, ["containers.securityContext.runAsNonRoot"]),
    (f"{BOX}.securityContext.runAsUser", 0, ["containers.securityContext.runAsUser"]),
    (f"{BOX}.securityContext.runAsGroup", 0, ["containers.securityContext.runAsGroup"]),
    (f"{BOX}.securityContext.seccompProfile", {"type": "Unconfined"}, ["containers.securityContext.seccompProfile"]),
    (f"{BOX}.securityContext.appArmorProfile", {"type": "Unconfined"}, ["containers.securityContext.appArmorProfile"]),
    (f"{BOX}.securityContext.seLinuxOptions", {"user": "a"}, ["containers.securityContext.seLinuxOptions"]),
    (f"{BOX}.securityContext.windowsOptions", {"runAsUserName": "a"}, ["containers.securityContext.windowsOptions"]),
    (f"{BOX}.resources.limits.[{GPU}]", "1", ["containers.resources.limits", "containers.resources.requests: must be"]),
    (f"{BOX}.resources.limits.cpu", GONE, ["containers.resources.limits"]),
    (f"{BOX}.resources.limits.ephemeral-storage", GONE, ["containers.resources.limits"]),
    (f"{BOX}.resources.requests.memory", "1Mi", ["containers.resources: memory"]),
    (f"{BOX}.resources.requests.cpu", "500m", ["containers.resources.requests: cpu"]),
    ("spec.volumes.0.emptyDir.sizeLimit", GONE, ["spec.volumes: each"]),
    ("spec.volumes.2.emptyDir.medium", GONE, ["spec.volumes: tmp and agent"]),
    ("spec.volumes.0.emptyDir.medium", "Memory", ["spec.volumes: tmp and agent"]),
    ("spec.volumes.0", {"name": "workspace", "hostPath": {"path": "/"}}, ["spec.volumes: each", "spec.volumes: tmp"]),
    (
        "spec.volumes.1",
        {"name": "packages", "secret": {"secretName": "a"}},
        ["spec.volumes: each", "spec.volumes: tmp"],
    ),
    (
        "spec.volumes.1",
        {"name": "packages", "persistentVolumeClaim": {"claimName": "a"}},
        ["spec.volumes: each", "spec.volumes: tmp"],
    ),
    ("spec.volumes.+", {"name": "more", "emptyDir": {"sizeLimit": "1Mi"}}, ["spec.volumes: must be"]),
    (f"{BOX}.volumeMounts.0.mountPath", "/usr", ["containers.volumeMounts: must be workspace"]),
    (f"{BOX}.volumeMounts.3", GONE, ["containers.volumeMounts: must be workspace"]),
    (f"{BOX}.volumeMounts.0.subPath", "a", ["containers.volumeMounts: must be whole"]),
    (f"{BOX}.volumeMounts.0.readOnly", True, ["containers.volumeMounts: must be whole"]),
    (f"{BOX}.volumeMounts.0.mountPropagation", "HostToContainer", ["containers.volumeMounts: must be whole"]),
]
# What the API server lets through only together with another field.
TOGETHER: list[tuple[list[tuple[str, Any]], list[str]]] = [
    (
        [("spec.hostUsers", False), (f"{BOX}.securityContext.procMount", "Unmasked")],
        ["containers.securityContext.procM"],
    ),
    (
        [
            ("spec.resourceClaims", [{"name": "a", "resourceClaimName": "b"}]),
            (f"{BOX}.resources.claims", [{"name": "a"}]),
        ],
        ["spec.resourceClaims", "containers.resources.claims"],
    ),
    (
        [
            ("spec.volumes.+", {"name": "disk", "persistentVolumeClaim": {"claimName": "a"}}),
            (f"{BOX}.volumeDevices", [{"name": "disk", "devicePath": "/dev/a"}]),
        ],
        ["spec.volumes: must", "spec.volumes: each", "spec.volumes: tmp", "containers.volumeDevices"],
    ),
]
# What this API server refuses by itself before a policy is asked.
BY_ITSELF = ("spec.ephemeralContainers: ", "containers.restartPolicy: ")


def broken(pod: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """`pod` with the value at `path` replaced, removed (GONE) or added to a list (`+`)."""
    changed = copy.deepcopy(pod)
    *way, last = re.findall(r"\[([^]]+)\]|([^.\[\]]+)", path)
    place: Any = changed
    for bracketed, plain in way:
        place = place[int(plain)] if isinstance(place, list) else place.setdefault(bracketed or plain, {})
    key = "".join(last)
    if isinstance(place, list):
        change(place, len(place) if key == "+" else int(key), value)
    elif value is GONE:
        del place[key]
    else:
        place[key] = value
    return changed


def change(items: list[Any], at: int, value: Any) -> None:
    items[at : at + 1] = [] if value is GONE else [value]
