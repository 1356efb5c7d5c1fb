"""What a sandbox on Kubernetes costs by itself: the backend on pods that a real operator keeps, and no platform."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from sandbox_operator.kubernetes import claims
from sandbox_operator.kubernetes.backend import KubernetesBackend
from sandbox_operator.kubernetes.cluster import Cluster as Requests
from sandbox_operator.kubernetes.pods import make_template
from sandbox_operator.protocol import Claim, Session
from sandbox_operator.spec import DEFAULT_LIMITS, SandboxSpec
from tests.bench.figures import Row, repeated, timed
from tests.bench.rows import MIB, execute
from tests.cluster.local import ENVIRONMENT, Pods
from tests.cluster.policies import request, until
from tools.launch.sandboxd import image
from tools.launch.state import ROOT

FILE_BYTES = 64 * MIB
# Of one figure, claims a second, no node is needed: see `saturation`.
CLAIMERS = (1, 2, 4)
EACH = 200
DUMMIES = EACH * len(CLAIMERS)
SETTLED_SECONDS = 8.0


def spec() -> SandboxSpec:
    """What a run of the usual limits asks for."""
    return SandboxSpec(uuid4(), ENVIRONMENT, image()[1], DEFAULT_LIMITS, time.time() + 900)


def claim(pods: Pods, times: int, floor: int) -> Iterator[Row]:
    """A claim as a whole, and of it the patch alone, each on a pool that is full and at rest."""
    backend, requests = pods.backend(), Requests(pods.namespace, pods.cluster.kubeconfig)
    whole: list[float] = []
    probing: list[float] = []
    patches: list[float] = []
    lists: list[float] = []
    plain = repeated(50, requests.version, warm_up=5)
    for number in range(times):
        until_at_rest(pods, floor)
        if number % 2:
            with timed(lists):
                found = requests.pods(claims.selector(ENVIRONMENT))
            wish = spec()
            pod = claims.fitting(found, wish)[0]
            with timed(patches):
                requests.patch(pod.name, claims.make_claim(pod, wish, time.time()))
            requests.delete(pod.name, pod.uid)
        else:
            with timed(whole):
                got = backend.claim(spec(), timeout=30)
            probing.append(got.probe.milliseconds)
            backend.destroy(got.handle)
    raw = "the API server's `/version`"
    yield Row("claim patch", "p50 ≤ 20 ms", patches, plain, raw)
    yield Row("list of the environment's pods, before it", "–", lists, plain, raw)
    yield Row("a claim as a whole: list, patch, exec, full probe", "–", whole, plain, raw)
    yield Row("the containment probe, as part of that", "–", probing, plain, raw)


def until_at_rest(pods: Pods, floor: int) -> None:
    """A pool that is filling takes both processors: a claim beside it measures the two together."""
    until(lambda: len(pods.items()) == pods.warm() == floor, 240)
    time.sleep(0.5)


@contextmanager
def claimed(pods: Pods) -> Iterator[tuple[KubernetesBackend, Claim]]:
    backend = pods.backend()
    pods.wait_warm(1)
    got = backend.claim(spec(), timeout=60)
    try:
        yield backend, got
    finally:
        backend.destroy(got.handle)


def session(pods: Pods, times: int, floor: int) -> Iterator[Row]:
    """Opening a session on a channel that is kept, a cell in it, and the two together as a worker does them."""
    with claimed(pods) as (backend, got):
        until(lambda: pods.warm() >= floor, 120)
        time.sleep(SETTLED_SECONDS)
        epoch = iter(range(1, 1 << 30))

        def opened() -> Session:
            return backend.open(got.handle, epoch=next(epoch))

        opening = repeated(times, lambda: opened().close(), warm_up=3)
        with opened() as one:
            cells = repeated(times, lambda: execute(one, next(epoch)), warm_up=5)

        def both() -> None:
            with opened() as one:
                execute(one, next(epoch))

        together = repeated(times, both, warm_up=3)

        def new_channel() -> None:
            pods.backend().open(got.handle, epoch=next(epoch)).close()

        anew = repeated(max(5, times // 4), new_channel, warm_up=1)
    yield Row("open a session on a kept channel", "–", opening, [], "get, patch, greeting")
    yield Row("open a session with a channel of its own", "–", anew, [], "another worker's")
    yield Row("`1+1` in an open session", "–", cells, [], "the channel and the kernel alone")
    yield Row("open and `1+1`: the sandbox's part of an execution", "–", together, [], "")


def cold(pods: Pods, times: int) -> Iterator[Row]:
    """From its predecessor's end to its being warm: its kernel started, its libraries imported, and known as ready."""
    pods.scale(1, 1)
    until_at_rest(pods, 1)
    whole: list[float] = []
    parts: dict[str, list[float]] = {"scheduled": [], "running": [], "ready": []}
    for _ in range(times):
        old = next(iter(pods.names()))
        with timed(whole):
            made = replaced(pods, old)
        for name, moment in moments(made).items():
            parts[name].append(moment)
        time.sleep(1)
    yield Row("cold pod to ready kernel", "≤ 3,000 ms", whole, [], "deletion of its predecessor to ready, watched")
    for name, samples in parts.items():
        yield Row(f"of that, created to {name} by the pod's own status", "–", samples, [], "whole seconds")


