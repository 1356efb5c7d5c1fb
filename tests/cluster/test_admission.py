"""What the API server lets happen in the sandboxes' namespace, whoever asks: the cluster's administrator, here.

Every rule is taken out: the same requests go to a namespace where the policies only warn. There the API server does
what is asked, so nothing else would have refused it, and says which rules would have: exactly those named here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from kubernetes import client, config

from sandbox_operator.kubernetes import names
from sandbox_operator.kubernetes.environment import Egress, Environment, Size
from sandbox_operator.kubernetes.pods import make_template
from tests.cluster.broken import BROKEN, BY_ITSELF, GONE, OTHER, TOGETHER, broken
from tests.cluster.node import Cluster
from tests.cluster.policies import JSON, ROOT, Guarded, Response, guarded, request, runtime_classes, until

HELM = ROOT / ".tools/bin/helm"
SIZE = Size(cpu_millicores=500, memory_bytes=256 << 20, disk_bytes=64 << 20, processes=64, cpu_request="20m")
ENVIRONMENT = Environment(
    name="python",
    uid=str(uuid4()),
    generation=1,
    # A registry that refuses at once, so that a node has nothing to wait for when the sandbox ends.
    image="127.0.0.1:1/python@sha256:" + "1" * 64,
    image_digest="sha256:" + "2" * 64,
    runtime_class=names.SEALED,
    size=SIZE,
    floor=1,
    ceiling=1,
    maximum=1,
    egress=Egress.NONE,
)
Query = Sequence[tuple[str, str]]
JSON_TYPE = "application/json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
DRY: Query = (("dryRun", "All"),)
WARNING = re.compile(
    r"Validation failed for ValidatingAdmissionPolicy '([a-z-]+)\.[^']*' with binding '[^']*': ([^\"]*)\""
)


# --- A namespace that refuses, and one that warns ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def api(cluster: Cluster) -> client.ApiClient:
    return config.new_client_from_config(str(cluster.kubeconfig))


@pytest.fixture(scope="module")
def guard(api: client.ApiClient) -> Iterator[Guarded]:
    with prepared(api, f"deny-{uuid4().hex[:8]}", "Deny") as made:
        yield made


@pytest.fixture(scope="module")
def lax(api: client.ApiClient) -> Iterator[Guarded]:
    with prepared(api, f"warn-{uuid4().hex[:8]}", "Warn") as made:
        yield made


@contextmanager
def prepared(api: client.ApiClient, namespace: str, action: str) -> Iterator[Guarded]:
    """With the classes that a sandbox names, and others that break its shape."""
    scheduling, runtimes = client.SchedulingV1Api(api), client.NodeV1Api(api)
    core = client.CoreV1Api(api)
    priorities = {f"{namespace}-python": "Never", f"{namespace}-other": "PreemptLowerPriority"}
    with ExitStack() as after:
        for name, preemption in priorities.items():
            meta = client.V1ObjectMeta(name=name)
            scheduling.create_priority_class(
                client.V1PriorityClass(metadata=meta, value=-10, preemption_policy=preemption)
            )
            after.callback(scheduling.delete_priority_class, name)
        after.enter_context(runtime_classes(api, HELM))
        other = client.V1ObjectMeta(name=f"{namespace}-other")
        runtimes.create_runtime_class(client.V1RuntimeClass(metadata=other, handler="sealed"))
        after.callback(runtimes.delete_runtime_class, f"{namespace}-other")
        made = after.enter_context(guarded(api, HELM, namespace, action))
        core.create_namespaced_service_account(
            namespace, client.V1ServiceAccount(metadata=client.V1ObjectMeta(name="robot"))
        )
        bad = broken(make_pod(made), "spec.hostPID", True)
        until(lambda: says(create(made, bad)))
        yield made


def make_pod(guard: Guarded, name: str = "sandbox") -> JSON:
    """The pod that the Deployment of an environment makes."""
    template = make_template(ENVIRONMENT, f"{guard.namespace}-python")
    return {"apiVersion": "v1", "kind": "Pod", **template, "metadata": {**template["metadata"], "name": name}}


# --- Asking -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    warnings: tuple[tuple[str, str], ...]

    @property
    def refused(self) -> bool:
        return self.status == 422 and "ValidatingAdmissionPolicy" in self.text


def ask(
    guard: Guarded, method: str, path: str, body: JSON | None = None, query: Query = (), kind: str = JSON_TYPE
) -> Answer:
    """What the API server answers, with the policies that it warns of and what they say."""
    where = f"/api/v1/namespaces/{guard.namespace}/pods{path}?{urlencode(list(query))}"
    return answered(request(guard.api, method, where, {"Content-Type": kind}, body))


def answered(response: Response) -> Answer:
    return Answer(response.status, response.text, tuple(WARNING.findall(response.warnings)))


def stored(guard: Guarded, name: str) -> JSON:
    """The metadata of a sandbox as it is now."""
    metadata: JSON = json.loads(ask(guard, "GET", f"/{name}").text)["metadata"]
    return metadata


def says(answer: Answer) -> bool:
    """Whether a policy refused, or would have."""
    return answer.refused or bool(answer.warnings)


def create(guard: Guarded, pod: JSON, *, really: bool = False) -> Answer:
    return ask(guard, "POST", "", pod, () if really else DRY)


def patch(guard: Guarded, name: str, change: JSON, *, really: bool = False, subresource: str = "") -> Answer:
    return ask(guard, "PATCH", f"/{name}{subresource}", change, () if really else DRY, MERGE)


def refused_by(guard: Guarded, lax: Guarded, policy: str, asked: Callable[[Guarded], Answer]) -> list[str]:
    """Assert that it is refused, and by nothing but the policy; tells which of its rules said no."""
    refusal, warned = asked(guard), asked(lax)
    assert refusal.refused, refusal
    assert warned.status < 300, warned
    assert warned.warnings and {name for name, _ in warned.warnings} == {policy}
    said = [message for _, message in warned.warnings]
    assert said[0] in refusal.text
    return said


def covers(said: list[str], expected: list[str]) -> bool:
    """Whether each is the start of one that was said, and nothing else was."""
    return len(said) == len(expected) and all(any(one.startswith(start) for one in said) for start in expected)


# --- The shape --------------------------------------------------------------------------------------------------------


def test_the_sandbox_of_the_operator_is_admitted(guard: Guarded, lax: Guarded) -> None:
    for one in (lax, guard):
        answer = create(one, make_pod(one))
        assert answer.status == 201 and not answer.warnings, answer


def fitting(guard: Guarded, value: Any) -> Any:
    """Classes are the cluster's: those that break the shape are named for the namespace."""
    return f"{guard.namespace}-other" if value == OTHER else value


