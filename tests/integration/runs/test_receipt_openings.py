"""What a receipt opens, to whom: rows and entries as the room's actions write them, with the real policy."""

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import transaction
from django.utils import timezone

import audit
from audit import Event, verifier
from identity.states import Classification, Role, TokenKind
from runs.actions.keeping import commitment
from runs.models import Artifact, Execution, Run
from tests.integration.audit.sequencing import run_once
from tests.people import Person, make_person, make_project, model_of
from tests.rows import kept, make_blob, make_cell, make_file, make_run

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.usefixtures("opa_server", "redis_server"),
]


def _append(event: Event, run: Run, number: int | None = None, outcome: str = "ok", **told: Any) -> None:
    with transaction.atomic():
        subject = f"run:{run.id}" if number is None else f"run:{run.id}/execution:{number}"
        audit.append(event, tenant=run.project_id, actor=None, subject=subject, outcome=outcome, **told)


def _ran(owner: Person, project: Any, **outputs: Any) -> Execution:
    """A run with a file, and its one cell, which left outputs, a table and a page."""
    run = make_run(project, owner.user)
    file = make_file(project, owner.user)
    run.files.set([file])
    ended = timezone.now() - timedelta(seconds=5)
    contents: dict[str, Any] = {"code": kept(b"print(1)"), "prompt": kept(b"why"), "outputs": kept(b"[]")}
    cell = make_cell(run, 1, **{"ended_at": ended, **contents, **outputs})
    for name, media_type in (("out.csv", "text/csv"), ("page.html", "text/html")):
        Artifact.objects.create(run=run, execution=cell, name=name, media_type=media_type, blob=make_blob())
    decision = str(uuid.uuid4())
    code = {"code": commitment(cell.code)}
    _append(Event.RUNS_RUN_REQUESTED, run, commitments={"file:0": commitment(file.blob)})
    _append(Event.RUNS_RUN_STARTED, run, facts={"image": "sha256:00"})
    _append(Event.POLICY_DECISION_RECORDED, run, outcome="allow", facts={"decision": decision})
    request = code | {"prompt": commitment(cell.prompt)} if cell.prompt else code
    _append(Event.RUNS_EXECUTION_REQUESTED, run, 1, facts={"decision": decision}, commitments=request)
    _append(Event.RUNS_EXECUTION_STARTED, run, 1, facts={"decision": decision}, commitments=code)
    made = {f"artifact:{n}": commitment(one.blob) for n, one in enumerate(cell.artifacts.order_by("name"))}
    assert cell.outputs is not None
    made["outputs"] = commitment(cell.outputs)
    _append(Event.RUNS_EXECUTION_FINISHED, run, 1, outcome="succeeded", commitments=made)
    return cell


def _got(person: Person, cell: Execution) -> tuple[bytes, set[str]]:
    """The receipt, and which commitments it opens."""
    answer = person.client().get(f"/api/v1/runs/{cell.run_id}/executions/1/receipt")
    assert answer.status_code == 200, answer.content
    receipt = answer.content
    told = orjson.loads(receipt.split(b"\n")[1])
    return receipt, {f"{each['part']} {each['commitment']}" for each in told["openings"]}


def _verified(person: Person, receipt: bytes) -> None:
    lines = person.client().get("/api/v1/audit/keys").content.decode().splitlines()
    keys = [verifier.Key.parse(line, verifier.PLAIN) for line in lines]
    assert verifier.verify_receipt(receipt, keys, None, verifier.Contents())["result"] == "verified"


ALL = {
    *("run file:0", "request code", "request prompt", "start code"),
    *("outcome outputs", "outcome artifact:0", "outcome artifact:1"),
}


def test_it_opens_what_its_reader_may_see(tmp_path: Path) -> None:
    """Taken out: `not withheld & kinds`; the model then got the digest of a page that no model may see."""
    project = make_project()
    owner = make_person((project, Role.ANALYST))
    cell = _ran(owner, project, output_media_types=["text/html", "text/plain"])
    run_once(tmp_path)
    for person in (owner, make_person((project, Role.AUDITOR))):
        receipt, opened = _got(person, cell)
        assert opened == ALL
        _verified(person, receipt)
    model = model_of(owner)
    receipt, opened = _got(model, cell)
    # Outputs are one content: part of it is none of it. What nobody told the kind of may be anything.
    assert opened == {"request code", "request prompt", "start code", "outcome artifact:0"}
    _verified(owner, receipt)


def test_it_opens_nothing_where_policy_lets_nothing_pass(tmp_path: Path) -> None:
    """Taken out: `if not release.allowed`; the model then had the digest and the salt of everything."""
    project = make_project()
    project.classification = Classification.RESTRICTED
    project.save()
    owner = make_person((project, Role.ANALYST))
    cell = _ran(owner, project)
    run_once(tmp_path)
    receipt, opened = _got(model_of(owner), cell)
    assert opened == set()
    _verified(owner, receipt)


def test_it_opens_nothing_that_was_erased(tmp_path: Path) -> None:
    """Taken out: the look at `wrapped_key`; whoever guessed an erased content then knew it by its digest."""
    project = make_project()
    owner = make_person((project, Role.ANALYST))
    cell = _ran(owner, project)
    run_once(tmp_path)
    cell.code.wrapped_key = None
    cell.code.save()
    receipt, opened = _got(owner, cell)
    assert opened == ALL - {"request code", "start code"}
    _verified(owner, receipt)


def test_it_waits_for_the_checkpoint_and_says_so(tmp_path: Path) -> None:
    project = make_project()
    owner = make_person((project, Role.ANALYST))
    cell = _ran(owner, project)
    address = f"/api/v1/runs/{cell.run_id}/executions/1"
    early = owner.client().get(f"{address}/receipt")
    assert (early.status_code, early.json()["code"], early["Retry-After"]) == (409, "not_signed_yet", "1")
    assert owner.client().get(address).json()["receipt"] == {"href": f"{address}/receipt", "state": "waiting"}
    run_once(tmp_path)
    assert owner.client().get(address).json()["receipt"]["state"] == "available"
    first, _ = _got(owner, cell)
    _append(Event.RUNS_RUN_CLOSED, cell.run)
    run_once(tmp_path)
    again, _ = _got(owner, cell)
    was, told = (orjson.loads(receipt.split(b"\n")[1]) for receipt in (first, again))
    assert told | {"meta": was["meta"]} == was, "the same checkpoint, whatever the meta-log has signed since"
    stranger = make_person((make_project(), Role.ANALYST), kind=TokenKind.PERSON)
    assert stranger.client().get(f"{address}/receipt").status_code == 404
