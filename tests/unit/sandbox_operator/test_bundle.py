"""The sandbox's configuration, compared whole: an added privilege or mount shows."""

from __future__ import annotations

from pathlib import Path

from sandbox_operator.local.bundle import MOUNT_POINTS, Flags, Layout, Shape, make_command, make_config

LAYOUT = Layout(Path("/state/s1"))
SHAPE = Shape("python", "sha256:x", processes=64, disk_bytes=1000)


def test_the_configuration_grants_nothing() -> None:
    config = make_config(Path("/image"), LAYOUT, SHAPE, cpus=2)
    environment = config["process"].pop("env")
    assert config == {
        "ociVersion": "1.0.2",
        "process": {
            "user": {"uid": 1000, "gid": 1000, "additionalGids": []},
            "args": ["/usr/bin/python3", "-m", "agent"],
            "cwd": "/workspace",
            "capabilities": {"bounding": [], "effective": [], "inheritable": [], "permitted": [], "ambient": []},
            "rlimits": [
                {"type": "RLIMIT_NPROC", "hard": 64, "soft": 64},
                {"type": "RLIMIT_NOFILE", "hard": 4096, "soft": 4096},
                {"type": "RLIMIT_CORE", "hard": 0, "soft": 0},
            ],
            "noNewPrivileges": True,
            "terminal": False,
        },
        "root": {"path": "/image", "readonly": True},
        "hostname": "sandbox",
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {
                "destination": "/dev",
                "type": "tmpfs",
                "source": "tmpfs",
                "options": ["nosuid", "mode=755", "size=65536"],
            },
            {
                "destination": "/dev/shm",
                "type": "tmpfs",
                "source": "tmpfs",
                "options": ["nosuid", "nodev", "mode=1777", "size=67108864"],
            },
            {
                "destination": "/tmp",
                "type": "tmpfs",
                "source": "tmpfs",
                "options": ["nosuid", "nodev", "mode=1777", "size=67108864"],
            },
            {
                "destination": "/workspace",
                "type": "bind",
                "source": "/state/s1/workspace",
                "options": ["bind", "rw", "nosuid", "nodev"],
            },
            {
                "destination": "/packages",
                "type": "bind",
                "source": "/state/s1/packages",
                "options": ["bind", "ro", "nosuid", "nodev"],
            },
        ],
        "linux": {
            "namespaces": [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount")],
            "maskedPaths": [],
            "readonlyPaths": [],
        },
    }
    assert {mount["destination"] for mount in config["mounts"]} <= set(MOUNT_POINTS)
    assert "OMP_NUM_THREADS=2" in environment
    assert not [line for line in environment if "SECRET" in line or "BAILIWICK_VAR" in line or "JPY" in line]


def test_the_command_line_is_closed() -> None:
    command = make_command(Path("/runsc"), LAYOUT, "s1", 1000, 9, Flags(), [Path("/cg/procs")])
    assert command[3:] == [
        "bailiwick-launcher",
        "/cg/procs",
        "--",
        "/runsc",
        "--root=/state/s1/runsc",
        "--platform=systrap",
        "--network=none",
        "--host-uds=none",
        "--overlay2=all:self,size=1000",
        "--file-access=exclusive",
        "--file-access-mounts=shared",
        "--ignore-cgroups",
        "run",
        "--bundle=/state/s1/bundle",
        "--pass-fd=9:3",
        "s1",
    ]
    assert "--pdeathsig KILL" in command[2]
