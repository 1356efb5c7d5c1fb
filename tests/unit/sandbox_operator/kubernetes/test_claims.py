"""The claim of a pod: which one, by which patch, and what its record says afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

import pytest

from sandbox_operator.errors import Fate, ImageUnknown, RequestRefused
from sandbox_operator.kubernetes import names
from sandbox_operator.kubernetes.claims import deadline, fitting, make_claim, make_opening
from sandbox_operator.kubernetes.environment import Egress, Environment, Size
from sandbox_operator.kubernetes.pods import make_template
from sandbox_operator.kubernetes.probing import make_plan
from sandbox_operator.kubernetes.records import PodRecord, Room, quantity
from sandbox_operator.spec import DEFAULT_LIMITS, MIB, Handle, SandboxSpec

RUN = UUID(int=7)
UID = "0f5b0c3e-6a51-4a3c-8f0e-2c5b1c1d9a77"
CONTAINER = "ab" * 32
STARTED = 1_796_000_000.0
NOW = STARTED + 100.5
SPEC = SandboxSpec(RUN, "python", "sha256:d", DEFAULT_LIMITS, expires_at=NOW + 60)
HANDLE = Handle("kubernetes", "python-x", f"{UID}.{'ab' * 8}")
SIZE = Size(1000, 1024 * MIB, 1024 * MIB, 128, "10m")
ENVIRONMENT = Environment(
    "python", "u", 1, "image@sha256:d", "sha256:d", names.SEALED, SIZE, 1, 4, maximum=8, egress=Egress.NONE
)


def body(size: Size = SIZE, **status: Any) -> dict[str, Any]:
    """A warm pod as the API server would show one that was made by the operator's own template."""
    template = make_template(replace(ENVIRONMENT, size=size), "priority")
    template["metadata"] |= {"name": "python-x", "uid": UID, "resourceVersion": "41"}
    template["spec"]["nodeName"] = "node-1"
    own = {"name": "sandbox", "ready": True, "containerID": f"containerd://{CONTAINER}", "state": {"running": {}}}
    base = {"phase": "Running", "hostIP": "10.0.0.1", "podIP": "10.1.0.9", "startTime": "2026-11-30T00:53:20Z"}
    template["status"] = base | {"containerStatuses": [own]} | status
    return template


def claimed(**status: Any) -> dict[str, Any]:
    """The same pod once the claim's patch was applied."""
    shown = body(**status)
    for step in make_claim(PodRecord.read(body()), SPEC, NOW)[1:]:
        parts = [part.replace("~1", "/") for part in step["path"].split("/")[1:]]
        where = shown
        for part in parts[:-1]:
            where = where.setdefault(part, {})
        where[parts[-1]] = step["value"]
    return shown


def ended(reason: str, code: int = 137) -> dict[str, Any]:
    return {"terminated": {"reason": reason, "exitCode": code, "containerID": f"containerd://{CONTAINER}"}}


def test_a_pod_of_the_operators_template_has_the_room_of_its_size() -> None:
    pod = PodRecord.read(body())
    assert pod.room == Room(cpu_cores=1.0, memory_bytes=1024 * MIB, disk_bytes=1024 * MIB, processes=128)
    assert not pod.room.lacks(DEFAULT_LIMITS) and pod.room.exceeding(DEFAULT_LIMITS) == ()
    assert (pod.node, pod.ready, pod.live, pod.started_at) == ("node-1", True, True, STARTED)


def test_the_claim_is_one_patch_that_an_older_sight_of_the_pod_fails() -> None:
    assert make_claim(PodRecord.read(body()), SPEC, NOW) == [
        {"op": "test", "path": "/metadata/resourceVersion", "value": "41"},
        {"op": "replace", "path": "/metadata/labels/bailiwick.internal~1pool", "value": "claimed"},
        {"op": "add", "path": "/metadata/labels/bailiwick.internal~1run", "value": str(RUN)},
        {"op": "add", "path": "/metadata/annotations/bailiwick.internal~1claimed-at", "value": "1796000100.500"},
        {"op": "add", "path": "/metadata/annotations/bailiwick.internal~1expires-at", "value": "1796000160.500"},
        {"op": "add", "path": "/metadata/annotations/bailiwick.internal~1epoch", "value": "0"},
        {
            "op": "add",
            "path": "/metadata/annotations/bailiwick.internal~1limits",
            "value": json.dumps(asdict(DEFAULT_LIMITS)),
        },
        {"op": "add", "path": "/spec/activeDeadlineSeconds", "value": 162},
    ]


def test_the_node_ends_a_pod_after_its_life_and_never_before() -> None:
    pod = PodRecord.read(body())
    assert deadline(pod, SPEC, NOW) >= NOW + 60 - STARTED
    assert deadline(pod, replace(SPEC, expires_at=0.0), NOW) >= NOW - STARTED


def test_an_open_goes_through_for_whoever_saw_the_session_before_it() -> None:
    patch = make_opening(PodRecord.read(claimed()), 5, "s2")
    assert [(step["op"], step["path"].rpartition("~1")[2], step["value"]) for step in patch] == [
        ("test", "/metadata/resourceVersion", "41"),
        ("replace", "epoch", "5"),
        ("add", "session", "s2"),
    ]


def test_a_claimed_pod_is_its_own_record() -> None:
    pod = PodRecord.read(claimed())
    assert (pod.handle, pod.run_id, pod.epoch, pod.session) == (HANDLE, RUN, 0, "")
    assert (pod.claimed_at, pod.expires_at, pod.limits) == (NOW, NOW + 60, DEFAULT_LIMITS)
    assert Handle.parse(str(pod.handle)) == pod.handle


