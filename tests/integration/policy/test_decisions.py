"""Decisions are recorded with their action, seen by those who may, and changed by nobody."""

import hashlib
import time
import uuid
from typing import Any

import orjson
import psycopg
import pytest
from django.db import transaction

import audit
from audit.models import Entry
from config.errors import Reason, Refused
from gateways.opa import Answer
from identity.models import Project
from identity.states import Role, TokenKind
from policy import actions, queries
from policy.models import Decision
from tests.integration.audit.roles import as_role
from tests.integration.policy.questions import ABOUT_RUN
from tests.people import Person, make_person, make_project
from tests.stack import Stack

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

ALLOW = Answer("allow", (), {}, f"sha256:{'a' * 64}", "b" * 64, 1.5)
DENY = Answer(
    "deny", (Reason("purpose_missing", "There is none.", "Give one."),), {}, f"sha256:{'a' * 64}", "b" * 64, 2.0
)


def record(
    project: Project,
    answer: Answer = ALLOW,
    *,
    by: Person | None = None,
    question: Any = ABOUT_RUN,
    about: str = "run:1",
) -> Decision:
    with transaction.atomic():
        return actions.record(
            answer, point="run", input=question, project_id=project.id, subject=about, by=by.caller if by else None
        )


def last_entry() -> dict[str, Any]:
    entry = Entry.objects.using("reader").order_by("-n")[0]
    found: dict[str, Any] = orjson.loads(bytes(entry.header))
    return found


def test_a_decision_is_kept_whole_and_logged_without_its_input() -> None:
    project = make_project()
    analyst = make_person((project, Role.ANALYST))
    kept = Decision.objects.get(pk=record(project, DENY, by=analyst).pk)
    assert (kept.input, kept.outcome, kept.revision, kept.data_digest, kept.duration_ms) == (
        ABOUT_RUN,
        "deny",
        DENY.revision,
        DENY.data_digest,
        2.0,
    )
    assert kept.reasons == [{"code": "purpose_missing", "message": "There is none.", "remedy": "Give one."}]
    entry = last_entry()
    assert (entry["event"], entry["outcome"], entry["subject"], entry["tenant"], entry["actor"]) == (
        "policy:decision:recorded",
        "deny",
        "run:1",
        str(project.id),
        analyst.caller.pseudonym,
    )
    assert entry["facts"] == {
        "decision": str(kept.pk),
        "point": "run",
        "reasons": ["purpose_missing"],
        "revision": DENY.revision,
        "data_digest": DENY.data_digest,
    }
    written = orjson.dumps(ABOUT_RUN, option=orjson.OPT_SORT_KEYS)
    want = audit.commit_to(hashlib.sha256(written).digest(), bytes(kept.salt))
    assert entry["commitments"] == {"input": want}


def test_a_decision_outside_its_actions_transaction_is_not_recorded() -> None:
    """Taken out: the check; only the log's own then stood between a decision and a life without its action."""
    project = make_project()
    with pytest.raises(transaction.TransactionManagementError):
        actions.record(ALLOW, point="run", input=ABOUT_RUN, project_id=project.id, subject="run:1", by=None)
    assert not Decision.objects.exists()


def test_a_decision_vanishes_with_its_action() -> None:
    project = make_project()
    before = last_entry()
    with pytest.raises(RuntimeError), transaction.atomic():
        actions.record(ALLOW, point="run", input=ABOUT_RUN, project_id=project.id, subject="run:1", by=None)
        raise RuntimeError
    assert not Decision.objects.exists() and last_entry() == before


@pytest.mark.parametrize("value", [pytest.param(object(), id="an object"), "a\x00b", {1: 2}, "\ud800"])
def test_an_input_that_cannot_be_stored_does_not_stop_the_record(value: Any) -> None:
    kept = record(make_project(), DENY, question={**ABOUT_RUN, "purpose": value})
    assert Decision.objects.get(pk=kept.pk).input == {}


def test_an_allow_without_a_revision_is_not_kept() -> None:
    """Taken out: the table's constraint; nobody could then say under which rules something ran."""
    from django.db import IntegrityError

    with pytest.raises(IntegrityError):
        record(make_project(), Answer("allow"))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE policy_decision SET outcome = 'allow'", "DELETE FROM policy_decision", "TRUNCATE policy_decision"],
)
def test_the_application_cannot_change_a_decision(statement: str) -> None:
    """Taken out: the migration's REVOKE; the update and the delete then went through."""
    record(make_project(), DENY)
    with as_role("app") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_who_sees_which_decisions() -> None:
    """Taken out: the filter by project, then the one for models; the stranger, then the model saw too much."""
    ours, theirs = make_project(), make_project()
    analyst = make_person((ours, Role.ANALYST))
    auditor = make_person((ours, Role.AUDITOR))
    model = make_person((ours, Role.ANALYST), kind=TokenKind.MODEL)
    other_model = make_person((ours, Role.ANALYST), kind=TokenKind.MODEL)
    outsider = make_person((theirs, Role.ANALYST))
    by_person = record(ours, by=analyst).pk
    by_model = record(ours, by=model).pk
    elsewhere = record(theirs, by=outsider).pk
    seen = {
        name: {row["id"] for row in person.client().get("/api/v1/decisions").json()["results"]}
        for name, person in {
            "analyst": analyst,
            "auditor": auditor,
            "model": model,
            "other model": other_model,
            "outsider": outsider,
            "nobody": make_person(),
        }.items()
    }
    assert seen == {
        "analyst": {str(by_person), str(by_model)},
        "auditor": {str(by_person), str(by_model)},
        "model": {str(by_model)},
        "other model": set(),
        "outsider": {str(elsewhere)},
        "nobody": set(),
    }
    for person, pk, status in (
        (analyst, by_person, 200),
        (analyst, elsewhere, 404),
        (model, by_person, 404),
        (model, by_model, 200),
        (outsider, by_person, 404),
        (analyst, uuid.uuid4(), 404),
    ):
        assert person.client().get(f"/api/v1/decisions/{pk}").status_code == status
    absent = analyst.client().get(f"/api/v1/decisions/{uuid.uuid4()}").json()
    hidden = analyst.client().get(f"/api/v1/decisions/{elsewhere}").json()
    volatile = {"instance", "request_id"}
    assert {k: v for k, v in absent.items() if k not in volatile} == {
        k: v for k, v in hidden.items() if k not in volatile
    }


