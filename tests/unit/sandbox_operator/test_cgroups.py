"""Control groups of both versions, over a directory that stands in for the kernel's: what is written, what is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox_operator.local.cgroups import Groups, Reading


@pytest.fixture
def first(tmp_path: Path) -> Path:
    for name in ("memory", "cpu,cpuacct", "pids", "freezer"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def second(tmp_path: Path) -> Path:
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids")
    return tmp_path


def contents(root: Path) -> dict[str, str]:
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


def test_version_1_limits(first: Path) -> None:
    groups = Groups("ours", enabled=True, root=first)
    group = groups.make("s1", "")
    group.limit(memory_bytes=1000, cpu_cores=0.5, processes=10)
    assert groups.version == 1
    assert contents(first) == {
        "memory/ours/s1/memory.limit_in_bytes": "1000",
        "cpu,cpuacct/ours/s1/cpu.cfs_period_us": "100000",
        "cpu,cpuacct/ours/s1/cpu.cfs_quota_us": "50000",
        "cpu,cpuacct/ours/s1/cpu.shares": "1024",
        "pids/ours/s1/pids.max": "1104",
    }
    assert group.procs_files() == [first / name / "ours/s1/cgroup.procs" for name in ("cpu,cpuacct", "memory", "pids")]


def test_version_1_readings(first: Path) -> None:
    group = Groups("ours", enabled=True, root=first).make("s1", "")
    memory, cpu = first / "memory/ours/s1", first / "cpu,cpuacct/ours/s1"
    (memory / "memory.usage_in_bytes").write_text("75\n")
    (memory / "memory.stat").write_text("cache 9\ninactive_file 1\ntotal_inactive_file 5\n")
    (memory / "memory.max_usage_in_bytes").write_text("90\n")
    (cpu / "cpuacct.usage").write_text("2500000000\n")
    (memory / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 0\n")
    (memory / "cgroup.procs").write_text("12\n11\n")
    assert group.read() == Reading(cpu_seconds=2.5, memory_bytes=70, peak_memory_bytes=90)
    assert not group.out_of_memory()
    (memory / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")
    assert group.out_of_memory()
    assert group.pids() == [11, 12]


def test_version_2_limits(second: Path) -> None:
    groups = Groups("ours", enabled=True, root=second)
    (second / "ours/s1").mkdir()
    (second / "ours/s1/memory.swap.max").write_text("max")
    group = groups.make("s1", "")
    group.limit(memory_bytes=1000, cpu_cores=2, processes=10)
    assert groups.version == 2
    assert contents(second) == {
        "cgroup.controllers": "cpu memory pids",
        "cgroup.subtree_control": "+memory +cpu +pids",
        "ours/cgroup.subtree_control": "+memory +cpu +pids",
        "ours/s1/memory.max": "1000",
        "ours/s1/memory.swap.max": "0",
        "ours/s1/memory.oom.group": "1",
        "ours/s1/cpu.max": "200000 100000",
        "ours/s1/cpu.weight": "100",
        "ours/s1/pids.max": "1104",
    }


def test_version_2_readings(second: Path) -> None:
    group = Groups("ours", enabled=True, root=second).make("s1", "")
    at = second / "ours/s1"
    (at / "memory.current").write_text("75\n")
    (at / "memory.stat").write_text("anon 60\ninactive_file 5\n")
    (at / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    (at / "memory.events").write_text("low 0\noom 0\noom_kill 0\n")
    assert group.read() == Reading(cpu_seconds=2.5, memory_bytes=70, peak_memory_bytes=70)
    (at / "memory.peak").write_text("95\n")
    assert group.read().peak_memory_bytes == 95
    assert not group.out_of_memory()
    (at / "memory.events").write_text("low 0\noom 1\noom_kill 1\n")
    assert group.out_of_memory()


def test_what_was_left_over_is_found_and_removed(first: Path) -> None:
    groups = Groups("ours", enabled=True, root=first)
    groups.make("s1", "")
    groups.make("s2", "").remove()
    (first / "memory/theirs/s3").mkdir(parents=True)
    assert groups.left_over() == ["s1"]
    groups.make("s1", "").remove()
    groups.close()
    assert groups.left_over() == [] and not (first / "memory/ours").exists() and (first / "memory/theirs/s3").exists()


def test_a_missing_controller_is_named(tmp_path: Path) -> None:
    (tmp_path / "memory").mkdir()
    with pytest.raises(OSError, match="cpu, cpuacct, pids"):
        Groups("ours", enabled=True, root=tmp_path)


def test_without_control_groups_nothing_is_made(tmp_path: Path) -> None:
    groups = Groups("ours", enabled=False, root=tmp_path)
    group = groups.make("s1", "/no/such/sandbox/")
    group.limit(memory_bytes=1, cpu_cores=1, processes=1)
    assert (groups.version, group.procs_files(), group.pids(), contents(tmp_path)) == (0, [], [], {})