def replaced(pods: Pods, old: str) -> dict[str, Any]:
    """Delete the one warm pod; the one that took its place, as soon as it is warm."""
    path = pods.scene.path("api/v1", "pods", old)
    assert request(pods.scene.api, "DELETE", path).status in (200, 202)

    def other() -> dict[str, Any] | None:
        found = [pod for pod in pods.items() if pod["metadata"]["name"] != old]
        return next((pod for pod in found if is_ready(pod)), None)

    ready: dict[str, Any] = until(other, 120, every=0.02)
    return ready


def is_ready(pod: dict[str, Any]) -> bool:
    return any(one["ready"] for one in pod.get("status", {}).get("containerStatuses", []))


def moments(pod: dict[str, Any]) -> dict[str, float]:
    from sandbox_operator.kubernetes.sandboxes import read_time

    made = read_time(pod["metadata"]["creationTimestamp"])
    when = {one["type"]: read_time(one["lastTransitionTime"]) for one in pod["status"]["conditions"]}
    running = read_time(pod["status"]["containerStatuses"][0]["state"]["running"]["startedAt"])
    return {
        "scheduled": (when["PodScheduled"] - made) * 1000,
        "running": (running - made) * 1000,
        "ready": (when["Ready"] - made) * 1000,
    }


def replenish(pods: Pods, floor: int) -> Iterator[Row]:
    """All of a full pool claimed at once: how soon as many are warm again; and the memory that each takes."""
    until_at_rest(pods, floor)
    time.sleep(SETTLED_SECONDS)
    requests = Requests(pods.namespace, pods.cluster.kubeconfig)
    taken = [pod for pod in requests.pods(claims.selector(ENVIRONMENT)) if claims.is_free(pod)]
    begun = time.monotonic()
    for pod in taken:
        requests.patch(pod.name, claims.make_claim(pod, spec(), time.time()))
    until(lambda: pods.warm() >= floor, 240, every=0.1)
    rate = floor / (time.monotonic() - begun)
    for pod in taken:
        requests.delete(pod.name, pod.uid)
    until_at_rest(pods, floor)
    yield Row("warm pods that come after as many claims at once", "–", [rate], [], f"{floor} at once", "/s")


def memory(pods: Pods, floor: int) -> Iterator[Row]:
    """What the machine has less for each warm pod, shim and all, when they idle; and their processor time together."""
    pods.scale(1, 1)
    until_at_rest(pods, 1)
    time.sleep(SETTLED_SECONDS)
    before = available()
    pods.scale(floor, floor)
    until_at_rest(pods, floor)
    time.sleep(SETTLED_SECONDS)
    each = (before - available()) / (floor - 1) / MIB
    spent = sandbox_ticks()
    time.sleep(20)
    busy = (sandbox_ticks() - spent) / os.sysconf("SC_CLK_TCK") / 20 / floor * 100
    yield Row("memory of a warm pod, shim and gVisor included", "–", [each], [], f"{floor - 1} more of them", "MiB")
    yield Row("processor time of an idle one, in percent of a core", "–", [busy], [], f"{floor}, over 20 s", "%")


def available() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no MemAvailable in /proc/meminfo")


def sandbox_ticks() -> int:
    """User and system time of gVisor's processes and shims, in clock ticks."""
    total = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if b"runsc" in (entry / "cmdline").read_bytes().partition(b"\0")[0]:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12])
        except OSError:
            continue
    return total


