"""What is away is not waited for again at once, and is tried again later."""

import pytest

from gateways.absence import Absence


def test_an_absence_lasts_for_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    absence = Absence(2.0)
    assert not absence.lasts
    absence.note()
    assert absence.lasts
    now = 101.9
    assert absence.lasts
    now = 102.0
    assert not absence.lasts
