"""The status of an environment."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from sandbox_operator.kubernetes.conditions import (
    Pool,
    find_refusal,
    judge_applied,
    judge_ready,
    judge_rolled,
    make_status,
)
from sandbox_operator.kubernetes.sandboxes import Trouble
from tests.unit.sandbox_operator.kubernetes.test_pods import ENVIRONMENT
from tests.unit.sandbox_operator.kubernetes.test_sandboxes import CLAIMED, WARM

CRD = Path(__file__).parents[4] / "charts/bailiwick/crds/sandboxenvironments.yaml"
PULL = Trouble("ImageUnavailable", "who?")
QUOTA = Trouble("QuotaReached", "exceeded quota")
NONE = Pool(ready=0, starting=0, claimed=0, outdated=0, trouble=None)


def test_a_pool_counts_what_lives() -> None:
    digest = ENVIRONMENT.image_digest
    present = replace(WARM, image_digest=digest)
    sandboxes = [
        present,
        replace(present, ready=False, trouble=PULL),
        replace(present, image_digest="sha256:earlier"),
        replace(present, ending=True),
        replace(present, phase="Failed"),
        replace(present, environment="other"),
        replace(CLAIMED, image_digest="sha256:earlier"),
        replace(CLAIMED, phase="Failed"),
    ]
    assert Pool.count(ENVIRONMENT, sandboxes) == Pool(ready=2, starting=1, claimed=1, outdated=1, trouble=PULL)


@pytest.mark.parametrize(
    ("pool", "wanted", "refusal", "status", "reason", "message"),
    [
        (replace(NONE, ready=2), 2, None, True, "PoolWarm", "2 sandboxes are warm"),
        (replace(NONE, ready=3), 2, None, True, "PoolWarm", "3 sandboxes are warm"),
        (replace(NONE, ready=1), 2, None, True, "PoolFilling", "1 of 2 sandboxes are warm"),
        (replace(NONE, ready=1, trouble=PULL), 2, None, True, "PoolFilling", "1 of 2 sandboxes are warm; Image"),
        (NONE, 2, None, False, "Warming", "0 of 2 sandboxes are warm"),
        (replace(NONE, trouble=PULL), 2, None, False, "ImageUnavailable", "who?"),
        (replace(NONE, trouble=PULL), 2, QUOTA, False, "ImageUnavailable", "who?"),
        (NONE, 2, QUOTA, False, "QuotaReached", "exceeded quota"),
        (replace(NONE, claimed=20), 0, None, False, "QuotaReached", "all 20 sandboxes serve runs"),
    ],
)
def test_ready(pool: Pool, wanted: int, refusal: Trouble | None, status: bool, reason: str, message: str) -> None:
    verdict = judge_ready(ENVIRONMENT, pool, wanted, refusal)
    assert (verdict.status, verdict.reason) == (status, reason)
    assert verdict.message.startswith(message)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ('pods "a" is forbidden: exceeded quota: python, requested: pods=1', "QuotaReached"),
        ("ValidatingAdmissionPolicy 'bailiwick-pods' denied request: spec.hostPID: must be false", "PodsRefused"),
    ],
)
def test_a_refusal_is_told_from_a_full_quota(message: str, reason: str) -> None:
    condition = {"type": "ReplicaFailure", "status": "True", "message": message}
    assert find_refusal({"status": {"conditions": [condition]}}) == Trouble(reason, message)
    assert find_refusal({"status": {"conditions": [{**condition, "status": "False"}]}}) is None
    assert find_refusal({}) is None


def test_a_condition_keeps_its_time_while_its_status_is_the_same() -> None:
    def status(pool: Pool, before: dict[str, object], now: str) -> dict[str, object]:
        verdicts = [judge_ready(ENVIRONMENT, pool, 2, None), judge_applied([]), judge_rolled(pool)]
        return make_status(ENVIRONMENT, pool, 2, verdicts, before, now)

    def times(found: dict[str, object]) -> list[str]:
        conditions = found["conditions"]
        assert isinstance(conditions, list)
        return [one["lastTransitionTime"] for one in conditions]

    first = status(NONE, {}, "t1")
    assert times(first) == ["t1", "t1", "t1"]
    filling = status(replace(NONE, ready=1), first, "t2")
    assert times(filling) == ["t2", "t1", "t1"]
    assert times(status(replace(NONE, ready=2), filling, "t3")) == ["t2", "t1", "t1"]
    assert status(replace(NONE, ready=1), filling, "t4") == filling


def test_what_could_not_be_applied_is_said() -> None:
    assert judge_applied(["Deployment python: no", "ResourceQuota python: no"]).message == (
        "Deployment python: no; ResourceQuota python: no"
    )
    long = make_status(ENVIRONMENT, NONE, 2, [judge_applied(["x" * 5000])], {}, "t1")
    assert len(long["conditions"][0]["message"]) == 1024


def test_every_reason_is_documented() -> None:
    schema = yaml.safe_load(CRD.read_text())["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    text = schema["properties"]["status"]["properties"]["conditions"]["description"]
    documented = set(re.findall(r"(\w+) \((?:true|false)\):", text))
    source = Path(__file__).parents[4] / "sandbox_operator/kubernetes"
    code = (source / "conditions.py").read_text() + (source / "sandboxes.py").read_text()
    used = set(re.findall(r'(?:Verdict\("\w+", (?:True|False), |Trouble\()"(\w+)"', code)) | {
        "QuotaReached",
        "PodsRefused",
    }
    assert used == documented
