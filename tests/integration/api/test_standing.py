"""What waits for whom, and how the platform is: own runs alone, and health for platform admins alone."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from config import health
from config.health import Unwell
from identity.states import Role
from runs.states import RunState
from tests.people import Person, make_person, make_project, model_of
from tests.rows import make_environment, make_run

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("redis_server"),
]

NOW = timezone.now()
HOUR = timedelta(hours=1)


def get(person: Person, address: str) -> Any:
    return person.client().get(f"/api/v1/{address}")


def waiting(person: Person) -> dict[str, Any]:
    answer = get(person, "waiting")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_what_waits_for_a_person() -> None:
    project = make_project()
    ann = make_person((project, Role.ANALYST))
    reasons = [{"code": "look", "message": "Somebody looks.", "remedy": ""}]
    parked = make_run(
        project, ann.user, RunState.AWAITING_APPROVAL, decision_reasons=reasons, state_since=NOW - 3 * HOUR
    )
    ready = make_run(project, ann.user, RunState.READY, state_since=NOW - 2 * HOUR, purpose="penguins")
    failed = make_run(
        project,
        ann.user,
        RunState.LOST,
        ended_at=NOW - HOUR,
        ended_code="sandbox_lost",
        ended_message="It is gone.",
        ended_remedy="Ask again.",
    )
    for state in (RunState.CLOSED, RunState.CANCELLED, RunState.DENIED, RunState.QUEUED, RunState.EXECUTING):
        make_run(project, ann.user, state)
    make_run(project, ann.user, RunState.FAILED, ended_at=NOW - timedelta(days=2))
    found = waiting(ann)
    assert found["count"] == 3
    assert [(one["kind"], one["run"]["id"]) for one in found["results"]] == [
        ("failed_run", str(failed.pk)),
        ("ready_run", str(ready.pk)),
        ("awaiting_approval", str(parked.pk)),
    ]
    lost, idle, looked_at = found["results"]
    assert (lost["message"], lost["remedy"], lost["until"]) == ("It is gone.", "Ask again.", None)
    assert datetime.fromisoformat(lost["since"]) == NOW - HOUR
    assert idle["run"] == {
        "id": str(ready.pk),
        "project": str(project.pk),
        "project_name": project.name,
        "purpose": "penguins",
        "state": "ready",
    }
    assert idle["until"] is not None
    assert looked_at["message"].endswith("Somebody looks.")


def test_what_waits_for_others_does_not_wait_for_me() -> None:
    project = make_project()
    ann, bob = (make_person((project, Role.ANALYST), (project, Role.PLATFORM_ADMIN)) for _ in range(2))
    former = make_person()
    for person in (ann, former):
        make_run(project, person.user, RunState.READY)
        make_run(project, person.user, RunState.FAILED, purpose="hidden-0451")
    assert waiting(bob) == {"count": 0, "results": []}
    # Who is in the project no more sees nothing of what was theirs.
    assert waiting(former) == {"count": 0, "results": []}
    assert waiting(model_of(ann))["count"] == 2


def test_only_the_newest_are_shown_and_all_are_counted() -> None:
    project = make_project()
    ann = make_person((project, Role.ANALYST))
    for n in range(60):
        make_run(project, ann.user, RunState.FAILED, ended_at=NOW - timedelta(minutes=n))
    found = waiting(ann)
    assert (found["count"], len(found["results"])) == (60, 50)
    since = [one["since"] for one in found["results"]]
    assert since == sorted(since, reverse=True)


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Parts that all work, for a test to break one."""
    every: dict[str, Any] = {
        "postgres": lambda: {"version": "18.6"},
        "redis": lambda: {"version": "7.0"},
        "sandboxes": lambda: {
            "warm": 2,
            "claimed": 1,
            "starting": 0,
            "max": 8,
            "version": "release-1",
            "not_enforced": ["memory_bytes"],
        },
        "blobs": lambda: {"free_bytes": 3 << 30},
        "worker": lambda: {"processes": 2, "version": health.release()},
        "opa": lambda: {"revision": f"sha256:{'a' * 64}", "version": "1.2.3"},
    }
    monkeypatch.setattr(health, "PARTS", every)
    monkeypatch.setattr(health, "_reporter", health._Reporter())
    return every


