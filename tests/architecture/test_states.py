"""Every state has one owner that moves it on, and a deadline after which the sweep does."""

from typing import Any

import pytest

from runs.states import EXECUTION_STATIONS, RUN_STATIONS, ExecutionState, Owner, RunState

MACHINES: list[tuple[Any, dict[Any, Any], Any]] = [
    (RunState, RUN_STATIONS, RunState.REQUESTED),
    (ExecutionState, EXECUTION_STATIONS, ExecutionState.QUEUED),
]


@pytest.mark.parametrize(("states", "stations", "first"), MACHINES)
def test_every_state_has_a_station_with_an_owner(states: Any, stations: dict[Any, Any], first: Any) -> None:
    assert set(stations) == set(states)
    for state, station in stations.items():
        final = station.owner is Owner.NOBODY
        assert final == (not station.after), state
        # What is not final has somewhere to go when its owner lets it lie.
        assert final == (station.overdue is None), state
        assert final or station.overdue in station.after, state


@pytest.mark.parametrize(("states", "stations", "first"), MACHINES)
def test_every_state_is_reached_and_leads_to_an_end(states: Any, stations: dict[Any, Any], first: Any) -> None:
    reached, waiting = set(), [first]
    while waiting:
        state = waiting.pop()
        if state not in reached:
            reached.add(state)
            waiting += stations[state].after
    assert reached == set(states)
    ends = {state for state, station in stations.items() if not station.after}
    while grown := {state for state, station in stations.items() if station.after & ends} - ends:
        ends |= grown
    assert ends == set(states)


def test_a_final_state_is_final() -> None:
    for state in (
        RunState.DENIED,
        RunState.CLOSED,
        RunState.FAILED,
        RunState.CANCELLED,
        RunState.EXPIRED,
        RunState.LOST,
    ):
        assert RUN_STATIONS[state].after == frozenset()
    assert ExecutionState.QUEUED not in EXECUTION_STATIONS[ExecutionState.RUNNING].after
