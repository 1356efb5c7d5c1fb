"""Limits and measurements by control groups, version 1 or 2, made and read from outside the sandbox."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

CPU_PERIOD = 100_000
PIDS_FACTOR, PIDS_EXTRA = 8, 1024  # systrap needs host threads: a limit that is reached would end the whole sandbox


@dataclass(frozen=True, slots=True)
class Reading:
    """`memory_bytes` is what counts against the limit and cannot just be taken back: files that the kernel may drop
    from its cache are left out, as kubelet does for a pod's working set. The peak holds them."""

    cpu_seconds: float = 0.0
    memory_bytes: int = 0
    peak_memory_bytes: int = 0


class Group(Protocol):
    """One sandbox's control group."""

    def procs_files(self) -> list[Path]:
        """Where a process writes its pid to join."""
        ...

    def limit(self, *, memory_bytes: int, cpu_cores: float | None, processes: int) -> None:
        """Raises OSError when a limit cannot be set. `cpu_cores` None: no quota, but a low weight."""
        ...

    def read(self) -> Reading: ...

    def reset_peak(self) -> None: ...

    def out_of_memory(self) -> bool: ...

    def pids(self) -> list[int]: ...

    def remove(self) -> None:
        """Raises OSError while a process is left inside."""
        ...


def kill_all(group: Group) -> None:
    for pid in group.pids():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _number(path: Path) -> int:
    text = path.read_text().strip()
    return 0 if text == "max" else int(text)


def _table(path: Path) -> dict[str, int]:
    return {key: int(value) for key, value in (line.split() for line in path.read_text().splitlines())}


def _working_set(at: Path, used: str, droppable: str) -> int:
    return max(0, _number(at / used) - _table(at / "memory.stat").get(droppable, 0))


def _pids(path: Path) -> list[int]:
    try:
        return [int(line) for line in path.read_text().split()]
    except OSError:
        return []


class GroupV1:
    CONTROLLERS = ("memory", "cpu", "cpuacct", "pids")

    def __init__(self, mounts: Mapping[str, Path], name: str) -> None:
        self._at = {controller: mounts[controller] / name for controller in self.CONTROLLERS}
        for path in self._at.values():
            path.mkdir(parents=True, exist_ok=True)

    def procs_files(self) -> list[Path]:
        return sorted({path / "cgroup.procs" for path in self._at.values()})

    def limit(self, *, memory_bytes: int, cpu_cores: float | None, processes: int) -> None:
        (self._at["memory"] / "memory.limit_in_bytes").write_text(str(memory_bytes))
        quota = -1 if cpu_cores is None else int(cpu_cores * CPU_PERIOD)
        (self._at["cpu"] / "cpu.cfs_period_us").write_text(str(CPU_PERIOD))
        (self._at["cpu"] / "cpu.cfs_quota_us").write_text(str(quota))
        (self._at["cpu"] / "cpu.shares").write_text("128" if cpu_cores is None else "1024")
        (self._at["pids"] / "pids.max").write_text(str(processes * PIDS_FACTOR + PIDS_EXTRA))

    def read(self) -> Reading:
        memory = self._at["memory"]
        return Reading(
            cpu_seconds=_number(self._at["cpuacct"] / "cpuacct.usage") / 1e9,
            memory_bytes=_working_set(memory, "memory.usage_in_bytes", "total_inactive_file"),
            peak_memory_bytes=_number(memory / "memory.max_usage_in_bytes"),
        )

    def reset_peak(self) -> None:
        (self._at["memory"] / "memory.max_usage_in_bytes").write_text("0")

    def out_of_memory(self) -> bool:
        with suppress(OSError):
            return _table(self._at["memory"] / "memory.oom_control").get("oom_kill", 0) > 0
        return False

    def pids(self) -> list[int]:
        return sorted({pid for path in self.procs_files() for pid in _pids(path)})

    def remove(self) -> None:
        for path in set(self._at.values()):
            with suppress(FileNotFoundError):
                path.rmdir()