@pytest.mark.parametrize(
    ("path", "value", "expected"), BROKEN, ids=[f"{path}={value}"[:80] for path, value, _ in BROKEN]
)
def test_a_broken_field_is_refused(guard: Guarded, lax: Guarded, path: str, value: Any, expected: list[str]) -> None:
    said = refused_by(
        guard, lax, "bailiwick-pods", lambda one: create(one, broken(make_pod(one), path, fitting(one, value)))
    )
    assert covers(said, expected), said


@pytest.mark.parametrize(("changes", "expected"), TOGETHER)
def test_two_fields_that_go_together_are_refused(
    guard: Guarded, lax: Guarded, changes: list[tuple[str, Any]], expected: list[str]
) -> None:
    def change_it(one: Guarded) -> Answer:
        pod = make_pod(one)
        for path, value in changes:
            pod = broken(pod, path, value)
        return create(one, pod)

    said = refused_by(guard, lax, "bailiwick-pods", change_it)
    assert covers(said, expected), said


def test_every_rule_of_the_shape_is_broken_by_a_test(guard: Guarded) -> None:
    starts = {start for _, _, expected in BROKEN for start in expected}
    starts |= {start for _, expected in TOGETHER for start in expected}
    unbroken = [said for said in guard.messages("bailiwick-pods") if not said.startswith((*starts, *BY_ITSELF))]
    assert not unbroken


def test_a_pod_with_nothing_of_the_shape_is_refused(guard: Guarded) -> None:
    bare = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bare"}}
    assert create(guard, bare | {"spec": {"containers": [{"name": "a", "image": "b"}]}}).refused


