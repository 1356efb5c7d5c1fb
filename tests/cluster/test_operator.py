"""The operator on a real cluster: what it makes of an environment, corrects, removes and leaves alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config

from sandbox_operator.kubernetes import names
from tests.cluster.node import Cluster
from tests.cluster.operating import MERGE, Operator, Scene, for_a_while, holder, scene
from tests.cluster.policies import JSON, request, until
from tests.cluster.stand_in import make_image


@pytest.fixture(scope="module")
def api(cluster: Cluster) -> client.ApiClient:
    return config.new_client_from_config(str(cluster.kubeconfig))


@pytest.fixture(scope="module")
def images(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Two versions of an image, on the node."""
    folder, references = tmp_path_factory.mktemp("images"), {}
    for mark in ("first", "second"):
        archive, digest = make_image(folder, mark)
        references[mark] = f"bailiwick.internal/stand-in@{digest}"
        cluster.load(archive, references[mark])
    return references


@pytest.fixture(scope="module")
def here(cluster: Cluster, api: client.ApiClient, images: dict[str, str]) -> Iterator[Scene]:
    with scene(cluster, api, images, "operator") as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def operator(here: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """The one that works in this namespace; a test may not leave it ended."""
    made = Operator(here.cluster.kubeconfig, here.namespace, tmp_path_factory.mktemp("operator") / "log").start()
    yield made
    assert made.stop() == 0
    assert "Traceback" not in made.log.read_text()


@pytest.fixture
def name(here: Scene, request: pytest.FixtureRequest) -> Iterator[str]:
    """An environment of the test's own."""
    made = request.node.name.removeprefix("test_").replace("_", "-")[:40].strip("-")
    yield made
    here.remove(made)
    until(lambda: not here.warm(made))


def get(here: Scene, path: str) -> JSON:
    return here.read(path)


# --- Made -------------------------------------------------------------------------------------------------------------


def test_an_environment_becomes_warm_sandboxes_and_what_bounds_them(here: Scene, name: str) -> None:
    here.environment(name, maximum=6)
    sandboxes = here.wait_warm(name, 2)
    assert {one.image_digest for one in sandboxes} == {here.image("first")["imageDigest"]}
    until(lambda: here.reason(name) == "PoolWarm")
    status = here.status(name)
    assert {key: status[key] for key in ("wanted", "warm", "starting", "claimed")} == {
        "wanted": 2,
        "warm": 2,
        "starting": 0,
        "claimed": 0,
    }
    assert [(one["type"], one["status"], one["reason"]) for one in status["conditions"]] == [
        ("Ready", "True", "PoolWarm"),
        ("Applied", "True", "InSync"),
        ("Rolled", "True", "RolledOut"),
    ]
    deny = get(here, here.path("apis/networking.k8s.io/v1", "networkpolicies", "default-deny"))
    assert deny["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    quota = get(here, here.path("api/v1", "resourcequotas", name))
    assert quota["spec"]["hard"] == {"pods": "6", "limits.cpu": "6", "limits.memory": str(6 * (256 << 20))}
    assert quota["status"]["used"]["pods"] == "2"
    priority = get(here, f"/apis/scheduling.k8s.io/v1/priorityclasses/{here.namespace}-{name}")
    assert (priority["value"], priority["preemptionPolicy"], priority.get("globalDefault", False)) == (
        -10,
        "Never",
        False,
    )


def test_with_egress_only_the_gateway_is_opened(here: Scene, name: str) -> None:
    here.environment(name, egress="gateway", runtimeClassName="gvisor")
    here.wait_warm(name, 2)
    policy = get(here, here.path("apis/networking.k8s.io/v1", "networkpolicies", f"{name}-gateway"))
    gateway = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": f"{here.namespace}-platform"}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/component": "egress-gateway"}},
    }
    assert policy["spec"] == {
        "podSelector": {"matchLabels": {names.ENVIRONMENT: name}},
        "policyTypes": ["Egress"],
        "egress": [{"to": [gateway], "ports": [{"protocol": "TCP", "port": 3128}]}],
    }


