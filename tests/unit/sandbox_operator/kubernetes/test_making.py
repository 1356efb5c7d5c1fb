"""What an environment becomes in the cluster, compared whole."""

from __future__ import annotations

from dataclasses import replace

from sandbox_operator.kubernetes.environment import Egress
from sandbox_operator.kubernetes.making import Place, make_objects
from sandbox_operator.kubernetes.pods import make_template
from tests.unit.sandbox_operator.kubernetes.test_pods import ENVIRONMENT

PLACE = Place("sandboxes", "platform")
METADATA = {
    "name": "python",
    "labels": {"app.kubernetes.io/managed-by": "bailiwick-operator", "bailiwick.internal/environment": "python"},
    "ownerReferences": [
        {
            "apiVersion": "bailiwick.internal/v1",
            "kind": "SandboxEnvironment",
            "name": "python",
            "uid": ENVIRONMENT.uid,
            "controller": True,
        }
    ],
}


def test_an_environment_becomes_these_objects() -> None:
    assert make_objects(ENVIRONMENT, PLACE, 3) == [
        (
            "/apis/networking.k8s.io/v1/namespaces/sandboxes/networkpolicies",
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "metadata": {"name": "default-deny", "labels": {"app.kubernetes.io/managed-by": "bailiwick-operator"}},
                "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
            },
        ),
        (
            "/apis/scheduling.k8s.io/v1/priorityclasses",
            {
                "apiVersion": "scheduling.k8s.io/v1",
                "kind": "PriorityClass",
                "metadata": {
                    "name": "sandboxes-python",
                    "labels": {
                        "app.kubernetes.io/managed-by": "bailiwick-operator",
                        "bailiwick.internal/namespace": "sandboxes",
                    },
                },
                "value": -10,
                "preemptionPolicy": "Never",
                "globalDefault": False,
                "description": "Sandboxes of the environment python.",
            },
        ),
        (
            "/api/v1/namespaces/sandboxes/resourcequotas",
            {
                "apiVersion": "v1",
                "kind": "ResourceQuota",
                "metadata": METADATA,
                "spec": {
                    "hard": {"pods": "20", "limits.cpu": "10000m", "limits.memory": "21474836480"},
                    "scopeSelector": {
                        "matchExpressions": [
                            {"scopeName": "PriorityClass", "operator": "In", "values": ["sandboxes-python"]}
                        ]
                    },
                },
            },
        ),
        (
            "/apis/apps/v1/namespaces/sandboxes/deployments",
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": METADATA,
                "spec": {
                    "replicas": 3,
                    "revisionHistoryLimit": 1,
                    "progressDeadlineSeconds": 180,
                    "strategy": {
                        "type": "RollingUpdate",
                        "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"},
                    },
                    "selector": {
                        "matchLabels": {
                            "bailiwick.internal/environment": "python",
                            "bailiwick.internal/pool": "warm",
                        }
                    },
                    "template": make_template(ENVIRONMENT, "sandboxes-python"),
                },
            },
        ),
    ]


def test_with_egress_one_policy_comes_on_top() -> None:
    without = make_objects(ENVIRONMENT, PLACE, 3)
    networked = replace(ENVIRONMENT, runtime_class="gvisor", egress=Egress.GATEWAY)
    more = [
        one for one in make_objects(networked, PLACE, 3) if one[1]["kind"] == "NetworkPolicy" and one not in without
    ]
    assert [one["spec"] for _, one in more] == [
        {
            "podSelector": {"matchLabels": {"bailiwick.internal/environment": "python"}},
            "policyTypes": ["Egress"],
            "egress": [
                {
                    "to": [
                        {
                            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "platform"}},
                            "podSelector": {"matchLabels": {"app.kubernetes.io/component": "egress-gateway"}},
                        }
                    ],
                    "ports": [{"protocol": "TCP", "port": 3128}],
                }
            ],
        }
    ]
