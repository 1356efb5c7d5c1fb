"""The chart on a real API server: what it accepts, what the installed release is, and what each account may do."""

import base64
import json
import ssl
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cluster.installation import CHART, PLATFORM, SANDBOXES, Installation
from tests.cluster.outside import POSTGRES_PORT
from tests.cluster.platform import Platform
from tests.stack import eventually
from tests.unit.charts.rendering import HERE, KUBERNETES, golden, helm

ACCOUNTS = ("web", "worker", "beat", "sequencer", "operator")


# --- What is installed -----------------------------------------------------------------------------------------------


def test_the_demos_analysis_runs_on_a_pod_under_gvisor(platform: Platform) -> None:
    with platform.api() as api:
        project = next(item for item in api.get("projects").json()["results"] if "analyst" in item["roles"])
        wish = {
            "project": project["id"],
            "environment": "python",
            "purpose": "Which kernel is this?",
            "language": "python",
            "code": "import os; print(os.uname().release); 6 * 7",
        }
        answer = api.post("runs", json=wish)
        assert answer.status_code == 201, answer.text
        found = api.get(f"runs/{answer.json()['id']}/executions/1", params={"wait": 60}).json()
    assert found["state"] == "succeeded", found
    assert "gvisor" in json.dumps(found["outputs"])
    assert "42" in json.dumps(found["outputs"][-1])


def test_every_process_runs_as_an_ordinary_user_on_a_root_that_nobody_writes_to(platform: Platform) -> None:
    probe = "import os; print(os.getuid(), os.access('/opt/bailiwick/app/manage.py', os.W_OK), os.access('/', os.W_OK))"
    for component in ACCOUNTS:
        words = ("exec", f"deployment/{PLATFORM}-{component}", "-c", component, "--", "python3", "-c", probe)
        assert platform.cluster.kubectl("-n", PLATFORM, *words).strip() == "1000 False False", component


def test_no_secret_is_in_a_pods_description(platform: Platform) -> None:
    shown = platform.cluster.kubectl("-n", PLATFORM, "get", "pods,deployments,configmaps", "-o", "yaml")
    for values in platform.installation.secrets().values():
        for key, value in values.items():
            assert value not in shown, key


REACHES = {
    "web": {"postgres", "redis"},
    "worker": {"postgres", "redis", "kubernetes"},
    "beat": {"redis"},
    "sequencer": {"postgres"},
    "operator": {"kubernetes"},
}
CONNECT = """
import socket, sys
for name, _, address in (word.partition("=") for word in sys.argv[1:]):
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), 2).close()
    except OSError:
        continue
    print(name)
"""


@pytest.mark.parametrize("component", ACCOUNTS)
def test_a_component_reaches_what_it_needs_and_nothing_else(platform: Platform, component: str) -> None:
    """All three answer everybody whom no policy keeps away. Taken out once: beat's policy; beat reached all of them."""
    outside = platform.installation.outside
    parts = {
        "postgres": f"{outside.address}:{POSTGRES_PORT}",
        "redis": f"{outside.address}:{outside.state.ports.redis}",
        "kubernetes": platform.cluster.url.removeprefix("https://"),
    }
    words = ("exec", f"deployment/{PLATFORM}-{component}", "-c", component, "--", "python3", "-c", CONNECT)
    said = platform.cluster.kubectl("-n", PLATFORM, *words, *(f"{name}={address}" for name, address in parts.items()))
    assert set(said.split()) == REACHES[component]


# --- What an API server says of the manifests ------------------------------------------------------------------------


@pytest.mark.parametrize("values", ["least", "most"])
def test_the_api_server_takes_every_field_of_the_manifests(platform: Platform, values: str) -> None:
    """Strictly: a field that it does not know is an error. Into namespaces that are there: a dry run makes none."""
    words = ["--namespace", PLATFORM, "--kube-version", KUBERNETES, "--values", str(HERE / f"{values}.values.yaml")]
    words += ["--set", f"sandboxes.namespace={SANDBOXES},web.clusterIP="]
    manifests = helm("template", "trial", str(CHART), *words)
    apply = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "--force-conflicts", "-f", "-")
    said = platform.cluster.kubectl(*apply, stdin=manifests)
    assert said.count("(server dry run)") == manifests.count("\nkind: ")


def test_a_field_that_no_api_server_knows_would_be_found(platform: Platform) -> None:
    wrong = golden("least").read_text().replace("readOnlyRootFilesystem", "readOnlyRootFileSystem", 1)
    apply = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "--force-conflicts", "-f", "-")
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        platform.cluster.kubectl(*apply, stdin=wrong)
    assert "readOnlyRootFileSystem" in refusal.value.stderr