# --- Corrected --------------------------------------------------------------------------------------------------------

POD = "spec.template.spec"
DRIFT: list[tuple[str, JSON]] = [
    ("replicas", {"spec": {"replicas": 0}}),
    ("a privilege", {"spec": {"template": {"spec": {"hostNetwork": True}}}}),
    ("a label", {"metadata": {"labels": {"extra": "x"}}}),
    ("an owner", {"metadata": {"ownerReferences": None}}),
    ("a pause", {"spec": {"paused": True}}),
    ("an annotation of the pods", {"spec": {"template": {"metadata": {"annotations": {"extra": "x"}}}}}),
]


@pytest.fixture(scope="module")
def steady(here: Scene) -> Iterator[str]:
    """An environment for tests that leave it as it was."""
    here.environment("steady", warm={"floor": 1, "ceiling": 4})
    here.wait_warm("steady", 1)
    yield "steady"
    here.remove("steady")


@pytest.mark.parametrize(("what", "change"), DRIFT, ids=[what for what, _ in DRIFT])
def test_drift_of_the_deployment_is_corrected(here: Scene, steady: str, what: str, change: JSON) -> None:
    path = here.deployment(steady)
    before = wished(get(here, path))
    assert request(here.api, "PATCH", path, MERGE, change).status == 200
    until(lambda: wished(get(here, path)) == before)
    here.wait_warm(steady, 1)


def wished(found: JSON) -> JSON:
    """What an object asks for, without what the API server counts and dates."""
    metadata = {key: found["metadata"].get(key) for key in ("name", "labels", "ownerReferences")}
    return {
        "metadata": metadata,
        "spec": found.get("spec", {key: found.get(key) for key in ("value", "preemptionPolicy")}),
    }


@pytest.mark.parametrize("kind", ["networkpolicies", "resourcequotas", "priorityclasses", "deployments"])
def test_what_is_deleted_is_made_again(here: Scene, steady: str, kind: str) -> None:
    path = place_of(here, steady, kind)
    before = wished(get(here, path))
    assert request(here.api, "DELETE", path).status == 200
    until(lambda: request(here.api, "GET", path).status == 200 and wished(get(here, path)) == before)
    here.wait_warm(steady, 1)


def place_of(here: Scene, name: str, kind: str) -> str:
    return {
        "networkpolicies": here.path("apis/networking.k8s.io/v1", "networkpolicies", "default-deny"),
        "resourcequotas": here.path("api/v1", "resourcequotas", name),
        "priorityclasses": f"/apis/scheduling.k8s.io/v1/priorityclasses/{here.namespace}-{name}",
        "deployments": here.deployment(name),
    }[kind]


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("networkpolicies", {"spec": {"egress": [{}]}}),
        ("networkpolicies", {"spec": {"podSelector": {"matchLabels": {"a": "b"}}}}),
        ("resourcequotas", {"spec": {"hard": {"pods": "1000"}}}),
        ("priorityclasses", {"metadata": {"labels": {"extra": "x"}}}),
    ],
)
def test_what_bounds_sandboxes_is_not_loosened_for_long(here: Scene, steady: str, kind: str, change: JSON) -> None:
    path = place_of(here, steady, kind)
    before = wished(get(here, path))
    assert request(here.api, "PATCH", path, MERGE, change).status == 200
    until(lambda: wished(get(here, path)) == before)


def test_a_class_that_cannot_be_changed_is_made_anew(here: Scene, steady: str) -> None:
    path = place_of(here, steady, "priorityclasses")
    before = get(here, path)
    other = {key: before[key] for key in ("apiVersion", "kind")} | {"metadata": {"name": before["metadata"]["name"]}}
    collection = path.rpartition("/")[0]

    def planted() -> bool:
        request(here.api, "DELETE", path)
        return request(here.api, "POST", collection, body={**other, "value": 1000}).status == 201

    until(planted)
    until(lambda: request(here.api, "GET", path).status == 200 and wished(get(here, path)) == wished(before))


