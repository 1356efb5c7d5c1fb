"""A cluster of its own in each test: it comes up, goes down, is killed, and leaves nothing."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.machine import CGROUPS, CannotStart, Machine, Process
from tests.cluster.network import index_of
from tests.cluster.node import Cluster
from tests.cluster.parts import PARTS
from tests.stack import eventually
from tools.launch.state import BIN, ROOT

# Where parts write, if nobody keeps them from it.
FOLDERS = (
    "/run",
    "/var/lib",
    "/var/lib/cni",
    "/var/lib/kubelet",
    "/var/log",
    "/etc",
    "/etc/cni",
    "/opt",
    "/usr/libexec",
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "cluster"
    Cluster(tmp_path / "cluster", BIN).down()


def test_a_cluster_that_went_down_leaves_nothing(home: Path) -> None:
    """Seen to fail without the overlay on /var (folders), and without `remove_cgroups`."""
    before = traces()
    cluster = Cluster(home, BIN).up()
    machine = cluster.site.machine
    inside = [process for pid in machine.members().values() if (process := Process.of(pid))]
    assert len(inside) > len(PARTS)
    assert cluster_traces(machine) == {"device", "routes", "groups"}
    cluster.down()
    assert [process for process in inside if process.alive()] == []
    assert cluster_traces(machine) == set()
    assert traces() == before
    assert not home.exists()


def test_a_client_that_keeps_its_connection_keeps_nothing_else(home: Path) -> None:
    """A socket half closed holds its namespace: without `remove_link` a device was seen to stay for over a minute."""
    cluster = Cluster(home, BIN).up()
    machine = cluster.site.machine
    with socket.create_connection((machine.network.node, 6443)):
        cluster.down()
        assert cluster_traces(machine) == set()


def test_the_end_of_a_cluster_touches_no_other_that_has_its_slot_now(home: Path, tmp_path: Path) -> None:
    """Nor does what was killed hours ago and is taken down now."""
    cluster = Cluster(home, BIN).up(lasting=True)
    machine = cluster.site.machine
    machine.first.kill()
    eventually(lambda: index_of(machine.network.link) != machine.link_index, within=90)
    other = Cluster(tmp_path / "other", BIN).up()
    try:
        before = cluster_traces(other.site.machine)
        cluster.down()
        assert cluster_traces(other.site.machine) == before == {"device", "routes", "groups"}
    finally:
        other.down()


def test_caches_stay(home: Path) -> None:
    (home / "cache").mkdir(parents=True)
    cluster = Cluster(home, BIN)
    (home / "etcd").mkdir()
    cluster.down()
    assert [path.name for path in home.iterdir()] == ["cache"]


def test_down_where_nothing_is_up_does_nothing(home: Path) -> None:
    Cluster(home, BIN).down()
    assert not home.exists()


@pytest.mark.parametrize("moment", ["etcd", "apiserver", "proxy"])
def test_up_that_is_killed_takes_all_processes_along_and_the_next_up_removes_the_rest(home: Path, moment: str) -> None:
    """Seen to fail when the first process did not listen for its maker's end."""
    child = subprocess.Popen([sys.executable, "-m", "tests.cluster", "up", "--home", str(home)], cwd=ROOT)
    eventually(lambda: (home / f"run/{moment}.pid").exists(), within=60, every=0.01)
    machine = machine_in(home)
    child.kill()
    child.wait()
    eventually(lambda: not machine.first.alive() and cluster_traces(machine) == {"groups"}, within=60)
    assert cluster_traces(machine) == {"groups"}
    cluster = Cluster(home, BIN).up()
    assert "Ready" in cluster.kubectl("get", "nodes")
    cluster.down()
    assert cluster_traces(machine) == set()


def test_a_lasting_cluster_outlives_its_maker_until_down(home: Path) -> None:
    command = [sys.executable, "-m", "tests.cluster"]
    subprocess.run([*command, "up", "--home", str(home)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    machine = machine_in(home)
    assert machine.first.alive()
    assert "Ready" in Cluster(home, BIN).kubectl("get", "nodes")
    subprocess.run([*command, "down", "--home", str(home)], cwd=ROOT, check=True)
    assert not machine.first.alive()
    assert cluster_traces(machine) == set()


def test_down_removes_what_a_killed_cluster_left(home: Path) -> None:
    cluster = Cluster(home, BIN).up(lasting=True)
    machine = cluster.site.machine
    machine.first.kill()
    cluster.down()
    assert cluster_traces(machine) == set()
    assert not home.exists()


def test_a_part_that_does_not_start_is_named_with_its_own_words_and_nothing_stays_up(
    home: Path, tmp_path: Path
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for program in BIN.iterdir():
        (tools / program.name).symlink_to(program.resolve())
    (tools / "kubelet").unlink()
    (tools / "kubelet").write_text("#!/bin/sh\necho E1201 the node is out of luck\necho I1201 bye\nexit 1\n")
    (tools / "kubelet").chmod(0o755)
    with pytest.raises(
        CannotStart, match=r"kubelet ended before .*: E1201 the node is out of luck \(All of it: .*\.log"
    ):
        Cluster(home, tools).up()
    assert [path.name for path in home.iterdir()] == ["log"]


def machine_in(home: Path) -> Machine:
    machine = Machine.load(home / "run/machine.json")
    assert machine
    return machine


def cluster_traces(machine: Machine) -> set[str]:
    """What this machine holds of that one cluster."""
    link = machine.network.link
    ours = index_of(link) == machine.link_index
    routes = json.loads(subprocess.run(["ip", "-j", "route"], stdout=subprocess.PIPE, check=True).stdout)
    found = {
        "device": ours,
        "routes": ours and any(route.get("dev") == link for route in routes),
        "groups": any((top / machine.group).exists() for top in (CGROUPS, *CGROUPS.iterdir())),
    }
    return {kind for kind, there in found.items() if there}


def traces() -> dict[str, object]:
    """What a cluster could leave that carries no name of its own; of what others may do meanwhile, nothing."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    words = ("cluster", "containerd", "kubelet", "netns")
    rules = subprocess.run(["nft", "list", "ruleset"], stdout=subprocess.PIPE, check=True).stdout
    return {
        "mounts": sorted(point for point in points if any(word in point for word in words)),
        "rules": rules,
        "folders": {name: sorted(path.name for path in Path(name).glob("*")) for name in FOLDERS},
    }
