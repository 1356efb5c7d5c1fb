"""The pod of a sandbox, compared whole: an added privilege, mount or variable shows."""

from __future__ import annotations

from dataclasses import replace

from sandbox_operator.kubernetes.environment import Egress, Environment, Size
from sandbox_operator.kubernetes.pods import make_template

IMAGE = "registry.example/python@sha256:" + "1" * 64
DIGEST = "sha256:" + "2" * 64
ENVIRONMENT = Environment(
    name="python",
    uid="9a3c1f0e-0000-4000-8000-000000000001",
    generation=1,
    image=IMAGE,
    image_digest=DIGEST,
    runtime_class="gvisor-sealed",
    size=Size(cpu_millicores=500, memory_bytes=1 << 30, disk_bytes=2 << 30, processes=64, cpu_request="50m"),
    floor=2,
    ceiling=8,
    maximum=20,
    egress=Egress.NONE,
)


def test_the_template_grants_nothing() -> None:
    assert make_template(ENVIRONMENT, "bailiwick-sandboxes-python") == {
        "metadata": {
            "labels": {"bailiwick.internal/environment": "python", "bailiwick.internal/pool": "warm"},
            "annotations": {
                "bailiwick.internal/image-digest": DIGEST,
                "dev.gvisor.spec.mount.workspace.type": "bind",
                "dev.gvisor.spec.mount.workspace.share": "container",
                "dev.gvisor.spec.mount.workspace.options": "rw,mode=0777,size=2147483648",
                "dev.gvisor.spec.mount.packages.type": "bind",
                "dev.gvisor.spec.mount.packages.share": "container",
                "dev.gvisor.spec.mount.packages.options": "rw,mode=0777,size=1073741824",
                "dev.gvisor.spec.mount.tmp.type": "tmpfs",
                "dev.gvisor.spec.mount.tmp.share": "container",
                "dev.gvisor.spec.mount.tmp.options": "rw,mode=1777,size=67108864",
                "dev.gvisor.spec.mount.agent.type": "tmpfs",
                "dev.gvisor.spec.mount.agent.share": "container",
                "dev.gvisor.spec.mount.agent.options": "rw,mode=1777,size=1048576",
            },
        },
        "spec": {
            "runtimeClassName": "gvisor-sealed",
            "priorityClassName": "bailiwick-sandboxes-python",
            "serviceAccountName": "default",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "dnsPolicy": "None",
            "dnsConfig": {"nameservers": ["127.0.0.1"]},
            "terminationGracePeriodSeconds": 1,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 1000,
                "runAsGroup": 1000,
                "fsGroup": 1000,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "sandbox",
                    "image": IMAGE,
                    "imagePullPolicy": "IfNotPresent",
                    "env": [{"name": "BAILIWICK_PROCESSES", "value": "64"}],
                    "resources": {
                        "requests": {"cpu": "50m", "memory": "1073741824", "ephemeral-storage": "67108864"},
                        "limits": {"cpu": "500m", "memory": "1073741824", "ephemeral-storage": "3288334336"},
                    },
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"]},
                        "privileged": False,
                        "readOnlyRootFilesystem": True,
                    },
                    "startupProbe": {
                        "exec": {"command": ["/usr/bin/test", "-S", "/run/agent/agent.sock"]},
                        "initialDelaySeconds": 2,
                        "periodSeconds": 1,
                        "timeoutSeconds": 5,
                        "failureThreshold": 120,
                    },
                    "volumeMounts": [
                        {"name": "workspace", "mountPath": "/workspace"},
                        {"name": "packages", "mountPath": "/packages"},
                        {"name": "tmp", "mountPath": "/tmp"},
                        {"name": "agent", "mountPath": "/run/agent"},
                    ],
                }
            ],
            "volumes": [
                {"name": "workspace", "emptyDir": {"sizeLimit": "2147483648"}},
                {"name": "packages", "emptyDir": {"sizeLimit": "1073741824"}},
                {"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "67108864"}},
                {"name": "agent", "emptyDir": {"medium": "Memory", "sizeLimit": "1048576"}},
            ],
        },
    }


def test_with_egress_only_the_runtime_class_differs() -> None:
    sealed = make_template(ENVIRONMENT, "class")
    networked = make_template(replace(ENVIRONMENT, runtime_class="gvisor", egress=Egress.GATEWAY), "class")
    assert networked["spec"].pop("runtimeClassName") == "gvisor"
    assert sealed["spec"].pop("runtimeClassName") == "gvisor-sealed"
    assert networked == sealed


def test_twenty_fit_a_node_of_two_cores() -> None:
    request = make_template(ENVIRONMENT, "class")["spec"]["containers"][0]["resources"]["requests"]["cpu"]
    assert 20 * int(request.removesuffix("m")) <= 1000
