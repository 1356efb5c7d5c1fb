"""Which revision of the policy was active, and since when, is on record whoever put it there."""

from typing import Any

import orjson
import pytest
from django.db import IntegrityError

import audit
from audit.models import Entry
from policy import actions, queries, tasks
from policy.models import Activation
from tests.integration.audit.roles import refused
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


def test_nobody_takes_it_back() -> None:
    actions.note_active(FIRST)
    assert refused("app", "DELETE FROM policy_activation")
    assert refused("app", "UPDATE policy_activation SET revision = ''")