@pytest.fixture
def elsewhere(platform: Platform) -> Iterator[str]:
    """A namespace where nothing was prepared."""
    name = f"bare-{uuid.uuid4().hex[:6]}"
    platform.cluster.kubectl("create", "namespace", name)
    yield name
    platform.cluster.kubectl("delete", "namespace", name, "--wait=false")


def test_an_install_without_its_secrets_is_refused_before_anything_is_made(platform: Platform, elsewhere: str) -> None:
    assert install(platform.installation, elsewhere) == f'There is no Secret "migration" in the namespace "{elsewhere}"'
    for name, values in platform.installation.secrets().items():
        for key in list(values):
            with_secrets(platform, elsewhere, without=(name, key))
            lacks = f'The Secret "{name}" in the namespace "{elsewhere}" lacks the key "{key}"'
            assert install(platform.installation, elsewhere) == lacks
    assert platform.cluster.kubectl("-n", elsewhere, "get", "pods,deployments,jobs,serviceaccounts", "-o", "name") == (
        "serviceaccount/default\n"
    )


def with_secrets(platform: Platform, namespace: str, *, without: tuple[str, str]) -> None:
    for name, values in platform.installation.secrets().items():
        kept = {key: base64.b64encode(b"x").decode() for key in values if (name, key) != without}
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": namespace},
            "data": kept,
        }
        platform.cluster.kubectl("apply", "-f", "-", stdin=json.dumps(secret))


def install(installation: Installation, namespace: str) -> str:
    """The sentence with which a first install in that namespace is refused."""
    values = installation.cluster.home / "values.json"
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        installation.helm("install", "second", str(CHART), "--values", str(values), namespace=namespace)
    return str(refusal.value.stderr).partition("execution error at ")[2].partition("): ")[2].partition(";")[0]


# --- What each account may do ----------------------------------------------------------------------------------------


def token(platform: Platform, component: str) -> str:
    """What is mounted in its pods where anything is, and could be stolen."""
    return platform.cluster.kubectl("-n", PLATFORM, "create", "token", f"{PLATFORM}-{component}").strip()


@pytest.fixture(scope="module")
def trusted(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """The cluster's authority."""
    config = json.loads(platform.cluster.kubectl("config", "view", "--raw", "-o", "json"))
    path: Path = tmp_path_factory.mktemp("authority") / "ca.crt"
    cluster = config["clusters"][0]["cluster"]
    data = cluster.get("certificate-authority-data")
    path.write_bytes(base64.b64decode(data) if data else Path(cluster["certificate-authority"]).read_bytes())
    return ssl.create_default_context(cafile=str(path))


def asking(platform: Platform, trusted: ssl.SSLContext, component: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token(platform, component)}"}
    return httpx.Client(base_url=platform.cluster.url, headers=headers, verify=trusted, timeout=30)


def rules(client: httpx.Client, namespace: str) -> dict[str, set[str]]:
    """What the API server itself says that the caller may do there, whichever role gives it."""
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace},
    }
    status = client.post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", json=review).json()["status"]
    found: dict[str, set[str]] = {}
    for rule in status["resourceRules"]:
        assert not rule.get("resourceNames"), rule
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                found.setdefault(f"{group}/{resource}", set()).update(rule["verbs"])
    assert all(set(rule["verbs"]) == {"get"} for rule in status.get("nonResourceRules", []))
    return found


# What Kubernetes gives whoever is known: to ask who and what one is.
EVERYBODY = {
    "authorization.k8s.io/selfsubjectaccessreviews": {"create"},
    "authorization.k8s.io/selfsubjectrulesreviews": {"create"},
    "authentication.k8s.io/selfsubjectreviews": {"create"},
}
KEPT = {"get", "list", "watch", "create", "update", "delete"}
CLUSTER: dict[str, dict[str, set[str]]] = {
    "worker": {"/nodes/proxy": {"get"}},
    "operator": {
        "scheduling.k8s.io/priorityclasses": {"get", "list", "create", "update", "delete"},
    },
}
INSIDE: dict[str, dict[str, set[str]]] = {
    "worker": {
        "/pods": {"get", "list", "patch", "delete"},
        "/pods/exec": {"get", "create"},
        "/resourcequotas": {"list"},
    },
    "operator": {
        "bailiwick.internal/sandboxenvironments": {"get", "list", "watch"},
        "bailiwick.internal/sandboxenvironments/status": {"patch"},
        "apps/deployments": KEPT,
        "networking.k8s.io/networkpolicies": KEPT,
        "/resourcequotas": KEPT,
        "/pods": {"get", "list", "watch", "delete"},
        "coordination.k8s.io/leases": {"get", "create", "update"},
    },
}


