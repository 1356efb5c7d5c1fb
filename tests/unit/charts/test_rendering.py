"""What the chart makes of values: whole manifests compared, so that an added privilege shows; what holds of any."""

import difflib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.charts.rendering import CHART, HERE, Object, Refused, golden, helm, objects, rendered

VALUES = ("least", "most")
KUBERNETES = "kubernetes"
COMPONENTS = {"web", "worker", "beat", "sequencer", "operator"}


@pytest.mark.parametrize("values", VALUES)
def test_the_manifests_are_those_that_were_looked_at(values: str) -> None:
    """If they should change: `.venv/bin/python -m tests.unit.charts.rendering`, and look at the difference."""
    present = golden(values).read_text().splitlines()
    changes = difflib.unified_diff(present, rendered(values).splitlines(), "looked at", "rendered", lineterm="", n=2)
    assert "\n".join(changes) == ""


@pytest.mark.parametrize("values", VALUES)
def test_helm_finds_nothing_to_say(values: str) -> None:
    assert "0 chart(s) failed" in helm("lint", "--strict", str(CHART), "--values", str(HERE / f"{values}.values.yaml"))


# --- What every pod is ---------------------------------------------------------------------------------------------


def pods(values: str) -> Iterator[tuple[str, Object]]:
    """The component's name and its pod's spec, of everything that makes pods."""
    for item in objects(values):
        if item["kind"] in ("Deployment", "Job"):
            yield item["metadata"]["labels"]["app.kubernetes.io/component"], item["spec"]["template"]["spec"]


def containers(spec: Object) -> list[Object]:
    return [*spec.get("initContainers", []), *spec["containers"]]


@pytest.mark.parametrize("values", VALUES)
def test_every_pod_is_of_the_restricted_profile(values: str) -> None:
    found = dict(pods(values))
    assert set(found) == COMPONENTS | {"migrate"}
    for component, spec in found.items():
        context = spec["securityContext"]
        assert (context["runAsNonRoot"], context["runAsUser"]) == (True, 1000), component
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, component
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec), component
        assert {kind for volume in spec["volumes"] for kind in volume if kind != "name"} <= {
            "configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret",
        }, component  # fmt: skip
        for container in containers(spec):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, component
            assert "@sha256:" in container["image"], component
            assert container["resources"]["limits"]["memory"], component


@pytest.mark.parametrize("values", VALUES)
def test_only_worker_and_operator_hold_a_token_and_what_runs_beside_them_does_not(values: str) -> None:
    holders = set()
    for component, spec in pods(values):
        assert spec["automountServiceAccountToken"] is False, component
        assert spec["enableServiceLinks"] is False, component
        for container in containers(spec):
            if any(mount["name"] == KUBERNETES for mount in container["volumeMounts"]):
                holders.add((component, container["name"]))
        tokens = [volume for volume in spec["volumes"] if "serviceAccountToken" in str(volume)]
        assert [volume["name"] for volume in tokens] in ([], [KUBERNETES]), component
    assert holders == {("worker", "worker"), ("operator", "operator")}


@pytest.mark.parametrize("values", VALUES)
def test_a_secret_is_given_to_who_needs_it_and_is_nowhere_in_plain(values: str) -> None:
    given: dict[tuple[str, str], set[str]] = {}
    for component, spec in pods(values):
        for container in containers(spec):
            for variable in container.get("env", []):
                name = variable["name"].removeprefix("BAILIWICK_")
                if "valueFrom" in variable:
                    given.setdefault((component, container["name"]), set()).add(name)
                else:
                    secret = name.endswith(("PASSWORD", "SECRET_KEY", "MASTER_KEY", "TOKEN", "SECRET", "REDIS_URL"))
                    assert not secret, name
    django = {
        "SECRET_KEY", "MASTER_KEY", "DATABASE_APP_PASSWORD", "DATABASE_READER_PASSWORD", "REDIS_URL", "OPA_TOKEN",
        "METRICS_TOKEN", "OIDC_CLIENT_SECRET", "PACKAGE_INDEX_URL",
    }  # fmt: skip
    assert given == {
        ("web", "opa-access"): {"OPA_TOKEN"},
        ("web", "web"): django,
        ("worker", "opa-access"): {"OPA_TOKEN"},
        ("worker", "worker"): django,
        ("beat", "beat"): django,
        ("migrate", "migrate"): django | {"DATABASE_OWNER_PASSWORD"},
        ("sequencer", "sequencer"): {"DATABASE_SEQUENCER_PASSWORD"},
    }


@pytest.mark.parametrize("values", VALUES)
def test_everything_that_stays_has_a_probe(values: str) -> None:
    for component, spec in pods(values):
        for container in containers(spec):
            lasting = container.get("restartPolicy") == "Always" or (
                component != "migrate" and container in spec["containers"]
            )
            # The sequencer's standing is in /readyz; ending one that waits for another would mend nothing.
            assert ("livenessProbe" in container) == (lasting and component != "sequencer"), container["name"]