Change = Callable[[dict[str, Any]], Any]
FATES: list[tuple[str, Change, Fate]] = [
    ("nothing", lambda pod: None, Fate.ALIVE),
    ("deleted", lambda pod: pod["metadata"].update(deletionTimestamp="2026-11-30T01:00:00Z"), Fate.KILLED),
    ("failed", lambda pod: pod["status"].update(phase="Failed", reason="Evicted"), Fate.KILLED),
    ("deadline", lambda pod: pod["status"].update(phase="Failed", reason="DeadlineExceeded"), Fate.EXPIRED),
    ("memory", lambda pod: own(pod).update(state=ended("OOMKilled")), Fate.OUT_OF_MEMORY),
    ("error", lambda pod: own(pod).update(state=ended("Error")), Fate.KILLED),
    ("restarted", lambda pod: own(pod).update(containerID=f"containerd://{'cd' * 32}"), Fate.KILLED),
    (
        "restarted after memory",
        lambda pod: own(pod).update(containerID=f"containerd://{'cd' * 32}", lastState=ended("OOMKilled")),
        Fate.OUT_OF_MEMORY,
    ),
    ("another pod", lambda pod: pod["metadata"].update(uid="1" * 36), Fate.UNKNOWN),
    ("not claimed", lambda pod: pod["metadata"]["labels"].update({names.POOL: names.WARM}), Fate.UNKNOWN),
]


def own(pod: dict[str, Any]) -> dict[str, Any]:
    status: dict[str, Any] = pod["status"]["containerStatuses"][0]
    return status


@pytest.mark.parametrize("change, fate", [row[1:] for row in FATES], ids=[row[0] for row in FATES])
def test_a_pods_record_tells_what_became_of_the_sandbox(change: Change, fate: Fate) -> None:
    shown = claimed()
    change(shown)
    assert PodRecord.read(shown).fate_of(HANDLE, NOW) is fate


def test_a_life_that_is_over_is_over_before_the_node_says_so() -> None:
    assert PodRecord.read(claimed()).fate_of(HANDLE, NOW + 60) is Fate.EXPIRED


@pytest.mark.parametrize("incarnation", ["0" * 32, UID, f"{UID}.", f"{UID}.{'cd' * 8}"])
def test_a_handle_of_another_life_is_not_alive(incarnation: str) -> None:
    fate = PodRecord.read(claimed()).fate_of(replace(HANDLE, incarnation=incarnation), NOW)
    assert fate in (Fate.UNKNOWN, Fate.KILLED)


def pods(*sizes: int, **status: Any) -> list[PodRecord]:
    return [PodRecord.read(body(replace(SIZE, memory_bytes=size * MIB), **status)) for size in sizes]


def test_the_smallest_pod_that_is_large_enough_is_taken_first() -> None:
    found = fitting(pods(4096, 512, 1024, 2048), SPEC)
    assert [pod.room.memory_bytes // MIB for pod in found] == [1024, 2048, 4096]
    assert found[1].room.exceeding(DEFAULT_LIMITS) == ("memory_bytes",)


def test_a_pod_that_is_not_warm_is_nobodys_yet() -> None:
    unready = [{"name": "sandbox", "ready": False, "containerID": "containerd://a", "state": {"running": {}}}]
    assert fitting(pods(1024, containerStatuses=unready) + pods(1024, phase="Pending"), SPEC) == []
    assert fitting([PodRecord.read(claimed())], SPEC) == []


def test_another_image_or_a_larger_wish_is_refused_rather_than_awaited() -> None:
    with pytest.raises(ImageUnknown):
        fitting(pods(1024), replace(SPEC, image_digest="sha256:other"))
    with pytest.raises(ImageUnknown):
        fitting([], SPEC)
    with pytest.raises(RequestRefused) as refused:
        fitting(pods(512), SPEC)
    assert refused.value.code == "limits_not_offered" and "memory_bytes 536,870,912" in str(refused.value)


def test_the_probe_tries_the_node_the_pod_and_the_api_server() -> None:
    plan = make_plan(PodRecord.read(body()), "10.96.0.1", 16443)
    assert (plan["kind"], plan["machine"]) == ("full", ["10.0.0.1", "10.1.0.9", "10.96.0.1"])
    assert {443, 6443, 10250, 16443} <= set(plan["ports"])
    assert (plan["network"], plan["interfaces"]) == (False, [])
    for name in ("api.example.org", "127.0.0.1", ""):
        assert make_plan(PodRecord.read(body()), name, 443)["machine"] == ["10.0.0.1", "10.1.0.9"]
    assert "/packages" in plan["mounts"] and "/packages" not in plan["read_only"]


def test_a_pod_with_a_network_is_probed_for_answers_and_one_of_another_class_for_routes() -> None:
    """Only the one class that has a network by design: whatever else a cluster calls its classes is taken as sealed."""
    plan = make_plan(replace(PodRecord.read(body()), runtime_class="gvisor"), "10.96.0.1", 443)
    assert (plan["network"], plan["interfaces"], plan["machine"]) == (True, ["eth0"], ["10.0.0.1", "10.96.0.1"])
    assert make_plan(replace(PodRecord.read(body()), runtime_class="other"), "10.96.0.1", 443)["network"] is False


@pytest.mark.parametrize(
    "text, value", [("0", 0), ("10m", 0.01), ("1", 1), ("1.5", 1.5), ("512Mi", 512 * MIB), ("1G", 1e9)]
)
def test_quantities_are_read(text: str, value: float) -> None:
    assert quantity(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "x", "-1", "1e3", "1 Mi"])
def test_what_is_no_quantity_of_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        quantity(text)
