"""The one place that makes the pod of a sandbox. The admission policy `bailiwick-pods` refuses any other shape."""

from __future__ import annotations

from typing import Any

from sandbox_operator.kubernetes import names
from sandbox_operator.kubernetes.environment import Environment, Size

JSON = dict[str, Any]

SANDBOX_UID = 1000
MIB = 1 << 20
TMP_BYTES = 64 * MIB  # memory, counted as such; TMPDIR points at the disk
AGENT_BYTES = MIB
PACKAGES_BYTES = 1024 * MIB
# What the node itself keeps for a container: its log, which stays empty, and a termination message.
SPARE_BYTES = 64 * MIB
WARM_UP_SECONDS = 120
LEAST_WARM_UP_SECONDS = 2
MOUNT_HINT = "dev.gvisor.spec.mount."
# Where each volume appears, and what backs it: the node's disk, or memory.
MOUNTS = {"workspace": "/workspace", "packages": "/packages", "tmp": "/tmp", "agent": "/run/agent"}
ON_DISK = ("workspace", "packages")


def make_labels(environment: str) -> dict[str, str]:
    """What a warm pod of an environment is known by: the Deployment's selector, too."""
    return {names.ENVIRONMENT: environment, names.POOL: names.WARM}


def make_template(environment: Environment, priority_class: str) -> JSON:
    """The template of an environment's warm pods: nothing in it knows a tenant, a user or a secret."""
    return {
        "metadata": {
            "labels": make_labels(environment.name),
            "annotations": {names.IMAGE_DIGEST: environment.image_digest, **make_mount_hints(environment.size)},
        },
        "spec": {
            "runtimeClassName": environment.runtime_class,
            "priorityClassName": priority_class,
            "serviceAccountName": "default",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            # No cluster DNS and none of the node's: nothing answers at this address inside the pod.
            "dnsPolicy": "None",
            "dnsConfig": {"nameservers": ["127.0.0.1"]},
            # With 0 the API server would forget the pod before its node has ended it.
            "terminationGracePeriodSeconds": 1,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": SANDBOX_UID,
                "runAsGroup": SANDBOX_UID,
                "fsGroup": SANDBOX_UID,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [make_container(environment.image, environment.size)],
            "volumes": make_volumes(environment.size),
        },
    }


def make_container(image: str, size: Size) -> JSON:
    """The image's own entry point is the agent. It limits its own processes: a pod cannot say how many."""
    return {
        "name": names.CONTAINER,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "env": [{"name": "BAILIWICK_PROCESSES", "value": str(size.processes)}],
        "resources": make_resources(size),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "privileged": False,
            "readOnlyRootFilesystem": True,
        },
        # Once it has passed it never runs again, so an idle sandbox is left idle. The socket appears when all is warm.
        # Each look starts a process in the sandbox, at the cost of what it is looking for: none before it can be there.
        "startupProbe": {
            "exec": {"command": ["/usr/bin/test", "-S", names.AGENT_SOCKET]},
            "initialDelaySeconds": LEAST_WARM_UP_SECONDS,
            "periodSeconds": 1,
            "timeoutSeconds": 5,
            "failureThreshold": WARM_UP_SECONDS,
        },
        "volumeMounts": [{"name": name, "mountPath": path} for name, path in MOUNTS.items()],
    }


def make_resources(size: Size) -> JSON:
    """Memory is reserved whole; of a processor only a little, so that a node holds many idle sandboxes."""
    disk = size.disk_bytes + PACKAGES_BYTES + SPARE_BYTES
    return {
        "requests": {
            "cpu": size.cpu_request,
            "memory": str(size.memory_bytes),
            "ephemeral-storage": str(SPARE_BYTES),
        },
        "limits": {
            "cpu": f"{size.cpu_millicores}m",
            "memory": str(size.memory_bytes),
            "ephemeral-storage": str(disk),
        },
    }


def make_volumes(size: Size) -> list[JSON]:
    """The node evicts a sandbox that outgrows one of these; the hints make gVisor refuse the write before."""
    return [
        {"name": name, "emptyDir": {**({} if name in ON_DISK else {"medium": "Memory"}), "sizeLimit": str(limit)}}
        for name, limit in make_limits(size).items()
    ]


def make_mount_hints(size: Size) -> dict[str, str]:
    """What gVisor reads about the volumes (runsc/boot/mount_hints.go): file systems of the sandbox's own, of this size.

    `bind` is backed by one file on the node's disk, `tmpfs` by memory.
    """
    hints = {}
    for name, limit in make_limits(size).items():
        on_disk = name in ON_DISK
        hints[f"{MOUNT_HINT}{name}.type"] = "bind" if on_disk else "tmpfs"
        hints[f"{MOUNT_HINT}{name}.share"] = "container"
        hints[f"{MOUNT_HINT}{name}.options"] = f"rw,mode={'0777' if on_disk else '1777'},size={limit}"
    return hints


def make_limits(size: Size) -> dict[str, int]:
    """The bytes that each volume holds."""
    return {"workspace": size.disk_bytes, "packages": PACKAGES_BYTES, "tmp": TMP_BYTES, "agent": AGENT_BYTES}
