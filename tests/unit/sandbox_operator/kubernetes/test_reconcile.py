"""A pass, on objects that are kept in memory; `tests/cluster/test_operator.py` makes it on a real cluster."""

from __future__ import annotations

import copy
import time
from typing import Any

import pytest

from sandbox_operator.kubernetes import names
from sandbox_operator.kubernetes.api import Api, Refusal, Unreachable
from sandbox_operator.kubernetes.demand import Demand
from sandbox_operator.kubernetes.making import PRIORITY_CLASSES, Place
from sandbox_operator.kubernetes.reconcile import Reconciler
from tests.unit.sandbox_operator.kubernetes.test_pods import DIGEST, IMAGE

JSON = dict[str, Any]
PLACE = Place("sandboxes", "platform")
DEPLOYMENT = f"{PLACE.deployments}/python"


class Store(Api):
    """Objects by path, and what was written. What is `down` cannot be read, what is `refused` not written."""

    def __init__(self) -> None:
        self.objects: dict[str, JSON] = {}
        self.written: list[tuple[str, str]] = []
        self.down: set[str] = set()
        self.refused: set[str] = set()
        self.version = 0

    def read(self, path: str) -> JSON | None:
        if path in self.down:
            raise Unreachable(path)
        return copy.deepcopy(self.objects.get(path))

    def items(self, path: str, selector: str = "") -> list[JSON]:
        if path in self.down:
            raise Unreachable(path)
        return [copy.deepcopy(one) for where, one in self.objects.items() if where.rpartition("/")[0] == path]

    def create(self, path: str, body: JSON) -> JSON:
        return self._write("create", f"{path}/{body['metadata']['name']}", body)

    def replace(self, path: str, body: JSON) -> JSON:
        if body["metadata"]["resourceVersion"] != self.objects[path]["metadata"]["resourceVersion"]:
            raise Refusal(409, "it has changed")
        return self._write("replace", path, body)

    def merge(self, path: str, change: JSON) -> JSON:
        whole = path.removesuffix("/status")
        return self._write("merge", whole, {**self.objects[whole], **copy.deepcopy(change)})

    def delete(self, path: str, uid: str) -> bool:
        self.written.append(("delete", path))
        present = self.objects.get(path)
        if present is None or present["metadata"]["uid"] != uid:
            return False
        del self.objects[path]
        return True

    def _write(self, verb: str, path: str, body: JSON) -> JSON:
        self.written.append((verb, path))
        if path in self.refused:
            raise Refusal(403, "no")
        self.version += 1
        stored = copy.deepcopy(body)
        stored["metadata"] |= {"uid": stored["metadata"].get("uid", path), "resourceVersion": str(self.version)}
        self.objects[path] = stored
        return copy.deepcopy(stored)


def plant(store: Store, name: str = "python") -> None:
    """An environment as the API server completes it."""
    size = {"cpuCores": 1, "memoryBytes": 1 << 30, "diskBytes": 1 << 30, "processes": 64, "cpuRequest": "50m"}
    store.objects[f"{PLACE.environments}/{name}"] = {
        "metadata": {"name": name, "uid": f"uid-{name}", "generation": 1, "resourceVersion": "1"},
        "spec": {
            "environment": name,
            "image": IMAGE,
            "imageDigest": DIGEST,
            "runtimeClassName": "gvisor-sealed",
            "egress": "none",
            "maximum": 20,
            "size": size,
            "warm": {"floor": 2, "ceiling": 8},
        },
    }


def plant_sandbox(store: Store, name: str, *, life: float = 600, environment: str = "python") -> str:
    """A claimed one."""
    now = time.time()
    path = f"{PLACE.pods}/{name}"
    store.objects[path] = {
        "metadata": {
            "name": name,
            "uid": f"uid-{name}",
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "labels": {names.ENVIRONMENT: environment, names.POOL: names.CLAIMED},
            "annotations": {names.CLAIMED_AT: str(now - 1), names.EXPIRES_AT: str(now + life)},
        },
        "status": {"phase": "Running"},
    }
    return path


@pytest.fixture
def store() -> Store:
    made = Store()
    plant(made)
    return made


@pytest.fixture
def reconciler(store: Store) -> Reconciler:
    return Reconciler(store, PLACE, Demand(), lambda: True)


def test_what_is_missing_is_made_and_then_left_alone(store: Store, reconciler: Reconciler) -> None:
    reconciler.run()
    assert store.written == [
        ("create", f"{PLACE.policies}/default-deny"),
        ("create", f"{PRIORITY_CLASSES}/sandboxes-python"),
        ("create", f"{PLACE.quotas}/python"),
        ("create", DEPLOYMENT),
        ("merge", f"{PLACE.environments}/python"),
    ]
    store.written.clear()
    reconciler.run()
    assert store.written == []