# --- Claims -----------------------------------------------------------------------------------------------------------

CLAIM: JSON = {
    "metadata": {
        "labels": {names.POOL: names.CLAIMED, names.RUN: str(uuid4())},
        "annotations": {
            names.CLAIMED_AT: "1764556800",
            names.EXPIRES_AT: "1764560400.5",
            names.EPOCH: "3",
            names.LIMITS: "{}",
        },
    },
    "spec": {"activeDeadlineSeconds": 3600},
}
OWNER = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "a", "uid": str(uuid4()), "controller": True}


def claim_but(path: str, value: Any) -> JSON:
    return broken(CLAIM, path, value)


def labelled(**values: Any) -> JSON:
    return {"metadata": {"labels": {f"{names.GROUP}/{name}": value for name, value in values.items()}}}


def annotated(**values: Any) -> JSON:
    return {
        "metadata": {
            "annotations": {f"{names.GROUP}/{name.replace('_', '-')}": value for name, value in values.items()}
        }
    }


ANNOTATED = "metadata.annotations.[bailiwick.internal/"
ONCE = "metadata.labels: bailiwick.internal/pool"
RUN = "metadata.labels: bailiwick.internal/run"
LABEL = "metadata.labels: no other"
TIMES = "metadata.annotations: claimed-at"
LIMITS = "metadata.annotations: limits"
EPOCH = "metadata.annotations: epoch is"
SHRINKS = "metadata.annotations: epoch never"
SESSION = "metadata.annotations: only a claimed"
DIGEST = "metadata.annotations: image-digest"
OTHERS = "metadata.annotations: no other"
DEADLINE = "spec.activeDeadlineSeconds"
REST = "spec: of a sandbox"
OWNERS = "metadata.ownerReferences"
FINALIZERS = "metadata.finalizers"
# The sandbox that is changed, how, and which rules say no.
CHANGES: list[tuple[str, JSON, list[str]]] = [
    ("claimed", labelled(pool="warm"), [ONCE]),
    ("claimed", labelled(pool=None), [ONCE, LABEL]),
    ("warm", labelled(pool="cold"), [ONCE]),
    ("warm", claim_but("metadata.labels.[bailiwick.internal/run]", GONE), [RUN]),
    ("warm", claim_but("metadata.labels.[bailiwick.internal/run]", "mine"), [RUN]),
    ("warm", labelled(run=str(uuid4())), [RUN]),
    ("claimed", labelled(run=str(uuid4())), [RUN, LABEL]),
    ("claimed", labelled(run=None), [RUN, LABEL]),
    ("warm", claim_but("metadata.labels.[bailiwick.internal/environment]", "other"), [LABEL]),
    ("warm", claim_but("metadata.labels.extra", "x"), [LABEL]),
    ("claimed", labelled(environment=None), [LABEL]),
    ("warm", claim_but(f"{ANNOTATED}claimed-at]", GONE), [TIMES]),
    ("warm", claim_but(f"{ANNOTATED}expires-at]", "never"), [TIMES]),
    ("warm", annotated(expires_at="9"), [TIMES]),
    ("claimed", annotated(expires_at="9999999999"), [TIMES]),
    ("claimed", annotated(claimed_at=None), [TIMES]),
    ("warm", claim_but(f"{ANNOTATED}limits]", GONE), [LIMITS]),
    ("claimed", annotated(limits='{"memory_bytes": 1}'), [LIMITS]),
    ("warm", claim_but(f"{ANNOTATED}epoch]", GONE), [EPOCH]),
    ("warm", claim_but(f"{ANNOTATED}epoch]", "-1"), [EPOCH]),
    ("warm", claim_but(f"{ANNOTATED}epoch]", "007"), [EPOCH]),
    ("warm", annotated(epoch="1"), [EPOCH]),
    ("claimed", annotated(epoch=None), [EPOCH]),
    ("claimed", annotated(epoch="many"), [EPOCH]),
    ("claimed", annotated(epoch="2"), [SHRINKS]),
    ("claimed", annotated(epoch="0"), [SHRINKS]),
    ("warm", annotated(session="s"), [SESSION]),
    ("warm", claim_but(f"{ANNOTATED}image-digest]", "sha256:" + "3" * 64), [DIGEST]),
    ("claimed", annotated(image_digest=None), [DIGEST]),
    ("warm", claim_but("metadata.annotations.extra", "x"), [OTHERS]),
    ("warm", annotated(probe="{}"), [OTHERS]),
    ("warm", {"metadata": {"annotations": {"dev.gvisor.spec.mount.tmp.type": "bind"}}}, [OTHERS]),
    ("claimed", {"metadata": {"annotations": {"extra": "x"}}}, [OTHERS]),
    ("warm", claim_but("spec.activeDeadlineSeconds", GONE), [DEADLINE]),
    ("warm", {"spec": {"activeDeadlineSeconds": 60}}, [DEADLINE]),
    ("claimed", {"spec": {"activeDeadlineSeconds": 60}}, [DEADLINE]),
    ("warm", claim_but("spec.tolerations", [{"key": "a", "operator": "Exists"}]), [REST]),
    ("claimed", {"spec": {"tolerations": [{"key": "a", "operator": "Exists"}]}}, [REST]),
    ("warm", claim_but("metadata.ownerReferences", [OWNER]), [OWNERS]),
    ("warm", claim_but("metadata.finalizers", ["example.com/keep"]), [FINALIZERS]),
    ("claimed", {"metadata": {"finalizers": ["example.com/keep"]}}, [FINALIZERS]),
]
# The same through the status, which nodes write.
BY_STATUS: list[tuple[str, JSON, list[str]]] = [
    ("claimed", labelled(pool="warm"), [ONCE]),
    ("warm", labelled(pool="claimed"), [ONCE, RUN, TIMES, LIMITS, EPOCH, DEADLINE]),
    ("claimed", labelled(run=str(uuid4())), [RUN, LABEL]),
    ("claimed", annotated(epoch="4"), [EPOCH]),
    ("claimed", annotated(session="s"), [SESSION]),
    ("claimed", annotated(expires_at="9"), [TIMES]),
]


