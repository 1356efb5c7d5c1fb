"""Pure builders of what an environment becomes in the cluster, beside its pods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox_operator.kubernetes import names
from sandbox_operator.kubernetes.environment import Egress, Environment
from sandbox_operator.kubernetes.pods import make_labels, make_template

JSON = dict[str, Any]

MANAGED_BY = "app.kubernetes.io/managed-by"
OPERATOR = "bailiwick-operator"
OF_NAMESPACE = f"{names.GROUP}/namespace"
DENY = "default-deny"
# Below everything else: under pressure a node gives up a sandbox before any part of the platform.
PRIORITY = -10
GATEWAY_LABELS = {"app.kubernetes.io/component": "egress-gateway"}
GATEWAY_PORT = 3128
PROGRESS_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Place:
    """The sandboxes' namespace, and that of the platform whose gateway they may reach."""

    namespace: str
    platform: str

    def path(self, group: str, plural: str) -> str:
        """Where the API server keeps the objects of a kind; `group` with its version."""
        return f"/{group}/namespaces/{self.namespace}/{plural}"

    @property
    def deployments(self) -> str:
        return self.path("apis/apps/v1", "deployments")

    @property
    def policies(self) -> str:
        return self.path("apis/networking.k8s.io/v1", "networkpolicies")

    @property
    def quotas(self) -> str:
        return self.path("api/v1", "resourcequotas")

    @property
    def pods(self) -> str:
        return self.path("api/v1", "pods")

    @property
    def leases(self) -> str:
        return self.path("apis/coordination.k8s.io/v1", "leases")

    @property
    def environments(self) -> str:
        return self.path(f"apis/{names.GROUP}/{names.VERSION}", names.PLURAL)

    def priority_class(self, environment: str) -> str:
        """A class of the environment's own, so that a quota can count its sandboxes, whatever became of them."""
        return f"{self.namespace}-{environment}"


PRIORITY_CLASSES = "/apis/scheduling.k8s.io/v1/priorityclasses"


def make_objects(environment: Environment, place: Place, warm: int) -> list[tuple[str, JSON]]:
    """Everything that an environment asks for, each with where it is kept, in the order in which it is needed."""
    objects = [
        (place.policies, make_default_deny()),
        (PRIORITY_CLASSES, make_priority_class(environment, place)),
        (place.quotas, make_quota(environment, place)),
        (place.deployments, make_deployment(environment, place, warm)),
    ]
    if environment.egress is Egress.GATEWAY:
        objects.insert(1, (place.policies, make_gateway_policy(environment, place)))
    return objects


def make_default_deny() -> JSON:
    """For every pod of the namespace: nothing in, nothing out, no DNS. It outlives the environments."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": DENY, "labels": {MANAGED_BY: OPERATOR}},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    }


def make_gateway_policy(environment: Environment, place: Place) -> JSON:
    """To the egress gateway and nowhere else, claimed or warm."""
    gateway = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": place.platform}},
        "podSelector": {"matchLabels": GATEWAY_LABELS},
    }
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": make_metadata(environment, f"{environment.name}-gateway"),
        "spec": {
            "podSelector": {"matchLabels": {names.ENVIRONMENT: environment.name}},
            "policyTypes": ["Egress"],
            "egress": [{"to": [gateway], "ports": [{"protocol": "TCP", "port": GATEWAY_PORT}]}],
        },
    }


def make_priority_class(environment: Environment, place: Place) -> JSON:
    return {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {
            "name": place.priority_class(environment.name),
            "labels": {MANAGED_BY: OPERATOR, OF_NAMESPACE: place.namespace},
        },
        "value": PRIORITY,
        "preemptionPolicy": "Never",
        "globalDefault": False,
        "description": f"Sandboxes of the environment {environment.name}.",
    }


def make_quota(environment: Environment, place: Place) -> JSON:
    """So many sandboxes, warm and claimed, and no more than they need. By class, Kubernetes cannot count disk."""
    each = {
        "limits.cpu": f"{environment.size.cpu_millicores * environment.maximum}m",
        "limits.memory": str(environment.size.memory_bytes * environment.maximum),
    }
    scope = {
        "scopeName": "PriorityClass",
        "operator": "In",
        "values": [place.priority_class(environment.name)],
    }
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": make_metadata(environment, environment.name),
        "spec": {
            "hard": {"pods": str(environment.maximum), **each},
            "scopeSelector": {"matchExpressions": [scope]},
        },
    }


def make_deployment(environment: Environment, place: Place, warm: int) -> JSON:
    """So many warm pods. A claim moves a pod's label away, and the ReplicaSet starts another in its place."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": make_metadata(environment, environment.name),
        "spec": {
            "replicas": warm,
            "revisionHistoryLimit": 1,
            "progressDeadlineSeconds": PROGRESS_SECONDS,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "selector": {"matchLabels": make_labels(environment.name)},
            "template": make_template(environment, place.priority_class(environment.name)),
        },
    }


def make_metadata(environment: Environment, name: str) -> JSON:
    """The environment owns it: what is left when that is deleted, the cluster's garbage collector removes."""
    owner = {
        "apiVersion": f"{names.GROUP}/{names.VERSION}",
        "kind": names.KIND,
        "name": environment.name,
        "uid": environment.uid,
        "controller": True,
    }
    labels = {MANAGED_BY: OPERATOR, names.ENVIRONMENT: environment.name}
    return {"name": name, "labels": labels, "ownerReferences": [owner]}
