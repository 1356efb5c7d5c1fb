"""The resource `SandboxEnvironment` in a test's cluster."""

from __future__ import annotations

from typing import Any

import yaml
from kubernetes import client

from sandbox_operator.kubernetes import names
from tests.cluster.policies import CHART, JSON, request, until

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
DIGEST = "sha256:" + "2" * 64
IMAGE = "registry.example/python@sha256:" + "1" * 64


def install(api: client.ApiClient) -> None:
    """Make the cluster know the resource as the chart has it."""
    wanted: JSON = yaml.safe_load((CHART / "crds/sandboxenvironments.yaml").read_text())
    here = f"{DEFINITIONS}/{wanted['metadata']['name']}"
    if request(api, "POST", DEFINITIONS, body=wanted).status == 409:
        wanted["metadata"]["resourceVersion"] = request(api, "GET", here).json["metadata"]["resourceVersion"]
        request(api, "PUT", here, body=wanted)

    def established() -> bool:
        conditions = request(api, "GET", here).json.get("status", {}).get("conditions") or []
        return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)

    until(established)


def make(name: str = "python", **spec: Any) -> JSON:
    """An environment with nothing said that need not be."""
    whole = {"environment": name, "image": IMAGE, "imageDigest": DIGEST, **spec}
    return {
        "apiVersion": f"{names.GROUP}/{names.VERSION}",
        "kind": names.KIND,
        "metadata": {"name": name},
        "spec": whole,
    }
