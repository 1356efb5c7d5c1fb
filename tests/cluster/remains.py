"""What a node holds of pods, read from the machine and not from kubelet's own word."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.cluster.configuration import CONTAINERD
from tests.cluster.machine import CGROUPS
from tests.cluster.node import Cluster

POD = re.compile(r"pod([0-9a-f]{8}-[0-9a-f-]{27})")


def remains(cluster: Cluster) -> dict[str, set[str]]:
    """By kind, what the node has of its pods; of a kind that it has nothing of, an empty set.

    Sandboxes, containers, their snapshots, processes, mounts, control groups, network devices, namespaces, addresses,
    folders of volumes and of logs.
    """
    site = cluster.site
    first = Path(f"/proc/{site.machine.first.pid}")
    inside = first / "root"  # the machine's files as the cluster sees them
    ctr = (site.program("ctr"), "--address", CONTAINERD, "--namespace", "k8s.io")
    mounts = [line.split()[4] for line in (first / "mountinfo").read_text().splitlines()]
    devices = site.machine.run("ip", "-o", "link", "show", "type", "veth").decode().splitlines()
    return {
        "containers": set(site.machine.run(*ctr, "containers", "ls", "--quiet").decode().split()),
        "tasks": set(site.machine.run(*ctr, "tasks", "ls", "--quiet").decode().split()),
        "snapshots": set(_active(site.machine.run(*ctr, "snapshots", "ls").decode())),
        "processes": set(_sandboxes(cluster)),
        "mounts": {point for point in mounts if "/pods/" in point or "/run/containerd/" in point or "/netns/" in point},
        "control groups": {path.name for path in _groups(site.machine.group)},
        "devices": {name for line in devices if (name := line.split(": ")[1].partition("@")[0]) != "eth0"},
        "namespaces": _names(inside / "run/netns"),
        "addresses": {name for name in _names(inside / "run/cni/cluster") if name[:1].isdigit()},
        "volumes": _names(cluster.home / "kubelet/pods"),
        "logs": _names(cluster.home / "log/pods"),
    }


def _active(listed: str) -> Iterator[str]:
    """The snapshots that somebody may write to: an image's own are committed."""
    for row in listed.splitlines()[1:]:
        name, *_, kind = row.split()
        if kind != "Committed":
            yield name


def _sandboxes(cluster: Cluster) -> Iterator[str]:
    """What runs for pods: gVisor's processes and the shims."""
    for pid in cluster.site.machine.members().values():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"runsc" in words[0]:
            yield str(pid)


def pod_processes(cluster: Cluster, uid: str) -> list[int]:
    """gVisor's processes of one pod as this machine counts them, its shim left out: what a node loses by a crash."""
    found = []
    for pid in cluster.site.machine.members().values():
        try:
            words, group = (Path(f"/proc/{pid}/{name}").read_text() for name in ("cmdline", "cgroup"))
        except OSError:
            continue
        if (uid in words or f"pod{uid}" in group) and "shim" not in words.partition("\0")[0]:
            found.append(pid)
    return found


def _groups(group: str) -> Iterator[Path]:
    for top in (CGROUPS, *CGROUPS.iterdir()):
        if (top / group).is_dir():
            yield from (path for path in (top / group).rglob("*/") if POD.search(path.name))


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()
