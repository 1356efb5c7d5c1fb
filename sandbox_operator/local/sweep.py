"""What an earlier daemon left behind, found and removed before the first sandbox starts."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from sandbox_operator.local.cgroups import Groups, NoGroup, kill_all

PATIENCE = 10.0


def sweep(state: Path, groups: Groups) -> dict[str, int]:
    """Kill the processes, undo the mounts, remove control groups and directories. Raises OSError when one stays."""
    counts = {"processes": 0, "mounts": 0, "groups": 0, "directories": 0}
    directory = state / "sandboxes"
    counts["processes"] = _kill(directory, groups)
    for point in sorted(_mounts_below(directory), reverse=True):
        subprocess.run(["umount", "--lazy", point], check=True)
        counts["mounts"] += 1
    for name in groups.left_over():
        groups.make(name, "").remove()
        counts["groups"] += 1
    if directory.exists():
        counts["directories"] = len(list(directory.iterdir()))
        shutil.rmtree(directory)
    directory.mkdir(mode=0o711)
    return counts


def _kill(directory: Path, groups: Groups) -> int:
    """Processes are ours when they are in our control groups or their command line names a sandbox's directory."""
    by_name = NoGroup(f"{directory}/")
    killed: set[int] = set()
    deadline = time.monotonic() + PATIENCE
    while True:
        members = [groups.make(name, f"{directory}/{name}/") for name in groups.left_over()]
        pids = {pid for group in members for pid in group.pids()} | set(by_name.pids())
        if not pids - {os.getpid()}:
            return len(killed)
        for group in members:
            kill_all(group)
        for pid in pids - {os.getpid()}:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        killed |= pids
        if time.monotonic() > deadline:
            raise OSError(f"processes of an earlier daemon do not end: {sorted(pids)}")
        time.sleep(0.02)


def _mounts_below(directory: Path) -> list[str]:
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return [point for point in points if point.startswith(f"{directory}/")]