@pytest.fixture(scope="module")
def sandboxes(guard: Guarded, lax: Guarded) -> None:
    """In both namespaces a warm sandbox and a claimed one."""
    for one in (lax, guard):
        for name in ("warm", "claimed"):
            assert create(one, make_pod(one, name), really=True).status == 201
        answer = patch(one, "claimed", CLAIM, really=True)
        assert answer.status == 200 and not answer.warnings, answer


@pytest.mark.usefixtures("sandboxes")
@pytest.mark.parametrize(("sandbox", "change", "expected"), CHANGES)
def test_a_change_that_is_no_claims_is_refused(
    guard: Guarded, lax: Guarded, sandbox: str, change: JSON, expected: list[str]
) -> None:
    said = refused_by(guard, lax, "bailiwick-claims", lambda one: patch(one, sandbox, change))
    assert covers(said, expected), said


@pytest.mark.usefixtures("sandboxes")
@pytest.mark.parametrize(("sandbox", "change", "expected"), BY_STATUS)
def test_a_status_changes_no_claim(
    guard: Guarded, lax: Guarded, sandbox: str, change: JSON, expected: list[str]
) -> None:
    said = refused_by(guard, lax, "bailiwick-claims", lambda one: patch(one, sandbox, change, subresource="/status"))
    assert covers(said, expected), said


def test_every_rule_of_claims_is_broken_by_a_test(guard: Guarded) -> None:
    starts = {start for *_, expected in [*CHANGES, *BY_STATUS] for start in expected}
    assert not [said for said in guard.messages("bailiwick-claims") if not said.startswith(tuple(starts))]


@pytest.mark.usefixtures("sandboxes")
@pytest.mark.parametrize(
    ("sandbox", "change", "subresource"),
    [
        ("warm", CLAIM, ""),
        ("warm", {"metadata": {"ownerReferences": [OWNER]}}, ""),
        ("claimed", annotated(epoch="4", session="s"), ""),
        ("claimed", annotated(epoch="3"), ""),
        ("claimed", annotated(epoch="1" + "0" * 17), ""),
        ("claimed", {"metadata": {"ownerReferences": [OWNER]}}, ""),
        ("claimed", {"metadata": {"annotations": {"cni.example.com/address": "10.0.0.1"}}}, "/status"),
        ("claimed", {"status": {"phase": "Running"}}, "/status"),
    ],
)
def test_what_a_claim_a_controller_and_a_node_do_is_admitted(
    guard: Guarded, sandbox: str, change: JSON, subresource: str
) -> None:
    assert patch(guard, sandbox, change, subresource=subresource).status == 200