class GroupV2:
    CONTROLLERS = ("memory", "cpu", "pids")

    def __init__(self, mount: Path, name: str) -> None:
        self._at = mount / name
        self._at.mkdir(parents=True, exist_ok=True)

    def procs_files(self) -> list[Path]:
        return [self._at / "cgroup.procs"]

    def limit(self, *, memory_bytes: int, cpu_cores: float | None, processes: int) -> None:
        (self._at / "memory.max").write_text(str(memory_bytes))
        with suppress(FileNotFoundError):  # a kernel without swap accounting
            (self._at / "memory.swap.max").write_text("0")
        (self._at / "memory.oom.group").write_text("1")
        quota = "max" if cpu_cores is None else str(int(cpu_cores * CPU_PERIOD))
        (self._at / "cpu.max").write_text(f"{quota} {CPU_PERIOD}")
        (self._at / "cpu.weight").write_text("12" if cpu_cores is None else "100")
        (self._at / "pids.max").write_text(str(processes * PIDS_FACTOR + PIDS_EXTRA))

    def read(self) -> Reading:
        memory = _working_set(self._at, "memory.current", "inactive_file")
        peak = memory
        with suppress(OSError):  # memory.peak came with Linux 5.19
            peak = _number(self._at / "memory.peak")
        cpu = _table(self._at / "cpu.stat")["usage_usec"] / 1e6
        return Reading(cpu_seconds=cpu, memory_bytes=memory, peak_memory_bytes=peak)

    def reset_peak(self) -> None:
        with suppress(OSError):  # writable since Linux 6.12; before, the peak is that of the sandbox's whole life
            (self._at / "memory.peak").write_text("reset")

    def out_of_memory(self) -> bool:
        with suppress(OSError):
            return _table(self._at / "memory.events").get("oom_kill", 0) > 0
        return False

    def pids(self) -> list[int]:
        return _pids(self._at / "cgroup.procs")

    def remove(self) -> None:
        with suppress(FileNotFoundError):
            self._at.rmdir()


class NoGroup:
    """An ordinary user has no control groups: nothing is limited, and usage is read from the processes themselves."""

    def __init__(self, marker: str) -> None:
        self._marker = marker.encode()
        self._peak = 0
        self._cpu: dict[int, float] = {}

    def procs_files(self) -> list[Path]:
        return []

    def limit(self, *, memory_bytes: int, cpu_cores: float | None, processes: int) -> None:
        return None

    def read(self) -> Reading:
        memory = 0
        for pid in self.pids():
            with suppress(OSError, IndexError, ValueError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                self._cpu[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                memory += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
        self._peak = max(self._peak, memory)
        return Reading(cpu_seconds=sum(self._cpu.values()), memory_bytes=memory, peak_memory_bytes=self._peak)

    def reset_peak(self) -> None:
        self._peak = 0

    def out_of_memory(self) -> bool:
        return False

    def pids(self) -> list[int]:
        """Processes whose command line names the sandbox's directory, and their descendants."""
        parents: dict[int, int] = {}
        found: set[int] = set()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError, IndexError, ValueError):
                    stat = (entry / "stat").read_text()
                    parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
                    if self._marker in (entry / "cmdline").read_bytes():
                        found.add(int(entry.name))
        while more := {pid for pid, parent in parents.items() if parent in found and pid not in found}:
            found |= more
        return sorted(found)

    def remove(self) -> None:
        return None


class Groups:
    """Makes groups below one parent of this daemon's own, and finds what an earlier daemon left there."""

    def __init__(self, parent: str, *, enabled: bool, root: Path = Path("/sys/fs/cgroup")) -> None:
        self.parent = parent
        self.version = (2 if (root / "cgroup.controllers").exists() else 1) if enabled else 0
        self._root = root
        self._mounts = _v1_mounts(root) if self.version == 1 else {}
        if self.version == 2:
            self._delegate()

    def make(self, sandbox: str, marker: str) -> Group:
        name = f"{self.parent}/{sandbox}"
        if self.version == 1:
            return GroupV1(self._mounts, name)
        if self.version == 2:
            return GroupV2(self._root, name)
        return NoGroup(marker)

    def left_over(self) -> list[str]:
        tops = [self._root] if self.version == 2 else list(self._mounts.values()) if self.version == 1 else []
        found: set[str] = set()
        for top in tops:
            with suppress(OSError):
                found |= {entry.name for entry in (top / self.parent).iterdir() if entry.is_dir()}
        return sorted(found)

    def close(self) -> None:
        """Take the parent away, when it is empty."""
        tops = [self._root] if self.version == 2 else list(self._mounts.values())
        for top in tops:
            with suppress(OSError):
                (top / self.parent).rmdir()

    def _delegate(self) -> None:
        wanted = " ".join(f"+{name}" for name in GroupV2.CONTROLLERS)
        path = self._root
        for part in Path(self.parent).parts:
            (path / "cgroup.subtree_control").write_text(wanted)
            path = path / part
            path.mkdir(exist_ok=True)
        (path / "cgroup.subtree_control").write_text(wanted)


def _v1_mounts(root: Path) -> dict[str, Path]:
    """Where each controller is mounted; several may share a directory such as `cpu,cpuacct`."""
    mounts: dict[str, Path] = {}
    for entry in sorted(root.iterdir()):
        for controller in entry.name.split(","):
            if controller in GroupV1.CONTROLLERS and entry.is_dir():
                mounts[controller] = entry
    missing = sorted(set(GroupV1.CONTROLLERS) - set(mounts))
    if missing:
        raise OSError(f"control group controllers are not mounted below {root}: {', '.join(missing)}")
    return mounts