def test_health_is_for_platform_admins(checks: dict[str, Any]) -> None:
    project = make_project()
    for role in Role:
        person = make_person((project, role))
        answer = get(person, "health")
        expected = (200, None) if role is Role.PLATFORM_ADMIN else (403, "not_a_platform_admin")
        assert (answer.status_code, answer.json().get("code")) == expected, role
        assert get(model_of(person), "health").json()["code"] == "not_a_platform_admin"
    assert get(make_person(), "health").status_code == 403


def shown(admin: Person) -> dict[str, Any]:
    answer = get(admin, "health")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_each_part_is_shown_with_its_version_and_since_when(
    checks: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "REMEMBERED_FOR", 0.0)
    admin = make_person((make_project(), Role.PLATFORM_ADMIN))
    before = {part["name"]: part for part in shown(admin)["parts"]}
    assert {name: part["state"] for name, part in before.items()} == dict.fromkeys(["web", *checks], "ok")
    versions = {name: part["version"] for name, part in before.items()}
    assert versions == {
        "web": health.release(),
        "postgres": "18.6",
        "redis": "7.0",
        "sandboxes": "release-1",
        "blobs": "",
        "worker": health.release(),
        "opa": "1.2.3",
    }
    assert "Django" in health.release()
    assert before["sandboxes"]["detail"]["not_enforced"] == ["memory_bytes"]
    assert before["blobs"]["detail"] == {"free_bytes": 3 << 30}
    assert {part["message"] for part in before.values()} == {""}

    def down() -> dict[str, Any]:
        raise Unwell("It is away.")

    well, checks["opa"] = checks["opa"], down
    while_down = [{part["name"]: part for part in shown(admin)["parts"]} for _ in range(2)]
    assert [each["opa"]["state"] for each in while_down] == ["down", "down"]
    assert while_down[0]["opa"]["since"] == while_down[1]["opa"]["since"] > before["opa"]["since"]
    assert (while_down[0]["opa"]["message"], while_down[0]["opa"]["detail"]) == ("It is away.", {})
    assert while_down[0]["postgres"]["since"] == before["postgres"]["since"]
    checks["opa"] = well
    assert {part["name"]: part for part in shown(admin)["parts"]}["opa"]["since"] > while_down[0]["opa"]["since"]


def test_versions_are_for_platform_admins_alone(checks: dict[str, Any]) -> None:
    """Taken out for a try: the version's own field; `/readyz` then showed it among the details."""
    from rest_framework.test import APIClient

    text = APIClient().get("/readyz").content.decode()
    assert "not_enforced" in text
    assert "18.6" not in text
    assert "version" not in text


def test_pools_and_the_queue(checks: dict[str, Any]) -> None:
    project = make_project()
    admin = make_person((project, Role.PLATFORM_ADMIN))
    assert shown(admin)["queue"] == {"length": 0, "limit": 100, "oldest_seconds": None}
    make_environment("python")
    sizes = {"warm": 2, "claimed": 1, "starting": 0, "max": 8}
    assert shown(admin)["pools"] == [{"environment": "python", **sizes}]
    make_environment("geo")
    for minutes in (1, 5):
        make_run(project, admin.user, RunState.QUEUED, created_at=NOW - timedelta(minutes=minutes))
    found = shown(admin)
    assert found["pools"] == [{"environment": None, **sizes}]
    assert found["queue"]["length"] == 2
    assert found["queue"]["oldest_seconds"] >= 300

    def down() -> dict[str, Any]:
        raise Unwell("No.")

    checks["sandboxes"] = down
    health._reporter._told = None
    assert shown(admin)["pools"] == []


def test_failures_are_those_of_ones_own_projects(checks: dict[str, Any]) -> None:
    ours, seen, theirs = (make_project() for _ in range(3))
    admin = make_person((ours, Role.PLATFORM_ADMIN), (seen, Role.ANALYST))
    failed = make_run(
        ours, admin.user, RunState.FAILED, ended_code="start_failed", ended_message="No.", ended_at=NOW - HOUR
    )
    late = make_run(ours, admin.user, RunState.EXPIRED, ended_at=NOW)
    make_run(ours, admin.user, RunState.CLOSED)
    make_run(seen, admin.user, RunState.FAILED)
    make_run(theirs, make_person((theirs, Role.ANALYST)).user, RunState.FAILED)
    found = shown(admin)["recent_failures"]
    assert [one["run"] for one in found] == [str(late.pk), str(failed.pk)]
    assert found[1] == {
        "run": str(failed.pk),
        "project": str(ours.pk),
        "project_name": ours.name,
        "code": "start_failed",
        "message": "No.",
        "at": found[1]["at"],
    }
