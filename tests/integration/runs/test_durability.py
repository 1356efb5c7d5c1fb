"""Which commits do not wait for the disk: those on which nothing is done, and of which nobody hears, before others."""

from uuid import uuid4

import pytest
from django.db import connection

from config.errors import Reason
from gateways import blobs
from gateways.opa import Answer
from identity.models import Project
from identity.states import Role
from runs import actions
from runs.analysis import analyse
from runs.proposals import Asked, CodeDraft, CodeProposal, RunDraft, RunProposal
from runs.states import RunState
from tests.people import make_person, make_project
from tests.rows import LIMITS, make_environment, make_run

pytestmark = pytest.mark.django_db
CODE = CodeDraft("python", "1+1")


def _asked(point: str, outcome: str) -> Asked:
    reasons = () if outcome == "allow" else (Reason("no", "No.", "Ask for less."),)
    return Asked(point, {}, Answer(outcome, reasons, revision="sha256:" + "1" * 64))  # type: ignore[arg-type]


def _code(outcome: str) -> CodeProposal:
    return CodeProposal(CODE, b"1+1", analyse("1+1", "python").as_input(), _asked("execution", outcome))


def _waits_for_the_disk() -> bool:
    # As the transaction leaves it: a test's own is around the action's.
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return bool(cursor.fetchone() != ("off",))


@pytest.mark.parametrize(
    ("untold", "outcome", "state", "waits"),
    [
        (True, "allow", RunState.READY, False),
        (False, "allow", RunState.READY, True),
        (True, "deny", RunState.READY, True),
        (True, "allow", RunState.EXECUTING, True),
    ],
)
def test_a_cell(untold: bool, outcome: str, state: RunState, waits: bool) -> None:
    """Taken out, each by itself: the question whether anybody hears of it; the refusal's own way; the run's state."""
    project = make_project()
    person = make_person((project, Role.ANALYST))
    run = make_run(project, person.user, state)
    actions.request_execution(
        run, _code(outcome), blobs.write([b"1+1"]), None, execution_id=uuid4(), by=person.caller, untold=untold
    )
    assert _waits_for_the_disk() is waits


@pytest.mark.parametrize(
    ("untold", "outcome", "waits"),
    [(True, "allow", False), (False, "allow", True), (True, "deny", True), (True, "review", True)],
)
def test_a_run(untold: bool, outcome: str, waits: bool) -> None:
    """Taken out: the question for the state. A denial was then told before it was on disk."""
    project = make_project()
    person = make_person((project, Role.ANALYST))
    actions.request_run(
        _run(project, outcome), blobs.write([b"1+1"]), None, run_id=uuid4(), queue=9, by=person.caller, untold=untold
    )
    assert _waits_for_the_disk() is waits


def _run(project: Project, outcome: str) -> RunProposal:
    draft = RunDraft(project.id, "python", "a test", code=CODE)
    code, asked = _code("allow"), _asked("run", outcome)
    return RunProposal(draft, project, make_environment(), [], dict(LIMITS), None, [asked, code.asked], code)