def test_an_interpreter_is_started_to_ask_redis_only_while_the_sign_of_life_is_old(tmp_path: Path) -> None:
    """The commands as the chart has them; in the place of `python3` a program that says what it was asked."""
    stand_in = tmp_path / "python3"
    stand_in.write_text('#!/bin/sh\necho "$@"\nexit 3\n')
    stand_in.chmod(0o755)
    sign = tmp_path / "alive"
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "BAILIWICK_SIGN_OF_LIFE": str(sign)}
    for component in ("worker", "beat"):
        container = containers(dict(pods("least"))[component])[-1]
        command = container["livenessProbe"]["exec"]["command"]

        def probe(command: list[str] = command) -> tuple[int, str]:
            done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            return done.returncode, done.stdout.strip()

        asked = (3, f"-m config.alive {component}")
        assert probe() == asked, "there is none"
        sign.touch()
        assert probe() == (0, "")
        os.utime(sign, (time.time() - 40, time.time() - 40))
        assert probe() == asked
        sign.unlink()
        named = {variable["name"]: variable.get("value") for variable in container["env"]}["BAILIWICK_SIGN_OF_LIFE"]
        assert container["startupProbe"]["exec"]["command"] == ["/usr/bin/test", "-e", named]


@pytest.mark.parametrize("values", VALUES)
def test_no_probe_starts_an_interpreter_by_itself(values: str) -> None:
    """Two processors of a test cluster were half taken by those that did."""
    for _, spec in pods(values):
        for container in containers(spec):
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                command = container.get(probe, {}).get("exec", {}).get("command", [""])
                assert "python" not in command[0], container["name"]


# --- Who may do what -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", VALUES)
def test_each_component_has_a_policy_of_its_own_that_selects_its_pods_alone(values: str) -> None:
    policies = {}
    for item in objects(values):
        if item["kind"] == "NetworkPolicy":
            assert item["spec"]["policyTypes"] == ["Ingress", "Egress"]
            selected = item["spec"]["podSelector"]["matchLabels"]
            assert set(selected) == {f"app.kubernetes.io/{word}" for word in ("name", "instance", "component")}
            ports = sorted(port["port"] for rule in item["spec"]["egress"] for port in rule["ports"])
            enters = [port["port"] for rule in item["spec"].get("ingress", []) for port in rule["ports"]]
            policies[selected["app.kubernetes.io/component"]] = (enters, ports)
    dns = [53, 53]
    database, redis, https, kubernetes = (
        ([5432], [6379], [443], [443, 6443]) if values == "least" else ([6432], [6380], [443, 8200], [6443])
    )
    assert policies == {
        "web": ([8080], sorted(dns + database + redis + https)),
        "worker": ([], sorted(dns + database + redis + https + kubernetes)),
        "beat": ([], sorted(dns + redis)),
        "sequencer": ([], sorted(dns + database + https)),
        "operator": ([], sorted(dns + kubernetes)),
        "migrate": ([], sorted(dns + database + redis)),
    }


def rights(values: str) -> dict[str, dict[str, dict[str, set[str]]]]:
    """Verbs by account, by namespace (or the whole cluster) and by resource, as roles and bindings give them."""
    every = objects(values)
    roles = {(item["kind"], item["metadata"]["name"]): item["rules"] for item in every if item["kind"].endswith("Role")}
    found: dict[str, Any] = {}
    for item in every:
        if item["kind"].endswith("RoleBinding"):
            (subject,) = item["subjects"]
            assert (subject["kind"], subject["namespace"]) == ("ServiceAccount", "bailiwick")
            place = found.setdefault(subject["name"], {}).setdefault(item["metadata"].get("namespace", "*"), {})
            for rule in roles[item["roleRef"]["kind"], item["roleRef"]["name"]]:
                assert set(rule) == {"apiGroups", "resources", "verbs"}
                for resource in rule["resources"]:
                    place.setdefault(f"{rule['apiGroups'][0]}/{resource}", set()).update(rule["verbs"])
    return found


