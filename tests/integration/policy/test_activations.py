"""Which revision of the policy was active, and since when, is on record whoever put it there."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import IntegrityError

import audit
from audit.models import Entry
from policy import actions, queries, tasks
from policy.actions import publishing
from policy.models import Activation
from tests.integration.audit.roles import as_role, refused
from tests.integration.audit.sequencing import run_once
from tests.integration.policy.questions import ABOUT_RUN
from tests.stack import Stack

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
FIRST, SECOND = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def noted() -> list[dict[str, Any]]:
    found = Entry.objects.using("reader").filter(event="policy:revision:activated").order_by("n")
    return [orjson.loads(bytes(entry.header)) for entry in found]


def test_each_change_is_on_record_once_and_a_rollback_is_a_change() -> None:
    assert [actions.note_active(each) for each in (FIRST, FIRST, SECOND, FIRST)] == [True, False, True, True]
    facts = [entry["facts"] for entry in noted()]
    assert facts == [
        {"number": 1, "revision": FIRST, "previous": None},
        {"number": 2, "revision": SECOND, "previous": FIRST},
        {"number": 3, "revision": FIRST, "previous": SECOND},
    ]
    assert noted()[0]["tenant"] is None


def test_of_two_who_look_at_once_one_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    def rival(*_: Any, **__: Any) -> None:
        raise IntegrityError

    with monkeypatch.context() as patch:
        patch.setattr(Activation, "save", rival)
        assert not actions.note_active(FIRST)
    assert noted() == []


def test_without_its_entry_nothing_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise audit.NotRecorded("the log takes nothing")

    with monkeypatch.context() as patch, pytest.raises(audit.NotRecorded):
        patch.setattr(audit, "append", refuse)
        actions.note_active(FIRST)
    assert not Activation.objects.exists()


def test_a_look_at_the_engine_notes_what_it_decides_by(opa_server: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks.note_policy()
    tasks.note_policy()
    (entry,) = noted()
    assert entry["facts"]["revision"] == queries.active()
    assert entry["facts"]["revision"].startswith("sha256:")
    monkeypatch.setattr(queries, "active", lambda: "")
    tasks.note_policy()
    assert len(noted()) == 1


@pytest.fixture
def unpublished(opa_server: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has seen nothing signed, and waits for a moment only."""
    monkeypatch.setattr(publishing, "published", set())
    monkeypatch.setattr(publishing, "SIGNED_WITHIN", 0.2)


def asked() -> tuple[str, list[str]]:
    """What policy says to a question that it allows, and its reasons."""
    answer = actions.evaluate("run", ABOUT_RUN)
    assert answer.revision == queries.active()
    return answer.outcome, [reason.code for reason in answer.reasons]


@pytest.mark.usefixtures("unpublished")
def test_a_revision_decides_nothing_before_its_activation_is_signed(tmp_path: Path) -> None:
    """Taken out: the wait in `evaluate`; the engine's allow was then acted on at once."""
    assert asked() == ("deny", ["policy_unpublished"])
    assert asked() == ("deny", ["policy_unpublished"])
    assert [entry["facts"]["revision"] for entry in noted()] == [queries.active()]
    run_once(tmp_path)
    assert asked() == ("allow", [])
    # It stays published, whoever signs later.
    assert queries.active() in publishing.published


@pytest.mark.usefixtures("unpublished")
def test_an_activation_that_was_taken_out_of_the_log_counts_for_nothing(tmp_path: Path) -> None:
    actions.note_active(queries.active())
    with as_role("owner") as owner:
        owner.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        owner.execute("DELETE FROM audit_entry")
    run_once(tmp_path)
    assert asked() == ("deny", ["policy_unpublished"])


def test_nobody_takes_it_back() -> None:
    actions.note_active(FIRST)
    assert refused("app", "DELETE FROM policy_activation")
    assert refused("app", "UPDATE policy_activation SET revision = ''")
