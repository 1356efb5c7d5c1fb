"""One pass over everything: what environments ask for is made or corrected, and what is over is removed.

A pass looks at the cluster afresh and may be repeated, interrupted or made by two operators at once: objects are
replaced only as they were read, and a pod is deleted only by its UID.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox_operator.kubernetes import names
from sandbox_operator.kubernetes.api import CONFLICT, INVALID, NOT_FOUND, Api, Refusal
from sandbox_operator.kubernetes.conditions import (
    Pool,
    find_refusal,
    judge_applied,
    judge_ready,
    judge_rolled,
    make_status,
)
from sandbox_operator.kubernetes.demand import Demand, warm_wanted
from sandbox_operator.kubernetes.environment import Environment
from sandbox_operator.kubernetes.making import MANAGED_BY, OF_NAMESPACE, OPERATOR, PRIORITY_CLASSES, Place, make_objects
from sandbox_operator.kubernetes.sandboxes import Sandbox, why_end

JSON = dict[str, Any]

# What Kubernetes' own controllers write on an object of ours, and read again.
THEIRS = "deployment.kubernetes.io/"
# A Deployment whose pods are not even begun is touched this often. A ReplicaSet controller that missed a pod's whole
# life, as the API server was away, waits five minutes for it (its ExpectationsTimeout), and then for any event at all.
REMIND_SECONDS = 60.0

log = logging.getLogger("bailiwick.operator")


@dataclass
class Reconciler:
    """`may_act` is asked before each environment and before the sweep."""

    api: Api
    place: Place
    demand: Demand
    may_act: Callable[[], bool]
    clock: Callable[[], float] = time.time
    _corrected: dict[str, tuple[object, JSON]] = field(default_factory=dict)
    _lacking: dict[str, float] = field(default_factory=dict)
    _reminded: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Raises Unreachable; what one environment is refused keeps no other waiting."""
        bodies = self.api.items(self.place.environments)
        sandboxes = [Sandbox.read(pod) for pod in self.api.items(self.place.pods, names.ENVIRONMENT)]
        for sandbox in sandboxes:
            if sandbox.claimed and sandbox.claimed_at is not None:
                self.demand.note(sandbox.environment, sandbox.uid, sandbox.claimed_at, time.time())
        for body in bodies:
            if self.may_act() and "deletionTimestamp" not in body["metadata"]:
                self._keep(Environment.read(body), body.get("status", {}), sandboxes)
        if self.may_act():
            self._sweep(sandboxes, frozenset(body["metadata"]["name"] for body in bodies))

    def _keep(self, environment: Environment, before: JSON, sandboxes: list[Sandbox]) -> None:
        """Make or correct what one environment asks for, and say how it stands."""
        pool = Pool.count(environment, sandboxes)
        wanted = warm_wanted(environment, self.demand.claims(environment.name, time.time()), pool.claimed)
        made: dict[str, JSON] = {}
        failures = []
        self._look_for_lack(environment.name, lacks=pool.ready + pool.starting < wanted)
        for path, target in make_objects(environment, self.place, wanted):
            if target["kind"] == "Deployment" and environment.name in self._reminded:
                target["metadata"]["annotations"] = {names.REMINDED: self._reminded[environment.name]}
            try:
                made[target["kind"]] = self._correct(path, target)
            except Refusal as refusal:
                failures.append(f"{target['kind']} {target['metadata']['name']}: {refusal}")
        trouble = find_refusal(made.get("Deployment", {}))
        verdicts = [judge_ready(environment, pool, wanted, trouble), judge_applied(failures), judge_rolled(pool)]
        status = make_status(environment, pool, wanted, verdicts, before, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
        if status != before:
            self._tell(environment, status)

    def _look_for_lack(self, name: str, *, lacks: bool) -> None:
        """Remind the cluster of an environment that has had fewer pods than it asks for a minute long."""
        now = self.clock()
        if not lacks:
            self._lacking.pop(name, None)
        elif now - self._lacking.setdefault(name, now) >= REMIND_SECONDS:
            log.warning("%s has had too few sandboxes for %.0f s: its Deployment is touched", name, REMIND_SECONDS)
            self._lacking[name], self._reminded[name] = now, f"{now:.0f}"

    def _correct(self, kind_path: str, target: JSON) -> JSON:
        """Whatever else is said in an object of ours goes: an added field is drift, too."""
        path = f"{kind_path}/{target['metadata']['name']}"
        present = self.api.read(path)
        if present is None:
            present = self.api.create(kind_path, target)
        elif self._corrected.get(path) != (mark(present), target):
            present = self._replace(kind_path, path, target, present)
        self._corrected[path] = (mark(present), target)
        return present

    def _replace(self, kind_path: str, path: str, target: JSON, present: JSON) -> JSON:
        try:
            return self.api.replace(path, make_replacement(target, present))
        except Refusal as refusal:
            if refusal.status != INVALID:
                raise
            log.warning(
                "%s %s cannot be changed and is made anew: %s", target["kind"], target["metadata"]["name"], refusal
            )
        self.api.delete(path, present["metadata"]["uid"])
        return self.api.create(kind_path, target)

    def _tell(self, environment: Environment, status: JSON) -> None:
        try:
            self.api.merge(f"{self.place.environments}/{environment.name}/status", {"status": status})
        except Refusal as refusal:
            if refusal.status not in (NOT_FOUND, CONFLICT):
                raise

    def _sweep(self, sandboxes: list[Sandbox], environments: frozenset[str]) -> None:
        now = time.time()
        for sandbox in sandboxes:
            end = why_end(sandbox, environments, now)
            if end and self.api.delete(f"{self.place.pods}/{sandbox.name}", sandbox.uid):
                log.info("sandbox %s of %s is removed: %s", sandbox.name, sandbox.environment, end)
        # Cluster-wide objects have no owner in a namespace that could take them along.
        selector = f"{MANAGED_BY}={OPERATOR},{OF_NAMESPACE}={self.place.namespace}"
        kept = {self.place.priority_class(name) for name in environments}
        for one in self.api.items(PRIORITY_CLASSES, selector):
            if one["metadata"]["name"] not in kept:
                self.api.delete(f"{PRIORITY_CLASSES}/{one['metadata']['name']}", one["metadata"]["uid"])


def mark(present: Mapping[str, Any]) -> object:
    """Changes with what is wished of the object, and not with its status where the API server tells them apart."""
    metadata = present["metadata"]
    wished = {key: metadata.get(key) for key in ("uid", "generation", "labels", "ownerReferences")}
    return wished if metadata.get("generation") else metadata["resourceVersion"]


def make_replacement(target: JSON, present: Mapping[str, Any]) -> JSON:
    """`target` in the place of exactly what was read."""
    metadata = present["metadata"]
    theirs = {key: value for key, value in metadata.get("annotations", {}).items() if key.startswith(THEIRS)}
    annotations = theirs | target["metadata"].get("annotations", {})
    kept = {"resourceVersion": metadata["resourceVersion"], "annotations": annotations}
    return {**target, "metadata": {**target["metadata"], **kept}}