def test_a_deployment_that_makes_no_pods_is_touched_once_a_minute(store: Store) -> None:
    """Nothing else wakes a ReplicaSet controller that missed what it waits for.

    Seen on the test cluster: after the API server had died none was made for eight minutes, until one was touched.
    """
    now = [1000.0]
    reconciler = Reconciler(store, PLACE, Demand(), lambda: True, clock=lambda: now[0])
    touched = []
    for now[0] in (1000.0, 1059.0, 1060.0, 1061.0, 1119.0, 1120.0, 1121.0):
        reconciler.run()
        touched.append(store.objects[DEPLOYMENT]["metadata"].get("annotations", {}).get(names.REMINDED))
    assert touched == [None, None, "1060", "1060", "1060", "1120", "1120"]
    for name in ("one", "two"):
        warm = plant_sandbox(store, name)
        store.objects[warm]["metadata"]["labels"][names.POOL] = names.WARM
    store.written.clear()
    for now[0] in (1122.0, 1300.0, 1400.0):
        reconciler.run()
    assert ("replace", DEPLOYMENT) not in store.written


def test_who_does_not_lead_writes_nothing(store: Store) -> None:
    plant_sandbox(store, "over", life=-600)
    Reconciler(store, PLACE, Demand(), lambda: False).run()
    assert store.written == []


def test_a_field_too_much_is_drift(store: Store, reconciler: Reconciler) -> None:
    reconciler.run()
    before = copy.deepcopy(store.objects[DEPLOYMENT])
    store.objects[DEPLOYMENT]["spec"]["template"]["spec"]["hostNetwork"] = True
    store.objects[DEPLOYMENT]["metadata"]["resourceVersion"] = "changed"
    store.objects[DEPLOYMENT]["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "3", "mine": "x"}
    reconciler.run()
    after = store.objects[DEPLOYMENT]
    assert after["spec"] == before["spec"]
    assert after["metadata"]["annotations"] == {"deployment.kubernetes.io/revision": "3"}


def test_what_changed_since_it_was_read_is_not_overwritten(store: Store, reconciler: Reconciler) -> None:
    reconciler.run()
    read = Store.read

    def stale(self: Store, path: str) -> JSON | None:
        found = read(self, path)
        if found and path == DEPLOYMENT:
            found["metadata"]["resourceVersion"] = "earlier"
        return found

    store.written.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "read", stale)
        reconciler.run()
    assert ("replace", DEPLOYMENT) not in store.written
    conditions = store.objects[f"{PLACE.environments}/python"]["status"]["conditions"]
    assert [one["reason"] for one in conditions if one["type"] == "Applied"] == ["ApplyFailed"]


def test_claims_of_the_last_minute_are_kept_warm(store: Store, reconciler: Reconciler) -> None:
    for number in range(5):
        plant_sandbox(store, f"s{number}")
    reconciler.run()
    assert store.objects[DEPLOYMENT]["spec"]["replicas"] == 5


def test_one_that_is_refused_keeps_no_other_waiting(store: Store, reconciler: Reconciler) -> None:
    plant(store, "other")
    store.refused = {f"{PLACE.quotas}/python"}
    reconciler.run()
    assert {DEPLOYMENT, f"{PLACE.deployments}/other", f"{PLACE.quotas}/other"} <= set(store.objects)
    status = store.objects[f"{PLACE.environments}/python"]["status"]
    applied = next(one for one in status["conditions"] if one["type"] == "Applied")
    assert (applied["status"], applied["message"]) == ("False", "ResourceQuota python: no")


def test_what_is_over_goes_and_what_is_not_stays(store: Store, reconciler: Reconciler) -> None:
    over, kept = plant_sandbox(store, "over", life=-600), plant_sandbox(store, "kept")
    store.objects[f"{PRIORITY_CLASSES}/sandboxes-gone"] = {"metadata": {"name": "sandboxes-gone", "uid": "u"}}
    reconciler.run()
    assert over not in store.objects and kept in store.objects
    assert [path for path in store.objects if path.startswith(PRIORITY_CLASSES)] == [
        f"{PRIORITY_CLASSES}/sandboxes-python"
    ]


@pytest.mark.parametrize("unread", [PLACE.environments, PLACE.pods])
def test_a_read_that_fails_is_not_an_absence(store: Store, reconciler: Reconciler, unread: str) -> None:
    """Without the environments, every class would be one too many."""
    reconciler.run()
    plant_sandbox(store, "over", life=-600)
    store.down, before = {unread}, copy.deepcopy(store.objects)
    with pytest.raises(Unreachable):
        reconciler.run()
    assert store.objects == before


def test_another_sandbox_of_the_same_name_is_left_alone(store: Store, reconciler: Reconciler) -> None:
    path = plant_sandbox(store, "over", life=-600)
    items = Store.items

    def earlier(self: Store, where: str, selector: str = "") -> list[JSON]:
        found = items(self, where, selector)
        for one in found if where == PLACE.pods else []:
            one["metadata"]["uid"] = "that of an earlier one"
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "items", earlier)
        reconciler.run()
    assert ("delete", path) in store.written and path in store.objects