@pytest.mark.parametrize(("values", "namespace"), [("least", "bailiwick-sandboxes"), ("most", "boxes")])
def test_worker_and_operator_may_do_this_and_nobody_anything_else(values: str, namespace: str) -> None:
    kept = {"get", "list", "watch", "create", "update", "delete"}
    assert rights(values) == {
        "bailiwick-worker": {
            namespace: {
                "/pods": {"get", "list", "patch", "delete"},
                "/pods/exec": {"get", "create"},
                "/resourcequotas": {"list"},
            },
            "*": {"/nodes/proxy": {"get"}},
        },
        "bailiwick-operator": {
            namespace: {
                "bailiwick.internal/sandboxenvironments": {"get", "list", "watch"},
                "bailiwick.internal/sandboxenvironments/status": {"patch"},
                "apps/deployments": kept,
                "networking.k8s.io/networkpolicies": kept,
                "/resourcequotas": kept,
                "/pods": {"get", "list", "watch", "delete"},
                "coordination.k8s.io/leases": {"get", "create", "update"},
            },
            "*": {
                "scheduling.k8s.io/priorityclasses": {"get", "list", "create", "update", "delete"},
            },
        },
    }


@pytest.mark.parametrize(("values", "namespace"), [("least", "bailiwick-sandboxes"), ("most", "boxes")])
def test_the_sandboxes_namespace_takes_restricted_pods_alone(values: str, namespace: str) -> None:
    (made,) = [item for item in objects(values) if item["kind"] == "Namespace"]
    assert made["metadata"]["name"] == namespace
    assert made["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


# --- What is refused -------------------------------------------------------------------------------------------------

MISSING = {
    "image.repository": "image.repository is not set",
    "image.digest": "image.digest is not set",
    "publicUrl": "publicUrl is not set",
    "secrets.platform": "secrets.platform is not set: name the existing Secret of web, worker and beat",
    "secrets.migration": "secrets.migration is not set: name the existing Secret with the database owner's password",
    "secrets.sequencer": "secrets.sequencer is not set: name the existing Secret of the log's sequencer",
    "database.host": "database.host is not set: Bailiwick brings no PostgreSQL of its own",
    "database.authority": "database.authority is not set",
    "storage.claim": "storage.claim is not set",
    "log.origin": "log.origin is not set",
    "log.keptClaim": "log.keptClaim is not set",
}
MISSING_FOR_TRANSIT = ("log.transit.address", "log.transit.key", "log.transit.token", "log.transit.authority")
WRONG = {
    "publicUrl=http://bailiwick.example.org": "publicUrl is not https",
    "database.tls=false": "database.tls is off",
    "sandboxes.namespace=bailiwick": "sandboxes need a namespace of their own",
    "log.keptClaim=bailiwick-state": "must not be restored with it",
    "settings.DEBUG=true": "settings.DEBUG belongs to a value of its own or to a Secret",
    "settings.DATABASE_APP_PASSWORD=x": "settings.DATABASE_APP_PASSWORD belongs",
    "settings.SANDBOX_BACKEND=local": "settings.SANDBOX_BACKEND belongs",
    "settings.LOG_KEY=x": "settings.LOG_KEY belongs",
    "settings.MASTER_KEY=x": "settings.MASTER_KEY belongs",
    "environments[0].repacked=false": "image ends with another digest than digest says",
    "database.password=x": "additional properties 'password' not allowed",
    "image.digest=latest": "does not match pattern",
    "image.tag=latest": "additional properties 'tag' not allowed",
    "web.replicas=many": "got string, want integer",
    "log.signer=none": "value must be one of",
    "log.transit.address=http://bao.example.org": "does not match pattern",
    "environments[0].image=python:latest": "does not match pattern",
}


@pytest.mark.parametrize("value", MISSING)
def test_an_install_without_what_it_needs_is_refused_in_a_sentence(value: str) -> None:
    with pytest.raises(Refused) as refusal:
        rendered("least", "--set", f"{value}=")
    assert MISSING[value] in str(refusal.value)


@pytest.mark.parametrize("value", MISSING_FOR_TRANSIT)
def test_a_signer_elsewhere_needs_its_own(value: str) -> None:
    with pytest.raises(Refused, match=rf"{value} is not set"):
        rendered("most", "--set", f"{value}=")


@pytest.mark.parametrize("given", WRONG)
def test_what_would_not_be_safe_is_refused(given: str) -> None:
    with pytest.raises(Refused) as refusal:
        rendered("most", "--set", given)
    assert WRONG[given] in str(refusal.value)


def test_the_demo_may_be_without_certificates_and_only_the_demo() -> None:
    weak = ("--set", "database.tls=false,database.authority=,publicUrl=http://10.0.0.1")
    with pytest.raises(Refused):
        rendered("least", *weak)
    assert rendered("least", *weak, "--set", "demo=true")


def test_an_old_kubernetes_is_refused() -> None:
    with pytest.raises(Refused, match="incompatible with Kubernetes"):
        helm(
            "template", "bailiwick", str(CHART), "--kube-version", "1.29.0", "--values", str(HERE / "least.values.yaml")
        )


def test_no_value_is_a_password() -> None:
    """Every default that names something secret is empty, or is a name."""
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert values["secrets"] == {"platform": "", "migration": "", "sequencer": ""}
    assert values["log"]["transit"]["token"] == ""
