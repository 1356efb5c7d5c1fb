"""What is a pod's alone: claimers that race, workers that die or take over, ends that the node decides."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox_operator.kubernetes import keeping, names
from sandbox_operator.kubernetes.backend import KubernetesBackend
from sandbox_operator.kubernetes.relay import Relay, RelayFailed
from sandbox_operator.protocol import Claim, ExecuteRequest, Fate, Fenced, PoolFull, SandboxLost, SessionBusy
from sandbox_operator.spec import DEFAULT_LIMITS, MIB
from tests.cluster.node import Cluster
from tests.cluster.pools import Pool, backend, pool  # noqa: F401  this module's fixtures
from tests.integration.sandbox_operator.conftest import Opened, make_spec, opened  # noqa: F401
from tests.integration.sandbox_operator.daemons import ROOT, wait_until

Open = Callable[..., Opened]

WORKER = """
import sys
from pathlib import Path
from sandbox_operator.kubernetes.backend import KubernetesBackend
from sandbox_operator.protocol import ExecuteRequest
from sandbox_operator.spec import Handle
session = KubernetesBackend(sys.argv[1], Path(sys.argv[2])).open(Handle.parse(sys.argv[3]), epoch=1)
for event in session.execute(ExecuteRequest(1, "python", sys.argv[4], 60, 10000, 10000)):
    print(event, flush=True)
sys.stdin.read()
"""
CLAIMER = """
import sys
from pathlib import Path
from sandbox_operator.kubernetes.backend import KubernetesBackend
from tests.integration.sandbox_operator.conftest import make_spec
print(KubernetesBackend(sys.argv[1], Path(sys.argv[2])).claim(make_spec(life=4), timeout=30).handle, flush=True)
"""


@pytest.fixture
def other(pool: Pool) -> KubernetesBackend:  # noqa: F811
    """What another process would see: it shares nothing with `backend` but the cluster."""
    return KubernetesBackend(pool.namespace, pool.kubeconfig)


@pytest.fixture
def worker(pool: Pool) -> Iterator[Callable[[Claim, str], subprocess.Popen[str]]]:  # noqa: F811
    """Starts a process that opens a sandbox and runs a cell; returns when the cell has said something."""
    started: list[subprocess.Popen[str]] = []

    def start(claim: Claim, code: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WORKER, pool.namespace, str(pool.kubeconfig), str(claim.handle), code]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None and "started" in process.stdout.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_many_claimers_never_get_one_pod(pool: Pool, other: KubernetesBackend) -> None:  # noqa: F811
    """What keeps them apart is the `test` of resourceVersion in the claim's patch."""
    pool.wait_warm(*(pool.add() for _ in range(2)))
    warm = len([pod for pod in other.sandboxes() if pod.state == "warm"])

    def claim(_: int) -> str:
        try:
            return str(other.claim(make_spec(), timeout=1).handle)
        except PoolFull:
            return "full"

    with ThreadPoolExecutor(8) as claimers:
        got = Counter(claimers.map(claim, range(8)))
    full = got.pop("full", 0)
    assert (len(got), set(got.values()), full) == (warm, {1}, 8 - warm)
    for status in other.sandboxes():
        if status.state == "claimed":
            other.destroy(status.handle)