def transfer(pods: Pods, times: int) -> Iterator[Row]:
    """A file into a sandbox and out again over the channel."""
    content = b"0123456789abcdef" * (FILE_BYTES // 16)
    chunks = [content[start : start + MIB] for start in range(0, FILE_BYTES, MIB)]
    into: list[float] = []
    out: list[float] = []
    with claimed(pods) as (backend, got):
        until_at_rest_beside(pods)
        with backend.open(got.handle, epoch=1) as one:
            for number in range(times):
                into.append(rate(lambda: one.put_file("in.bin", chunks, FILE_BYTES)))
                execute(one, 2 * number, f"open('outputs/out{number}.bin', 'wb').write(open('in.bin', 'rb').read())")
                found = [item.name for item in one.artifacts() if item.changed]
                assert found == [f"out{number}.bin"], found
                out.append(rate(partial(drain, one, found[0])))
                execute(one, 2 * number + 1, f"import os; os.remove('outputs/out{number}.bin')")
    yield Row("file into a sandbox over its channel", "≥ 20 MB/s", into, [], "64 MiB", "MB/s")
    yield Row("file out of a sandbox over its channel", "≥ 20 MB/s", out, [], "64 MiB", "MB/s")


def until_at_rest_beside(pods: Pods) -> None:
    """The claimed one is busy later; its successor is warm by then."""
    until(lambda: all(map(is_ready, pods.items())), 120)
    time.sleep(1)


def rate(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return FILE_BYTES / 1e6 / (time.perf_counter() - begun)


def drain(one: Session, name: str) -> None:
    assert sum(map(len, one.read_artifact(name))) == FILE_BYTES


CLAIMER = """
import sys, time
from pathlib import Path
from sandbox_operator.kubernetes import claims
from sandbox_operator.kubernetes.cluster import Cluster, Conflict
from tests.bench.pods import EACH, spec
cluster, part, of = Cluster(sys.argv[1], Path(sys.argv[2])), int(sys.argv[3]), int(sys.argv[4])
mine = sorted(cluster.pods(claims.selector("dummy")), key=lambda pod: pod.name)
mine = [pod for pod in mine if pod.labels["bailiwick.internal/pool"] == "warm"][:EACH][part::of]
print("ready", flush=True)
sys.stdin.readline()
done, until = 0, time.monotonic() + float(sys.argv[5])
for pod in mine:
    if time.monotonic() > until:
        break
    cluster.patch(pod.name, claims.make_claim(pod, spec(), time.time()))
    done += 1
print(done, time.monotonic() - until + float(sys.argv[5]), flush=True)
"""


def saturation(pods: Pods) -> Iterator[Row]:
    """Claims a second by more and more claimers, on pods that no node knows: what the API server can take, no node.

    Each is of the product's shape, admitted by its policies; the scheduler is away while they are there, and their
    status is written as a node would. The clients share the processors with the server.
    """
    cluster = pods.cluster
    # It would sweep them, and its work for each is no part of the API server's.
    pods.operator.stop()
    cluster.kill("scheduler")
    try:
        with dummies(pods):
            best = {many: together(pods, many) for many in CLAIMERS}
    finally:
        cluster.start("scheduler")
        pods.operator.start()
    for many, rate_ in best.items():
        yield Row(f"claims by {many} at once, pods without a node", "–", [rate_], [], "etcd without fsync", "/s")


def together(pods: Pods, many: int, seconds: float = 3.0) -> float:
    words = [sys.executable, "-c", CLAIMER, pods.namespace, str(pods.cluster.kubeconfig)]
    path = f"{ROOT}:{ROOT / 'platform'}"
    started = [
        subprocess.Popen(
            [*words, str(part), str(many), str(seconds)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for part in range(many)
    ]
    for process in started:
        assert process.stdout and process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate()[0].split() for process in started]
    return sum(int(done) / float(took) for done, took in said)


@contextmanager
def dummies(pods: Pods) -> Iterator[None]:
    """Pods that look warm to a claimer, and to nobody else."""
    api, path = pods.scene.api, pods.scene.path("api/v1", "pods")
    shown = next(pod for pod in pods.items() if is_ready(pod))
    wish = environment_of(pods)
    priority = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "value": -10}
    priority |= {"metadata": {"name": f"{pods.namespace}-dummy"}, "preemptionPolicy": "Never"}
    classes = "/apis/scheduling.k8s.io/v1/priorityclasses"
    assert request(api, "POST", classes, body=priority).status == 201
    template = make_template(wish, f"{pods.namespace}-dummy")
    known = [f"dummy-{number:04}" for number in range(DUMMIES)]
    try:
        for name in known:
            body = {"apiVersion": "v1", "kind": "Pod", **template}
            body = {**body, "metadata": {**template["metadata"], "name": name}}
            made = request(api, "POST", path, body=body)
            assert made.status == 201, made.text
            status = {key: shown["status"][key] for key in ("phase", "startTime", "containerStatuses", "conditions")}
            merge = {"Content-Type": "application/merge-patch+json"}
            told = request(api, "PATCH", f"{path}/{name}/status", merge, {"status": status})
            assert told.status == 200, told.text
        yield
    finally:
        for pod in pods.items():
            if pod["metadata"]["name"] in known:
                options = {"kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0}
                options |= {"preconditions": {"uid": pod["metadata"]["uid"]}}
                request(api, "DELETE", f"{path}/{pod['metadata']['name']}", body=options)
        request(api, "DELETE", f"{classes}/{pods.namespace}-dummy")


def environment_of(pods: Pods) -> Any:
    from dataclasses import replace

    from sandbox_operator.kubernetes.environment import Environment

    found = Environment.read(pods.scene.read(pods.scene.environments(ENVIRONMENT)))
    return replace(found, name="dummy")
