"""The chart's admission policies, rendered by Helm and put over one namespace of a test's own."""

from __future__ import annotations

import copy
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from kubernetes import client
from kubernetes.client.exceptions import ApiException

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts/bailiwick"
JSON = dict[str, Any]
ADMISSION = "/apis/admissionregistration.k8s.io/v1"
SECONDS = 60.0


def render(helm: Path, template: str, values: Mapping[str, Any], release_namespace: str = "bailiwick") -> list[JSON]:
    """The objects of one of the chart's templates, in a chart that has nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "templates").mkdir()
        (home / "templates" / template).write_text((CHART / "templates" / template).read_text())
        (home / "Chart.yaml").write_text("apiVersion: v2\nname: bailiwick\nversion: 0.0.0\n")
        (home / "values.yaml").write_text(json.dumps(values))
        words = [str(helm), "template", "bailiwick", folder, "--namespace", release_namespace]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
    return [found for found in yaml.safe_load_all(done.stdout) if found]


@dataclass(frozen=True)
class Response:
    """`warnings`: what the API server had to say besides."""

    status: int
    text: str
    warnings: str

    @property
    def json(self) -> JSON:
        whole: JSON = json.loads(self.text)
        return whole


def request(
    api: Any, method: str, path: str, headers: Mapping[str, str] = MappingProxyType({}), body: Any = None
) -> Response:
    """Ask the API server as the client would. A refusal is an answer, not an error."""
    kind = {"Content-Type": "application/json", "Accept": "application/json"}
    answer = api.call_api(method, f"{api.configuration.host}{path}", {**kind, **headers}, body)
    return Response(answer.status, answer.read().decode(), answer.headers.get("Warning") or "")


@dataclass(frozen=True)
class Guarded:
    """A namespace under the policies. Where `action` is Warn they refuse nothing and say what they would refuse."""

    api: client.ApiClient
    namespace: str
    policies: Mapping[str, JSON]

    def messages(self, policy: str) -> list[str]:
        """What each rule of a policy says when it refuses."""
        return [rule["message"] for rule in self.policies[policy]["spec"]["validations"]]


@contextmanager
def guarded(api: client.ApiClient, helm: Path, namespace: str, action: str = "Deny") -> Iterator[Guarded]:
    """The policies over a fresh namespace, under names of their own, until the end of the block."""
    core, admission = client.CoreV1Api(api), client.AdmissionregistrationV1Api(api)
    objects = render(helm, "admission.yaml", {"sandboxes": {"namespace": namespace}}, f"{namespace}-platform")
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=namespace)))
    policies = {one["metadata"]["name"]: one for one in objects if one["kind"] == "ValidatingAdmissionPolicy"}
    bindings = {one["metadata"]["name"]: one for one in objects if one["kind"] != "ValidatingAdmissionPolicy"}
    try:
        for name in policies:
            policy, binding = copy.deepcopy(policies[name]), copy.deepcopy(bindings[name])
            policy["metadata"]["name"] = binding["metadata"]["name"] = f"{name}.{namespace}"
            binding["spec"] |= {"policyName": f"{name}.{namespace}", "validationActions": [action]}
            for kind, body in (("policies", policy), ("policybindings", binding)):
                made = request(api, "POST", f"{ADMISSION}/validatingadmission{kind}", body=body)
                assert made.status == 201, made.text
        service_account(core, namespace)
        yield Guarded(api, namespace, policies)
    finally:
        for name in policies:
            for delete in (
                admission.delete_validating_admission_policy_binding,
                admission.delete_validating_admission_policy,
            ):
                absent_is_well(delete, f"{name}.{namespace}")
        core.delete_namespace(namespace)


@contextmanager
def runtime_classes(api: client.ApiClient, helm: Path) -> Iterator[None]:
    """The chart's runtime classes, unless the cluster has them, until the end of the block."""
    path = "/apis/node.k8s.io/v1/runtimeclasses"
    wanted = render(helm, "runtimeclasses.yaml", {"sandboxes": {}})
    made = [one["metadata"]["name"] for one in wanted if request(api, "POST", path, body=one).status == 201]
    yield
    for name in made:
        request(api, "DELETE", f"{path}/{name}")


def service_account(core: client.CoreV1Api, namespace: str) -> None:
    """Every pod has one; where no controller makes it, we do."""
    account = client.V1ServiceAccount(metadata=client.V1ObjectMeta(name="default"))
    present_is_well(lambda body: core.create_namespaced_service_account(namespace, body), account)


def present_is_well(create: Any, body: Any) -> None:
    try:
        create(body)
    except ApiException as error:
        if error.status != 409:
            raise


def absent_is_well(delete: Any, name: str) -> None:
    try:
        delete(name)
    except ApiException as error:
        if error.status != 404:
            raise


def until(question: Any, seconds: float = SECONDS, every: float = 0.2) -> Any:
    """What `question` answers as soon as that is true; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, f"gave up after {seconds} s"
        time.sleep(every)
    return answer