def test_a_pod_lost_before_the_first_frame_is_claimed_anew(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    fresh = KubernetesBackend(pool.namespace, pool.kubeconfig)
    pool.wait_warm(*(pool.add() for _ in range(2)))
    relays, broken = fresh._relays, [True]
    open_relay = relays.open

    def failing(*given: object) -> Relay:
        if broken and broken.pop():
            raise RelayFailed("the node is gone")
        return open_relay(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(relays, "open", failing)
    before = set(pool.left())
    claim = fresh.claim(make_spec(), timeout=20)
    with fresh.open(claim.handle, epoch=1) as session:
        assert Opened(fresh, claim, session).text("print('here')") == "here\n"
    lost = before - {claim.handle.sandbox}
    wait_until(lambda: len(lost - set(pool.left())) == 1, "the lost one goes", seconds=20)
    fresh.destroy(claim.handle)
    assert claim.handle.sandbox not in pool.left()


def test_another_process_takes_an_idle_sandbox_over_and_the_first_hears_of_it(
    opened: Open,  # noqa: F811
    other: KubernetesBackend,
) -> None:
    """PodHolder.lost looks for another session's mark before it ends anything."""
    one = opened()
    one.run("kept = 3")
    with other.open(one.claim.handle, epoch=2) as session:
        with pytest.raises(Fenced):
            one.run("1")
        assert Opened(other, one.claim, session).text("print(kept)") == "3\n"
        with pytest.raises(Fenced):
            one.backend.open(one.claim.handle, epoch=1)
    assert other.fate(one.claim.handle) is Fate.ALIVE


def test_another_process_does_not_take_a_busy_one(opened: Open, other: KubernetesBackend) -> None:  # noqa: F811
    one = opened()
    code = "print(1, flush=True)\nimport time; time.sleep(3); print('whole')"
    events = one.session.execute(ExecuteRequest(1, "python", code, 30, 1000, 1000))
    next(events)
    with pytest.raises(SessionBusy):
        other.open(one.claim.handle, epoch=9)
    assert "whole" in str(list(events))


def test_a_worker_that_dies_within_an_execution_takes_the_sandbox_along(
    opened: Open,  # noqa: F811
    other: KubernetesBackend,
    worker: Callable[[Claim, str], subprocess.Popen[str]],
) -> None:
    """Nobody of ours is left to watch it: the relay's end reaches the agent, and the agent ends."""
    claim = opened().claim
    dying = worker(claim, "print('started', flush=True)\nwhile True: pass")
    dying.kill()
    wait_until(lambda: other.fate(claim.handle) is Fate.KILLED, "it has ended", seconds=20)
    assert claim.handle not in {status.handle for status in other.sandboxes()}
    with pytest.raises(SandboxLost):
        other.open(claim.handle, epoch=9)
    assert other.destroy(claim.handle).existed is False


def test_a_worker_that_dies_between_executions_takes_nothing_along(
    opened: Open,  # noqa: F811
    other: KubernetesBackend,
    worker: Callable[[Claim, str], subprocess.Popen[str]],
) -> None:
    claim = opened().claim
    dying = worker(claim, "kept = 7\nprint('started')")
    assert dying.stdout is not None and "Done" in dying.stdout.readline()
    dying.kill()
    with other.open(claim.handle, epoch=2) as session:
        assert Opened(other, claim, session).text("print(kept)") == "7\n"


def test_when_all_of_the_platform_is_dead_the_node_ends_the_pod(pool: Pool, other: KubernetesBackend) -> None:  # noqa: F811
    """The claim's own activeDeadlineSeconds ends it."""
    pool.supply()
    command = [sys.executable, "-c", CLAIMER, pool.namespace, str(pool.kubeconfig)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    name = done.stdout.strip().split(":")[1]

    def over() -> bool:
        pod = pool.cluster.pod(name)
        assert pod is not None
        return (pod.phase, pod.reason, pod.live) == ("Failed", "DeadlineExceeded", False)

    wait_until(over, "the node ends it", seconds=30)
    assert name not in {status.handle.sandbox for status in other.sandboxes()}


def test_a_channel_is_kept_for_a_session_and_for_a_while_after_it(
    opened: Open,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However long ago it was last used: a channel is kept as long as a session is attached."""
    monkeypatch.setattr(keeping, "KEEP_OPEN_SECONDS", 0.5)
    one = opened()
    time.sleep(2)
    assert one.text("print('still')") == "still\n"
    held = one.backend._keeper.find(one.claim.handle)  # type: ignore[attr-defined]
    assert held.relay.alive
    one.session.close()
    wait_until(lambda: held.relay is None, "it is closed", seconds=5)
    with one.backend.open(one.claim.handle, epoch=2) as session:
        assert Opened(one.backend, one.claim, session).text("print('again')") == "again\n"


def test_packages_are_handed_in_at_the_claim(pool: Pool, other: KubernetesBackend, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "governed").mkdir()
    (tmp_path / "governed/__init__.py").write_text("answer = 42\n")
    pool.supply()
    claim = other.claim(replace(make_spec(), packages=tmp_path), timeout=30)
    with other.open(claim.handle, epoch=1) as session:
        code = "import governed; print(governed.answer, governed.__file__)"
        assert Opened(other, claim, session).text(code) == "42 /packages/governed/__init__.py\n"
    other.destroy(claim.handle)


def test_a_limit_that_a_larger_pod_does_not_hold_is_named(pool: Pool, other: KubernetesBackend) -> None:  # noqa: F811
    pool.supply()
    claim = other.claim(make_spec(memory_bytes=512 * MIB, processes=50), timeout=30)
    assert claim.not_enforced == ("memory_bytes",) and "memory_bytes" not in claim.enforced
    with other.open(claim.handle, epoch=1) as session:
        limits = "import resource; print(resource.getrlimit(resource.RLIMIT_NPROC))"
        assert Opened(other, claim, session).text(limits) == "(50, 50)\n"
    other.destroy(claim.handle)


def test_nothing_of_a_run_is_in_the_nodes_logs(opened: Open, cluster: Cluster) -> None:  # noqa: F811
    """What an exec carries is on no disk of the node; what is printed goes to the channel alone."""
    one = opened()
    one.run("import os, sys\nprint('mark-' + 'er'); os.write(1, b'mark-er'); os.write(2, b'mark-er')")
    one.session.put_file("secret.txt", [b"mark-er"], 7)
    namespace = one.backend._cluster.namespace  # type: ignore[attr-defined]
    assert "mark-er" not in cluster.kubectl("logs", "-n", namespace, one.claim.handle.sandbox)


def test_a_destroyed_sandbox_is_gone_when_destroy_returns(opened: Open, pool: Pool) -> None:  # noqa: F811
    one = opened()
    timer = threading.Timer(0.3, one.session.interrupt)
    timer.start()
    one.run("import time; time.sleep(5)")
    timer.join()
    one.backend.destroy(one.claim.handle)
    assert one.claim.handle.sandbox not in pool.left()
    with pytest.raises(SandboxLost):
        one.backend.usage(one.claim.handle)


def test_a_pool_without_a_warm_pod_is_full_at_once(pool: Pool, other: KubernetesBackend) -> None:  # noqa: F811
    """Whoever waits does so in the platform's queue, with a position."""
    limits = {"memory_bytes": DEFAULT_LIMITS.memory_bytes, "disk_bytes": DEFAULT_LIMITS.disk_bytes}
    for pod in pool.cluster.pods(f"{names.POOL}={names.WARM}"):
        pool.cluster.delete(pod.name, pod.uid)
    pool.add()
    started = time.monotonic()
    with pytest.raises(PoolFull):
        other.claim(make_spec(**limits), timeout=30)
    assert time.monotonic() - started < 5