def test_the_doors_show_input_only_with_one() -> None:
    project = make_project()
    analyst = make_person((project, Role.ANALYST))
    pk = record(project, DENY, by=analyst).pk
    one = analyst.client().get(f"/api/v1/decisions/{pk}").json()
    assert one["input"] == ABOUT_RUN and one["reasons"][0]["remedy"] == "Give one."
    assert (one["id"], one["project"], one["point"], one["outcome"]) == (str(pk), str(project.id), "run", "deny")
    assert one["revision"] == DENY.revision and one["duration_ms"] == 2.0
    [listed] = analyst.client().get("/api/v1/decisions").json()["results"]
    assert listed == {key: value for key, value in one.items() if key not in {"input", "obligations"}}
    assert make_person().client().get("/api/v1/decisions").status_code == 200


def test_lists_are_filtered_and_paged() -> None:
    project = make_project()
    analyst = make_person((project, Role.ANALYST))
    made = [record(project, DENY if n % 2 else ALLOW, by=analyst, about=f"run:{n}").pk for n in range(5)]
    client = analyst.client()

    def ids(query: str) -> list[str]:
        return [row["id"] for row in client.get(f"/api/v1/decisions?{query}").json()["results"]]

    assert ids("") == [str(pk) for pk in reversed(made)]
    assert ids("outcome=deny") == [str(made[3]), str(made[1])]
    assert ids("subject=run:2") == [str(made[2])]
    assert ids(f"project={project.id}&point=run") == ids("")
    assert ids(f"project={uuid.uuid4()}") == ids("point=release") == []
    first = client.get("/api/v1/decisions?limit=3").json()
    rest = client.get(f"/api/v1/decisions?limit=3&cursor={first['next']}").json()
    assert [row["id"] for row in first["results"] + rest["results"]] == ids("")
    for query in ("outcome=maybe", "point=moon", "project=x", "subject=%00", "limit=0", "cursor=x"):
        answer = client.get(f"/api/v1/decisions?{query}")
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), query


def test_nobody_reads_without_a_token() -> None:
    from rest_framework.test import APIClient

    assert APIClient().get("/api/v1/decisions").status_code == 401
    assert APIClient().get(f"/api/v1/decisions/{uuid.uuid4()}").status_code == 401


@pytest.fixture
def fresh_facts() -> None:
    queries.forget()


def test_limits_are_the_policys_own(opa_server: Stack, fresh_facts: None) -> None:
    limits = queries.limits()
    assert limits["wall_seconds"] == queries.Limit(default=60, ceiling=900, model_ceiling=300, floor=1)
    assert limits.keys() == ABOUT_RUN["limits"].keys()
    assert queries.revision() == actions.evaluate("run", ABOUT_RUN).revision


class Failing:
    """An engine whose every read fails, or gives what it is told to."""

    def __init__(self, value: Any = None, failure: Reason | None = None) -> None:
        self.answer = (value, "sha256:x", failure)
        self.reads = 0

    def data(self, path: str) -> Any:
        self.reads += 1
        return self.answer


def test_limits_that_cannot_be_read_are_a_denial(monkeypatch: pytest.MonkeyPatch, fresh_facts: None) -> None:
    down = Failing(failure=Reason("policy_unavailable", "It is away.", "Wait."))
    monkeypatch.setattr(queries, "engine", lambda: down)
    with pytest.raises(Refused) as caught:
        queries.limits()
    assert (caught.value.code, [reason.code for reason in caught.value.reasons]) == (
        "policy_denied",
        ["policy_unavailable"],
    )
    assert queries.revision() == ""


@pytest.mark.parametrize(
    "value", [None, [], {"wall_seconds": 1}, {"wall_seconds": {"default": "x"}}, {"a": {"default": 1}}]
)
def test_limits_of_another_form_are_a_denial(value: Any, monkeypatch: pytest.MonkeyPatch, fresh_facts: None) -> None:
    monkeypatch.setattr(queries, "engine", lambda: Failing(value))
    with pytest.raises(Refused) as caught:
        queries.limits()
    assert [reason.code for reason in caught.value.reasons] == ["policy_invalid"]


def test_limits_are_read_again_when_they_are_old(monkeypatch: pytest.MonkeyPatch, fresh_facts: None) -> None:
    engine = Failing({"wall_seconds": {"default": 1, "ceiling": 2, "model_ceiling": 2, "floor": 0}})
    monkeypatch.setattr(queries, "engine", lambda: engine)
    for _ in range(3):
        queries.limits()
    assert engine.reads == 1
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + queries.CACHED_SECONDS + 1)
    queries.limits()
    assert engine.reads == 2
    queries.forget()