# --- Rolled -----------------------------------------------------------------------------------------------------------


def test_a_new_image_rolls_what_is_warm_and_leaves_what_is_claimed(here: Scene, name: str) -> None:
    here.environment(name, warm={"floor": 3, "ceiling": 3})
    here.wait_warm(name, 3)
    claimed = here.claim(name)
    here.change(name, **here.image("second"))
    until(lambda: here.reason(name, "Rolled") == "Rolling")
    until(lambda: here.reason(name, "Rolled") == "RolledOut" and len(here.warm(name)) == 3, 90)
    assert {one.image_digest for one in here.warm(name)} == {here.image("second")["imageDigest"]}
    now = next(one for one in here.sandboxes(name) if one.uid == claimed.uid)
    assert now.ready and not now.ending and now.restarts == 0
    assert now.image_digest == here.image("first")["imageDigest"]


def test_claims_while_an_image_is_rolled_are_all_kept(here: Scene, name: str) -> None:
    """A ReplicaSet that scales down deletes by name; some of its choices have just been claimed."""
    here.environment(name, warm={"floor": 4, "ceiling": 4}, maximum=20)
    here.wait_warm(name, 4)
    here.change(name, **here.image("second"))
    claimed: list[str] = []
    while here.reason(name, "Rolled") != "RolledOut" or len(claimed) < 3:
        claimed.append(here.claim(name).uid)
        if len(claimed) == 8:
            break
    time.sleep(3)
    alive = {one.uid for one in here.sandboxes(name) if one.claimed and not one.ending and not one.over}
    assert set(claimed) == alive


# --- Scaled -----------------------------------------------------------------------------------------------------------


def test_the_pool_follows_claims_between_floor_and_ceiling(here: Scene, name: str) -> None:
    here.environment(name, warm={"floor": 1, "ceiling": 3}, maximum=8)
    here.wait_warm(name, 1)
    here.claim(name)
    here.claim(name)
    until(lambda: here.status(name)["wanted"] == 2)
    here.claim(name)
    here.claim(name)
    here.wait_warm(name, 3)
    until(lambda: here.status(name)["claimed"] == 4)


def test_no_more_sandboxes_than_the_maximum_exist(here: Scene, name: str) -> None:
    here.environment(name, warm={"floor": 1, "ceiling": 2}, maximum=2)
    for _ in range(2):
        here.claim(name)
    until(lambda: here.reason(name) == "QuotaReached")
    for_a_while(lambda: len(here.sandboxes(name)) == 2, 4)
    # Whoever scales it by hand meets the quota.
    request(here.api, "PATCH", here.deployment(name), MERGE, {"spec": {"replicas": 4}})
    for_a_while(lambda: len(here.sandboxes(name)) == 2, 3)
    assert here.status(name)["wanted"] == 0


# --- Said -------------------------------------------------------------------------------------------------------------


def test_an_image_that_cannot_be_had_is_named(here: Scene, name: str) -> None:
    digest = "sha256:" + "1" * 64
    here.environment(name, image=f"127.0.0.1:1/python@{digest}", imageDigest=digest)
    until(lambda: here.reason(name) == "ImageUnavailable")
    assert "127.0.0.1:1/python" in str(here.status(name)["conditions"][0]["message"])


def test_a_node_that_has_no_room_is_named(here: Scene, name: str) -> None:
    here.environment(name, size={"memoryBytes": 200 << 30})
    until(lambda: here.reason(name) == "Unschedulable")
    assert "memory" in str(here.status(name)["conditions"][0]["message"]).lower()


# --- Removed ----------------------------------------------------------------------------------------------------------