@pytest.mark.usefixtures("sandboxes")
def test_of_two_claimers_one_gets_the_sandbox(guard: Guarded) -> None:
    assert create(guard, make_pod(guard, "wanted"), really=True).status == 201
    # A node that writes the status in between makes both of them lose.
    versions: list[str] = []

    def claim() -> bool:
        versions.append(stored(guard, "wanted")["resourceVersion"])
        return claim_at(guard, versions[-1]).status == 200

    until(claim)
    assert claim_at(guard, versions[-1]).status == 409
    # Without the version: the API server itself refuses a longer life, and the policy another run.
    other = broken(CLAIM, "metadata.labels.[bailiwick.internal/run]", str(uuid4()))
    assert patch(guard, "wanted", other, really=True).refused


def claim_at(guard: Guarded, version: str) -> Answer:
    return patch(guard, "wanted", broken(CLAIM, "metadata.resourceVersion", version), really=True)


# --- Ends -------------------------------------------------------------------------------------------------------------


def delete(guard: Guarded, name: str, uid: str | None = None) -> Answer:
    options: JSON = {"apiVersion": "v1", "kind": "DeleteOptions", "dryRun": ["All"]}
    return ask(guard, "DELETE", f"/{name}", options | ({"preconditions": {"uid": uid}} if uid else {}))


@pytest.mark.usefixtures("sandboxes")
def test_a_claimed_sandbox_is_not_deleted_by_name(guard: Guarded, lax: Guarded) -> None:
    said = refused_by(guard, lax, "bailiwick-ends", lambda one: delete(one, "claimed"))
    assert said == guard.messages("bailiwick-ends")


@pytest.mark.usefixtures("sandboxes")
def test_who_says_which_deletes_it_and_a_warm_one_is_deleted_by_name(guard: Guarded) -> None:
    assert delete(guard, "claimed", stored(guard, "claimed")["uid"]).status == 200
    assert delete(guard, "claimed", str(uuid4())).status == 409
    assert delete(guard, "warm").status == 200


def test_a_claimed_sandbox_that_has_ended_is_deleted_by_name(guard: Guarded) -> None:
    assert create(guard, make_pod(guard, "ended"), really=True).status == 201
    assert patch(guard, "ended", CLAIM, really=True).status == 200
    assert patch(guard, "ended", {"status": {"phase": "Failed"}}, really=True, subresource="/status").status == 200
    assert delete(guard, "ended").status == 200


# --- Ways in ----------------------------------------------------------------------------------------------------------


def way_in(
    guard: Guarded, subresource: str, command: tuple[str, ...] = (), container: str | None = "sandbox", **flags: str
) -> Answer:
    """Ask to connect. Whatever the policies let through ends at a sandbox that no node has, or that is not upgraded."""
    query = [("command", word) for word in command] + list(flags.items())
    query += [("container", container)] if container else []
    return ask(guard, "GET", f"/warm{subresource}", None, query)


WAYS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("/exec", {"command": ("/bin/sh",)}, ["command"]),
    ("/exec", {"command": (*names.RELAY, "x")}, ["command"]),
    ("/exec", {"command": names.RELAY[:2]}, ["command"]),
    ("/exec", {"command": names.RELAY, "container": None}, ["container"]),
    ("/exec", {"command": names.RELAY, "tty": "true"}, ["tty"]),
    ("/attach", {"stdin": "true"}, ["into a sandbox"]),
    ("/portforward", {"ports": "80"}, ["into a sandbox"]),
    ("/proxy", {}, ["into a sandbox"]),
]