@pytest.mark.parametrize("component", ACCOUNTS)
def test_an_account_may_do_what_it_needs_and_nothing_else(
    platform: Platform, trusted: ssl.SSLContext, component: str
) -> None:
    """By the API server's own list of rules, for each account of the chart."""
    everywhere = EVERYBODY | CLUSTER.get(component, {})
    with asking(platform, trusted, component) as client:
        for namespace in (PLATFORM, "default", "kube-system"):
            assert rules(client, namespace) == everywhere, namespace
        assert rules(client, SANDBOXES) == everywhere | INSIDE.get(component, {})


# Each is what a stolen token would be used for first.
ATTEMPTS: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "read the platform's secrets": ("GET", f"/api/v1/namespaces/{PLATFORM}/secrets", None),
    "read a secret by name": ("GET", f"/api/v1/namespaces/{PLATFORM}/secrets/platform", None),
    "read all secrets": ("GET", "/api/v1/secrets", None),
    "read the platform's pods": ("GET", f"/api/v1/namespaces/{PLATFORM}/pods", None),
    "enter a pod of the platform": ("POST", f"/api/v1/namespaces/{PLATFORM}/pods/web/exec?command=sh", None),
    "read a sandbox's output": ("GET", f"/api/v1/namespaces/{SANDBOXES}/pods/x/log", None),
    "attach to a sandbox": ("POST", f"/api/v1/namespaces/{SANDBOXES}/pods/x/attach?stdin=true", None),
    "make a pod of its own": ("POST", f"/api/v1/namespaces/{SANDBOXES}/pods", {"kind": "Pod"}),
    "mint another's token": ("POST", f"/api/v1/namespaces/{PLATFORM}/serviceaccounts/bailiwick-operator/token", {}),
    "widen its own role": (
        "PATCH",
        f"/apis/rbac.authorization.k8s.io/v1/namespaces/{SANDBOXES}/roles/bailiwick-worker",
        {"rules": []},
    ),
    "switch admission off": (
        "DELETE",
        "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/bailiwick-pods",
        None,
    ),
    "read nodes": ("GET", "/api/v1/nodes", None),
    "delete the sandboxes' namespace": ("DELETE", f"/api/v1/namespaces/{SANDBOXES}", None),
    "read the cluster's keys": ("GET", "/api/v1/namespaces/kube-system/configmaps", None),
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_stolen_token_is_refused(platform: Platform, trusted: ssl.SSLContext, attempt: str) -> None:
    method, path, body = ATTEMPTS[attempt]
    for component in ACCOUNTS:
        with asking(platform, trusted, component) as client:
            headers = {"Content-Type": "application/merge-patch+json"} if method == "PATCH" else {}
            answer = client.request(
                method, path, content=json.dumps(body) if body is not None else None, headers=headers
            )
        assert answer.status_code == 403, (component, answer.text)


def test_a_workers_token_opens_no_container_through_a_node(platform: Platform, trusted: ssl.SSLContext) -> None:
    """The right to read usage is one to a node's every door; admission leaves `stats/summary` of it."""
    node = json.loads(platform.cluster.kubectl("get", "nodes", "-o", "json"))["items"][0]["metadata"]["name"]
    with asking(platform, trusted, "worker") as client:
        assert client.get(f"/api/v1/nodes/{node}/proxy/stats/summary").status_code == 200
        for path in ("pods", "configz", "logs/", f"exec/{PLATFORM}/web/web?command=id", "metrics"):
            answer = client.get(f"/api/v1/nodes/{node}/proxy/{path}")
            assert answer.status_code in (403, 422), (path, answer.status_code)


# --- Last, as it starts everything anew ------------------------------------------------------------------------------


def test_an_upgrade_migrates_again_and_leaves_everything_ready(platform: Platform) -> None:
    platform.installation.install(settings={"TOKEN_MAX_DAYS": 30})
    history = json.loads(platform.installation.helm("history", PLATFORM, "--output", "json"))
    assert [one["status"] for one in history][-1] == "deployed"
    eventually(platform.warm, within=60, every=0.5)
    assert platform.cluster.kubectl("-n", PLATFORM, "get", "jobs", "-o", "name") == ""
