"""Limits that are none, and limits that policy does not give: refused with the limit, its bounds and the way on."""

from typing import Any

import pytest

from tests.integration.api.refusals import JSON, denied, refused
from tests.integration.runs.cast import Cast
from tests.work import Work, ok

CEILINGS = {
    "cpu_cores": (1, 2),
    "memory_bytes": (1 << 30, 4 << 30),
    "processes": (128, 512),
    "disk_bytes": (1 << 30, 4 << 30),
    "wall_seconds": (60, 900),
    "life_seconds": (3600, 28_800),
    "idle_seconds": (600, 7200),
    "output_bytes": (1 << 20, 8 << 20),
    "output_artifact_bytes": (64 << 20, 256 << 20),
    "artifact_count": (100, 500),
    "artifact_bytes": (256 << 20, 1 << 30),
    "open_executions": (8, 32),
}


@pytest.mark.parametrize(
    "value", ["NaN", "nan", "Infinity", "-Infinity", "1e999", "1", "", None, True, [1], {}, "many"]
)
def test_a_limit_that_is_no_number(work: Work, value: Any):
    body = refused(work.api.post("runs", json=work.wish(limits={"memory_bytes": value})), 400, "invalid")
    assert any("limits.memory_bytes" in reason["message"] for reason in body["reasons"])


@pytest.mark.parametrize("value", ["-1", "0", "-0.5", "1e-9", "0.1e-300"])
def test_a_limit_below_what_works(work: Work, value: str):
    wish = f'{{"project":"{work.project}","purpose":"a test","limits":{{"memory_bytes":{value},"cpu_cores":{value}}}}}'
    reasons = denied(work.api.post("runs", content=wish, headers=JSON))
    assert set(reasons) <= {"limit_invalid", "limit_below_floor"}
    said = " ".join(reason["message"] + reason["remedy"] for reason in reasons.values())
    assert "limits.memory_bytes" in said or "limits.cpu_cores" in said


@pytest.mark.parametrize("value", ["1e15", "1e18", "1e20", "1e300", "1.5e308", "9" * 300])
def test_an_absurd_limit(work: Work, value: str):
    wish = f'{{"project":"{work.project}","purpose":"a test","limits":{{"memory_bytes":{value}}}}}'
    answer = work.api.post("runs", content=wish, headers=JSON)
    if answer.status_code == 400:
        assert any("limits.memory_bytes" in reason["message"] for reason in refused(answer, 400, "invalid")["reasons"])
    else:
        assert "4294967296" in denied(answer)["limit_above_ceiling"]["message"].replace(".", "")


def test_a_fraction_of_a_byte(work: Work):
    assert set(denied(work.api.post("runs", json=work.wish(limits={"memory_bytes": 1e9 + 0.5})))) == {"limit_invalid"}


@pytest.mark.parametrize("name", ["memory", "", "MEMORY_BYTES", "__class__", "memory_bytes ", "x" * 300, "\u202e"])
def test_a_limit_that_there_is_not(work: Work, name: str):
    body = refused(work.api.post("runs", json=work.wish(limits={name: 1})), 400, "unknown_limit")
    assert all(known in body["remedy"] for known in CEILINGS)


def test_every_default_is_the_policys(work: Work):
    run = work.run()
    assert run["limits"] == {name: default for name, (default, _) in CEILINGS.items()}
    decision = ok(work.api.get(f"decisions/{run['decision']['id']}"))
    assert decision["input"]["limits"] == run["limits"]
    work.cancel(run["id"])


@pytest.mark.parametrize("name", CEILINGS)
def test_every_ceiling_holds(work: Work, name: str):
    ceiling = CEILINGS[name][1]
    reasons = denied(work.api.post("runs", json=work.wish(limits={name: ceiling + 1})))
    assert set(reasons) == {"limit_above_ceiling"}
    reason = reasons["limit_above_ceiling"]
    assert f"limits.{name}" in reason["message"]
    assert str(ceiling) in reason["message"]
    assert str(ceiling) in reason["remedy"]


def test_several_at_once_are_all_named(work: Work):
    limits = {"memory_bytes": 1 << 50, "wall_seconds": 0, "cpu_cores": 2.5}
    body = refused(work.api.post("runs", json=work.wish(limits=limits)), 403, "policy_denied")
    assert sorted((reason["code"], reason["message"].split(":")[0]) for reason in body["reasons"]) == [
        ("limit_above_ceiling", "limits.cpu_cores"),
        ("limit_above_ceiling", "limits.memory_bytes"),
        ("limit_below_floor", "limits.wall_seconds"),
    ]


def test_a_model_gets_less_than_its_person(cast: Cast):
    limits = {"memory_bytes": 3 << 30}
    with cast.work("analyst") as person, cast.work("analyst_model") as model:
        run = person.run(limits=limits)
        person.cancel(run["id"])
        reasons = denied(model.api.post("runs", json=model.wish(limits=limits)))
        assert set(reasons) == {"limit_above_ceiling"}
        assert str(2 << 30) in reasons["limit_above_ceiling"]["message"]
