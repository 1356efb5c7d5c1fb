"""What an export opens and shows is as it was asked for; what it holds back shows as held back."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

import audit
import policy.actions
from audit import Event
from audit.models import Entry
from evidence.models import Export
from gateways.opa import Answer
from identity.models import Project
from tests.integration.audit.exported import Unpacked, verify
from tests.integration.evidence.test_exports import ask, auditor, download, made, project
from tests.people import Person

__all__ = ["auditor", "project"]

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("redis_server", "opa_server"),
]


def tell(project: Project, event: Event = Event.RUNS_RUN_REQUESTED, purpose: str = "find fraud") -> None:
    with transaction.atomic():
        audit.append(
            event, tenant=project.pk, actor=None, subject="run:1", personal={"purpose": purpose}, about="a" * 64
        )


def taken(person: Person, export: dict[str, Any], folder: Path) -> tuple[Unpacked, dict[str, Any]]:
    """The bundle, and what the verifier says of it: verified, or the test fails."""
    assert export["state"] == "ready", export
    path = download(person, export, folder / "bundle.zip")
    (folder / "keys").write_bytes(person.client().get("/api/v1/audit/keys").content)
    code, told = verify(path, "--key", folder / "keys")
    assert code == 0, told
    return Unpacked.of(path), told


def test_only_the_events_asked_for_are_opened_and_shown(project: Project, auditor: Person, tmp_path: Path) -> None:
    """Their neighbours' headers are there, so that nothing is left out unseen. Taken out: the filter in the pages."""
    tell(project, Event.RUNS_RUN_DENIED, "asked for")
    tell(project, purpose="not asked for")
    export = made(auditor, project, tmp_path, filter={"events": ["runs:run:denied"]})
    assert export["filter"] == {"since": None, "until": None, "events": ["runs:run:denied"]}
    bundle, told = taken(auditor, export, tmp_path)
    about = told["export"]["about"]
    assert told["sealed"] == {"fields": 2, "opened": 1, "erased": 0, "closed": 1}
    assert (about["counts"]["entries"], about["counts"]["matched"]) == (export["to"], 1)
    assert about["versions"]["events"] == {"runs:run:denied": {"2": 1}}
    assert about["filter"] == {"events": ["runs:run:denied"], "since": None, "until": None}
    for name in ("views/entries.csv", "views/ocsf.jsonl"):
        assert b"not asked for" not in bundle[name]
        assert b"asked for" in bundle[name]
    assert bundle["views/ocsf.jsonl"].count(b"\n") == 1
    assert b'"event":"runs:run:requested"' in bundle[f"entries/0-{export['to']}"]


def test_times_choose_the_range_and_the_range_has_no_gap(project: Project, auditor: Person, tmp_path: Path) -> None:
    """The clocks of writers do not run in the order of the tree: what lies between two is in the bundle, unopened."""
    for number in range(3):
        tell(project, purpose=f"early {number}")
        time.sleep(0.01)
    since = datetime.now(UTC)
    tell(project, purpose="within")
    time.sleep(0.01)
    until = datetime.now(UTC)
    tell(project, purpose="late")
    times = {"since": since.isoformat(), "until": until.isoformat()}
    export = made(auditor, project, tmp_path, filter=times)
    _, told = taken(auditor, export, tmp_path)
    assert export["to"] - export["from"] == 1 and export["from"] > 0
    assert told["range"] == [export["from"], export["to"]]
    assert told["export"]["about"]["counts"]["opened"] == 1
    none = made(auditor, project, tmp_path, filter={"until": (since - timedelta(days=1)).isoformat()})
    _, told = taken(auditor, none, tmp_path)
    assert told["range"][0] == told["range"][1]


def test_policy_is_asked_once_and_its_no_leaves_fields_closed(
    project: Project, auditor: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out: the look at policy's answer."""
    Project.objects.filter(pk=project.pk).update(classification="restricted")
    tell(project)
    asked: list[str] = []
    evaluate = policy.actions.evaluate

    def listening(point: str, question: Any) -> Answer:
        asked.append(f"{point} {question['what']} {question['audience']}")
        return evaluate(point, question)

    monkeypatch.setattr(policy.actions, "evaluate", listening)
    export = made(auditor, project, tmp_path)
    assert asked == ["release audit_payload download"]
    assert export["opens"] is False
    bundle, told = taken(auditor, export, tmp_path)
    assert told["sealed"] == {"fields": 1, "opened": 0, "erased": 0, "closed": 1}
    assert told["export"]["about"]["payloads"]["outcome"] == "review"
    assert not any(b"find fraud" in content for _, content in bundle.files)
    decision = str(Export.objects.get(pk=export["id"]).payload_decision)
    assert told["export"]["about"]["payloads"]["decision"] == decision
    recorded = Entry.objects.using("reader").filter(tenant=project.pk, event="policy:decision:recorded")
    assert [json.loads(bytes(entry.header))["facts"]["decision"] for entry in recorded] == [decision]


def test_without_policy_nothing_is_opened(
    project: Project, auditor: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(project)
    monkeypatch.setattr(policy.actions, "evaluate", lambda *_: Answer("deny"))
    export = made(auditor, project, tmp_path, views=["html"])
    _, told = taken(auditor, export, tmp_path)
    assert told["sealed"]["opened"] == 0


def test_only_the_views_asked_for_are_there(project: Project, auditor: Person, tmp_path: Path) -> None:
    export = made(auditor, project, tmp_path, views=["csv"])
    assert export["views"] == ["csv"]
    bundle, _ = taken(auditor, export, tmp_path)
    assert [name for name in bundle.names if name.startswith("views/")] == ["views/entries.csv"]
    bundle, _ = taken(auditor, made(auditor, project, tmp_path, views=[]), tmp_path)
    assert not [name for name in bundle.names if name.startswith("views/")]


def test_what_was_asked_for_is_on_record(project: Project, auditor: Person, tmp_path: Path) -> None:
    made(auditor, project, tmp_path, filter={"events": ["runs:run:denied"]}, blobs=True, views=["html"])
    entry = Entry.objects.using("reader").get(tenant=project.pk, event="audit:export:requested")
    facts = json.loads(bytes(entry.header))["facts"]
    assert (facts["blobs"], facts["views"], facts["opens"]) == (True, ["html"], True)
    assert facts["filter"] == {"events": ["runs:run:denied"], "since": None, "until": None}
    assert ask(auditor, project, filter={"events": ["runs:run:denied"], "until": None}).status_code == 201
