"""What is away is not waited for again at once, and is tried again later."""

import pytest

from gateways.absence import Absence


def test_an_absence_lasts_for_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter((100.0, 100.0, 100.0, 101.9, 102.0))
    monkeypatch.setattr("time.monotonic", lambda: next(moments))
    absence = Absence(2.0)
    before = absence.lasts
    absence.note()
    assert [before, absence.lasts, absence.lasts, absence.lasts] == [False, True, True, False]
