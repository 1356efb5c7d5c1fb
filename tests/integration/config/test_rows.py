"""What is written by statements that are made once is what Django itself would write."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model

from config import rows
from policy.models import Decision
from runs.models import Blob, Execution, Run
from runs.states import ExecutionState
from tests.people import make_person, make_project
from tests.rows import make_blob, make_cell, make_run

pytestmark = pytest.mark.django_db


def _run() -> Run:
    return make_run(make_project(), make_person().user)


def _values(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def _again(row: Model, **changed: Any) -> dict[str, Any]:
    """The values that the database has of a second row, inserted with those of the first but for what changed."""
    row.refresh_from_db()
    second = type(row)(**_values(row) | changed)
    rows.insert(second)
    assert not second._state.adding
    kept = type(row)._default_manager.get(pk=second.pk)
    assert _values(kept) == _values(row) | {name: _values(kept)[name] for name in changed}
    return _values(kept)


def test_a_row_is_inserted_whole() -> None:
    """Of every model that is written so, with JSON, bytes, nulls and keys of others."""
    run = _run()
    cell = make_cell(run, 1)
    _again(run, id=uuid4(), handle=None)
    _again(make_blob(), id=uuid4(), name="aa/b")
    kept = _again(cell, id=uuid4(), number=2, code_id=make_blob().id, prompt_id=None, outputs_id=None)
    assert (kept["number"], kept["run_id"]) == (2, run.id)
    decision = Decision(
        project_id=run.project_id, point="run", subject="run:1", input={"a": [1, None, "é"]}, salt=b"\x00\xff",
        outcome="deny", reasons=[{"code": "no"}], obligations={}, duration_ms=1.5,
    )  # fmt: skip
    decision.save(force_insert=True)
    assert _again(decision, id=uuid4(), created_at=None)["created_at"] is not None


def test_an_update_sets_what_it_is_told_where_everything_fits() -> None:
    """Taken out: all but the first of the conditions. A worker with an old token then moves the run on."""
    run, other = _run(), _run()
    before = _values(Run.objects.get(pk=other.pk))
    fits = {"id": run.id, "state": run.state, "epoch": 0}
    assert rows.update(Run, fits | {"epoch": 1}, {"epoch": 7}) == 0
    assert rows.update(Run, fits | {"state": "lost"}, {"epoch": 7}) == 0
    assert Run.objects.get(pk=run.pk).epoch == 0
    assert rows.update(Run, fits, {"epoch": 7, "sandbox": {"a": [None]}, "handle": "h"}) == 1
    changed = Run.objects.get(pk=run.pk)
    assert (changed.epoch, changed.sandbox, changed.handle) == (7, {"a": [None]}, "h")
    assert _values(Run.objects.get(pk=other.pk)) == before


def test_an_update_takes_keys_of_others_by_their_column() -> None:
    cell = make_cell(_run(), 1)
    outputs = make_blob()
    assert rows.update(Execution, {"id": cell.id}, {"outputs_id": outputs.id, "output_media_types": ["text/plain"]})
    kept = Execution.objects.get(pk=cell.pk)
    assert (kept.outputs_id, kept.output_media_types) == (outputs.id, ["text/plain"])


def test_what_the_database_refuses_cannot_be_committed() -> None:
    """Taken out: the mark for rollback. The transaction then looks whole to whoever swallows the error."""
    cell = make_cell(_run(), 1)
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            rows.update(Execution, {"id": cell.id}, {"state": "no such state"})
        assert transaction.get_rollback()
        transaction.set_rollback(True)
    assert Execution.objects.get(pk=cell.pk).state in ExecutionState
    assert Blob.objects.count() >= 1