@pytest.mark.usefixtures("sandboxes")
@pytest.mark.parametrize(("subresource", "how", "expected"), WAYS)
def test_no_other_way_leads_in(
    guard: Guarded, lax: Guarded, subresource: str, how: dict[str, Any], expected: list[str]
) -> None:
    refusal, warned = way_in(guard, subresource, **how), way_in(lax, subresource, **how)
    assert refusal.refused, refusal
    assert not warned.refused and {name for name, _ in warned.warnings} == {"bailiwick-exec"}
    assert covers([message for _, message in warned.warnings], expected)


@pytest.mark.usefixtures("sandboxes")
def test_the_relay_is_let_in(guard: Guarded) -> None:
    answer = way_in(guard, "/exec", names.RELAY, stdin="true", stdout="true", stderr="true")
    assert not says(answer), answer


@pytest.mark.usefixtures("sandboxes")
@pytest.mark.parametrize(
    ("subresource", "change"),
    [
        ("/ephemeralcontainers", {"spec": {"ephemeralContainers": [{"name": "a", "image": "b"}]}}),
        ("/resize", {"spec": {"containers": [{"name": "sandbox", "resources": {"requests": {"cpu": "30m"}}}]}}),
    ],
)
def test_a_sandbox_is_neither_debugged_nor_resized(
    guard: Guarded, lax: Guarded, subresource: str, change: JSON
) -> None:
    def change_it(one: Guarded) -> Answer:
        return ask(one, "PATCH", f"/warm{subresource}", change, DRY, STRATEGIC)

    assert refused_by(guard, lax, "bailiwick-exec", change_it) == guard.messages("bailiwick-exec")[:1]


def test_every_rule_of_ways_in_is_broken_by_a_test(guard: Guarded) -> None:
    starts = {start for *_, expected in WAYS for start in expected}
    assert not [said for said in guard.messages("bailiwick-exec") if not said.startswith(tuple(starts))]


# --- Nodes ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reads_nodes(guard: Guarded, lax: Guarded) -> Iterator[None]:
    """The right that usage needs, for the service accounts of both platforms."""
    rbac, name = client.RbacAuthorizationV1Api(guard.api), f"{guard.namespace}-nodes"
    meta = client.V1ObjectMeta(name=name)
    rule = client.V1PolicyRule(api_groups=[""], resources=["nodes/proxy"], verbs=["get"])
    rbac.create_cluster_role(client.V1ClusterRole(metadata=meta, rules=[rule]))
    subjects = [client.RbacV1Subject(kind="Group", name=group(one)) for one in (guard, lax)]
    role = client.V1RoleRef(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=name)
    rbac.create_cluster_role_binding(client.V1ClusterRoleBinding(metadata=meta, role_ref=role, subjects=subjects))
    yield
    rbac.delete_cluster_role_binding(name)
    rbac.delete_cluster_role(name)


def group(guard: Guarded) -> str:
    return f"system:serviceaccounts:{guard.namespace}-platform"


def of_node(guard: Guarded, path: str, who: str) -> Answer:
    """What the node's proxy answers to the platform, or to other people."""
    node = request(guard.api, "GET", "/api/v1/nodes").json["items"][0]["metadata"]["name"]
    headers = {"Impersonate-User": "worker", "Impersonate-Group": who}
    return answered(request(guard.api, "GET", f"/api/v1/nodes/{node}/proxy/{path}", headers))


@pytest.mark.usefixtures("reads_nodes")
@pytest.mark.parametrize(
    "path", ["", "pods", "containerLogs/a/b/c", "exec/a/b/c?command=id", "stats/summary/../../pods"]
)
def test_the_platform_reads_nothing_of_a_node_but_usage(guard: Guarded, lax: Guarded, path: str) -> None:
    refusal, warned = of_node(guard, path, group(guard)), of_node(lax, path, group(lax))
    assert refusal.refused, refusal
    assert not warned.refused and warned.warnings == (("bailiwick-nodes", guard.messages("bailiwick-nodes")[0]),)


@pytest.mark.usefixtures("reads_nodes")
def test_usage_is_read_and_others_are_left_alone(guard: Guarded) -> None:
    assert of_node(guard, "stats/summary", group(guard)).status == 200
    assert not says(of_node(guard, "pods", "system:masters"))
