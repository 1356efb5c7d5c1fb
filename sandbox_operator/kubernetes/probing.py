"""The containment probe of a pod, in full at each claim: nobody watched it before. The verdict is made outside."""

from __future__ import annotations

import ipaddress
import time
from pathlib import Path
from typing import Any

from sandbox_operator import containment
from sandbox_operator.agent.frames import Kind
from sandbox_operator.kubernetes import names
from sandbox_operator.kubernetes.records import PodRecord
from sandbox_operator.outer_channel import OuterChannel
from sandbox_operator.protocol import ProbeReport

PROBE_SECONDS = 20.0
# gVisor shows its sandbox a control group file system of its own making.
CGROUPS = ("cpu", "cpuacct", "cpuset", "devices", "job", "memory", "pids")
MOUNTS = (
    "/", "/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/termination-log", "/sys", "/sys/fs/cgroup",
    *(f"/sys/fs/cgroup/{name}" for name in CGROUPS),
    "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/tmp", "/workspace", "/packages", "/run/agent",
)  # fmt: skip
READ_ONLY = ("/", "/etc", "/usr/lib", "/opt/bailiwick", "/root", "/var/lib", "/run")
# What would be there if a node's directory or a service account were: a pod of our shape has neither.
HIDDEN = (
    "/var/run/secrets", "/run/secrets", "/var/lib/kubelet", "/etc/kubernetes", "/run/containerd", "/run/docker.sock",
    "/host", "/rootfs",
)  # fmt: skip
# Channels that workers have opened ahead to a sandbox which another has claimed now.
RELAYS = 32
# API server, kubelet, etcd, and kubelet's port without authentication.
PORTS = (443, 2379, 6443, 10250, 10255)


def make_plan(pod: PodRecord, api_server: str, port: int) -> dict[str, Any]:
    """What no sandbox may reach: its node, its own pod from outside, the API server.

    The API server answers whoever asks it: from a pod with a network it is silent only where policies are enforced.
    """
    networked = pod.runtime_class == names.NETWORKED
    # With a network a pod reaches itself, which leads nowhere.
    others = (pod.node_address, api_server) if networked else (pod.node_address, pod.pod_address, api_server)
    return containment.make_plan(
        "full",
        machine={address for address in others if _is_address(address)},
        ports={*PORTS, port},
        paths=map(Path, HIDDEN),
        mounts=MOUNTS,
        read_only=READ_ONLY,
        network=networked,
        processes=containment.PROCESSES + RELAYS,
    )


def probe(channel: OuterChannel, pod: PodRecord, api_server: str, port: int) -> ProbeReport:
    """Raises ChannelError or TimeoutError when the agent does not answer as it should."""
    plan = make_plan(pod, api_server, port)
    started = time.perf_counter()
    answer = channel.ask(Kind.PROBE, plan, Kind.REPORT, PROBE_SECONDS).json()
    return containment.judge(plan, answer, (time.perf_counter() - started) * 1000)


def _is_address(text: str) -> bool:
    try:
        return not ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False