def test_a_sandbox_whose_life_is_over_is_removed_and_others_are_not(here: Scene, name: str) -> None:
    here.environment(name)
    here.wait_warm(name, 2)
    kept, expired = here.claim(name), here.claim(name, life=-60)
    until(lambda: expired.uid not in {one.uid for one in here.sandboxes(name)})
    assert kept.uid in {one.uid for one in here.sandboxes(name) if not one.ending}


def test_when_an_environment_goes_its_claimed_sandboxes_stay_to_their_end(here: Scene, name: str) -> None:
    here.environment(name)
    here.wait_warm(name, 2)
    claimed = here.claim(name)
    here.remove(name)
    until(lambda: [one.uid for one in here.sandboxes(name)] == [claimed.uid], 60)
    until(lambda: request(here.api, "GET", here.deployment(name)).status == 404)
    until(lambda: request(here.api, "GET", place_of(here, name, "priorityclasses")).status == 404)
    assert request(here.api, "GET", place_of(here, name, "networkpolicies")).status == 200


# --- Two, and none ----------------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(cluster: Cluster, api: client.ApiClient, images: dict[str, str]) -> Iterator[Scene]:
    """A namespace without an operator."""
    with scene(cluster, api, images, "operators") as made:
        yield made


@pytest.fixture
def two(elsewhere: Scene, tmp_path: Path) -> Iterator[list[Operator]]:
    made = [Operator(elsewhere.cluster.kubeconfig, elsewhere.namespace, tmp_path / str(number)) for number in (1, 2)]
    yield made
    for one in made:
        if one.process and one.process.poll() is None:
            assert one.stop() == 0


def test_of_two_operators_one_acts_and_the_other_takes_over(elsewhere: Scene, two: list[Operator]) -> None:
    for one in two:
        one.start()
    elsewhere.environment("shared", warm={"floor": 2, "ceiling": 4})
    elsewhere.wait_warm("shared", 2)
    until(lambda: any(one.said("stands by") for one in two))
    acting, waiting = sorted(two, key=lambda one: not one.said("acts"))
    assert acting.said("acts") and not waiting.said("acts")
    generation = get(elsewhere, elsewhere.deployment("shared"))["metadata"]["generation"]

    # Killed, it holds the Lease until that runs out.
    first = holder(elsewhere)
    acting.kill()
    elsewhere.change("shared", warm={"floor": 3})
    elsewhere.wait_warm("shared", 3)
    assert waiting.said("acts") and holder(elsewhere) != first
    assert get(elsewhere, elsewhere.deployment("shared"))["metadata"]["generation"] == generation + 1

    # Told to stop, it gives the Lease up at once.
    acting.start()
    until(lambda: acting.said("stands by"))
    second = holder(elsewhere)
    assert waiting.stop() == 0
    assert holder(elsewhere) != second
    until(lambda: acting.log.read_text().count("acts") == 2)


def test_while_no_operator_runs_sandboxes_are_claimed_replaced_and_ended(elsewhere: Scene, two: list[Operator]) -> None:
    operator = two[0].start()
    elsewhere.environment("alone", warm={"floor": 2, "ceiling": 2})
    elsewhere.wait_warm("alone", 2)
    operator.kill()
    claimed = elsewhere.claim("alone", life=1)
    elsewhere.wait_warm("alone", 2)
    # The claim gave it a deadline, which its node holds.
    until(lambda: any(one.uid == claimed.uid and one.over for one in elsewhere.sandboxes("alone")))


def test_the_api_server_may_go_and_come_back(here: Scene, cluster: Cluster, operator: Operator, name: str) -> None:
    here.environment(name)
    here.wait_warm(name, 2)
    cluster.kill("apiserver")
    time.sleep(3)
    cluster.start("apiserver")
    until(lambda: request_or_none(here) == 200)
    here.change(name, warm={"floor": 3})
    here.wait_warm(name, 3)
    assert operator.process and operator.process.poll() is None


def request_or_none(here: Scene) -> Any:
    try:
        return request(here.api, "GET", "/readyz").status
    except Exception:
        return None
