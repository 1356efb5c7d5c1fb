"""Since when a part is as it is: what several remember, brought together, and a Redis that is away or forgets."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis

from config import heartbeats
from config.standings import KEY, Standing, Standings, concluded

T = [datetime(2026, 1, 31, 9, 0, tzinfo=UTC) + timedelta(minutes=n) for n in range(6)]


def up(at: int) -> Standing:
    return Standing(True, T[at])


def down(at: int) -> Standing:
    return Standing(False, T[at])


CASES: list[tuple[str, bool, list[Standing | None], int]] = [
    ("never seen", True, [None, None], 5),
    ("remembered here", True, [up(1), None], 1),
    ("remembered by others", True, [None, up(1)], 1),
    ("others know of a change and back that was not seen here", True, [up(1), up(3)], 3),
    ("nobody else has heard of the change that was seen here", True, [up(3), up(1)], 3),
    ("changed now", False, [up(1), up(1)], 5),
    ("others saw it down since", True, [up(1), down(3)], 5),
    ("others have not heard that it is up again", True, [up(3), down(1)], 3),
    ("down unseen by others, and up now", True, [down(3), up(1)], 5),
    ("down, as others know already", False, [up(1), down(3)], 3),
    ("a start that remembers nothing finds it otherwise", True, [None, down(1)], 5),
]


@pytest.mark.parametrize(("name", "ok", "known", "since"), CASES)
def test_what_is_remembered_is_brought_together(name: str, ok: bool, known: list[Standing | None], since: int) -> None:
    assert concluded(ok, T[5], *known) == Standing(ok, T[since])


@pytest.mark.parametrize("text", ["", "1", "1 yesterday", "2 2026-01-31T09:00:00+00:00", "1 2026-01-31T09:00:00"])
def test_what_is_no_standing_is_none(text: str) -> None:
    assert Standing.read(text) is None


def test_what_is_written_is_read() -> None:
    assert [Standing.read(each.written()) for each in (up(1), down(2))] == [up(1), down(2)]


class Kept:
    """Redis as far as standings use it."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        self.away = False
        self.writes = 0

    def hgetall(self, key: str) -> dict[str, str]:
        self._answer(key)
        return dict(self.rows)

    def hset(self, key: str, mapping: dict[str, str]) -> None:
        self._answer(key)
        self.writes += 1
        self.rows |= mapping

    def _answer(self, key: str) -> None:
        assert key == KEY
        if self.away:
            raise redis.ConnectionError


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    found: Any = Kept()
    monkeypatch.setattr(heartbeats, "client", lambda: found)
    yield found


def test_a_change_has_its_moment_here_and_elsewhere_and_after_a_start(kept: Kept) -> None:
    here, there = Standings(), Standings()
    assert here.note({"opa": True}, T[0]) == {"opa": T[0]}
    assert there.note({"opa": True}, T[1]) == {"opa": T[0]}
    assert here.note({"opa": False}, T[2]) == {"opa": T[2]}
    assert there.note({"opa": False}, T[3]) == {"opa": T[2]}
    assert Standings().note({"opa": False}, T[4]) == {"opa": T[2]}
    # Written when something changes, and only then.
    assert kept.writes == 2


def test_redis_is_not_asked_how_it_is_when_it_is_known_to_be_away(kept: Kept) -> None:
    """Its own fall and return are remembered here, and told to the others when it is back."""
    here = Standings()
    here.note({"redis": True, "opa": True}, T[0])
    kept.away = True
    found = {"redis": False, "opa": False}
    assert here.note(found, T[1]) == here.note(found, T[2]) == {"redis": T[1], "opa": T[1]}
    kept.away = False
    assert here.note({"redis": True, "opa": False}, T[3]) == {"redis": T[3], "opa": T[1]}
    assert Standings().note({"redis": True, "opa": False}, T[4]) == {"redis": T[3], "opa": T[1]}


def test_a_redis_that_fails_unnoticed_costs_nothing_but_the_sharing(kept: Kept) -> None:
    here = Standings()
    kept.away = True
    assert here.note({"opa": True}, T[0]) == {"opa": T[0]}
    assert here.note({"opa": True}, T[1]) == {"opa": T[0]}


def test_a_redis_that_forgot_is_told_again(kept: Kept) -> None:
    here = Standings()
    here.note({"opa": True}, T[0])
    kept.rows.clear()
    here.note({"opa": True}, T[1])
    assert Standings().note({"opa": True}, T[2]) == {"opa": T[0]}
