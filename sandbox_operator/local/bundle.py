"""Pure builders: the OCI configuration of a sandbox and the command line that runs it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox_operator.inside import SANDBOX_UID, SHM_BYTES, TMP_BYTES, make_environment

CHANNEL_FD = 3
MOUNT_POINTS = ("/", "/proc", "/dev", "/dev/pts", "/dev/shm", "/sys", "/tmp", "/workspace", "/packages")
READ_ONLY = ("/", "/etc", "/usr/lib", "/opt/bailiwick", "/packages", "/root", "/var/lib")

# Writes its own pid into every cgroup named before `--`, then becomes runsc, which dies with the daemon.
LAUNCHER = (
    'while [ "$1" != -- ]; do echo $$ > "$1" || exit 71; shift; done; shift; exec setpriv --pdeathsig KILL -- "$@"'
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a sandbox is fixed when it starts; the rest of its limits can be set at the claim."""

    image: str
    digest: str
    processes: int
    disk_bytes: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The directories of one sandbox, all below the daemon's state directory."""

    root: Path

    @property
    def bundle(self) -> Path:
        return self.root / "bundle"

    @property
    def runsc(self) -> Path:
        return self.root / "runsc"

    @property
    def workspace(self) -> Path:
        return self.root / "workspace"

    @property
    def packages(self) -> Path:
        return self.root / "packages"


def make_config(rootfs: Path, layout: Layout, shape: Shape, cpus: int, hole: Path | None = None) -> dict[str, Any]:
    """An ordinary user, no capability, a read-only root, no network; nothing mounted but what is named here."""
    environment = make_environment(cpus) | {"BAILIWICK_CHANNEL_FD": str(CHANNEL_FD)}
    return {
        "ociVersion": "1.0.2",
        "process": {
            "user": {"uid": SANDBOX_UID, "gid": SANDBOX_UID, "additionalGids": []},
            "args": ["/usr/bin/python3", "-m", "agent"],
            "env": [f"{key}={value}" for key, value in environment.items()],
            "cwd": "/workspace",
            "capabilities": {key: [] for key in ("bounding", "effective", "inheritable", "permitted", "ambient")},
            "rlimits": [
                {"type": "RLIMIT_NPROC", "hard": shape.processes, "soft": shape.processes},
                {"type": "RLIMIT_NOFILE", "hard": 4096, "soft": 4096},
                {"type": "RLIMIT_CORE", "hard": 0, "soft": 0},
            ],
            "noNewPrivileges": True,
            "terminal": False,
        },
        "root": {"path": str(rootfs), "readonly": True},
        "hostname": "sandbox",
        "mounts": make_mounts(layout) + ([make_bind(hole, "/mnt", "ro")] if hole else []),
        "linux": {
            "namespaces": [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount")],
            "maskedPaths": [],
            "readonlyPaths": [],
        },
    }


def make_mounts(layout: Layout) -> list[dict[str, Any]]:
    return [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=65536"]},
        {
            "destination": "/dev/shm",
            "type": "tmpfs",
            "source": "tmpfs",
            "options": ["nosuid", "nodev", "mode=1777", f"size={SHM_BYTES}"],
        },
        {
            "destination": "/tmp",
            "type": "tmpfs",
            "source": "tmpfs",
            "options": ["nosuid", "nodev", "mode=1777", f"size={TMP_BYTES}"],
        },
        make_bind(layout.workspace, "/workspace", "rw"),
        make_bind(layout.packages, "/packages", "ro"),
    ]


def make_bind(source: Path, destination: str, mode: str) -> dict[str, Any]:
    options = ["bind", mode, "nosuid", "nodev"]
    return {"destination": destination, "type": "bind", "source": str(source), "options": options}


@dataclass(frozen=True, slots=True)
class Flags:
    """runsc's own flags. Nothing but a test that makes a hole on purpose changes the last three."""

    rootless: bool = False
    network: str = "none"
    host_uds: str = "none"
    mount: Path | None = None


def make_command(
    runsc: Path,
    layout: Layout,
    sandbox: str,
    disk_bytes: int,
    channel_fd: int,
    flags: Flags,
    cgroup_files: Sequence[Path],
) -> list[str]:
    """/workspace is an overlay over one size-limited file on disk, so that what is stored there takes no memory."""
    return [
        "/bin/sh",
        "-c",
        LAUNCHER,
        "bailiwick-launcher",
        *(str(path) for path in cgroup_files),
        "--",
        str(runsc),
        f"--root={layout.runsc}",
        "--platform=systrap",
        f"--network={flags.network}",
        f"--host-uds={flags.host_uds}",
        f"--overlay2=all:self,size={disk_bytes}",
        "--file-access=exclusive",
        "--file-access-mounts=shared",
        "--ignore-cgroups",  # the daemon made the cgroups and started this process in them
        *(["--rootless"] if flags.rootless else []),
        "run",
        f"--bundle={layout.bundle}",
        f"--pass-fd={channel_fd}:{CHANNEL_FD}",
        sandbox,
    ]


def whole_cpus(cores: float) -> int:
    return max(1, math.ceil(cores))
