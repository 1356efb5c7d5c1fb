"""What the driver does before it asks for a sandbox."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from runs import actions, driver
from runs.limits import Ending
from runs.models import Run
from sandbox_operator.errors import ImageUnknown
from sandbox_operator.spec import DEFAULT_LIMITS


def test_a_limit_that_no_sandbox_can_have_ends_the_run_with_a_sentence(monkeypatch: pytest.MonkeyPatch):
    """A bundle's own floors may let it through. Taken out: turning the ValueError into a refusal. It is then raised."""
    limits = {name: getattr(DEFAULT_LIMITS, name) for name in DEFAULT_LIMITS.__dataclass_fields__}
    run = Run(limits=limits | {"processes": 0}, expires_at=timezone.now() + timedelta(hours=1))
    ended: list[Ending] = []
    monkeypatch.setattr(
        driver, "backend", lambda: SimpleNamespace(claim=lambda *_args, **_options: pytest.fail("asked"))
    )
    monkeypatch.setattr(actions, "fail_start", lambda _run, ending: ended.append(ending))
    assert driver.start(run, lambda _: None) is None
    assert [(ending.code, ending.message) for ending in ended] == [
        ("limit_impossible", "limits.processes: 0 is less than the least that works")
    ]
    assert "policy admin" in ended[0].remedy


def test_a_run_whose_image_is_being_rolled_waits_and_is_decided_anew(monkeypatch: pytest.MonkeyPatch):
    """Taken out: the case for ImageUnknown; the run then ended as failed."""
    limits = {name: getattr(DEFAULT_LIMITS, name) for name in DEFAULT_LIMITS.__dataclass_fields__}
    run = Run(limits=limits, expires_at=timezone.now() + timedelta(hours=1), environment="python", image_digest="old")

    def claim(*_: object, **__: object) -> None:
        raise ImageUnknown("no sandbox of that image")

    waiting: list[tuple[str, bool]] = []
    monkeypatch.setattr(driver, "backend", lambda: SimpleNamespace(claim=claim))
    monkeypatch.setattr(actions, "requeue", lambda _run, why, *, undecided=False: waiting.append((why, undecided)))
    monkeypatch.setattr(actions, "fail_start", lambda _run, ending: pytest.fail(ending.code))
    assert driver.start(run, lambda _: None) is None
    assert waiting == [("image_unknown", True)]
