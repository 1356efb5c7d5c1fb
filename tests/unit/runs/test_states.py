"""The transition tables: nothing is stuck, nothing final moves, every state has somebody who must move it on."""

from datetime import timedelta
from typing import Any

import pytest

from runs.errors import WrongTurn
from runs.models import Execution, Run
from runs.states import DONE, EXECUTION_STATIONS, FINISHED, RUN_STATIONS, ExecutionState, Owner, RunState


@pytest.mark.parametrize("stations", [RUN_STATIONS, EXECUTION_STATIONS], ids=["run", "execution"])
def test_every_state_is_a_station_and_every_turn_leads_to_one(stations):
    kind: Any = type(next(iter(stations)))
    assert set(stations) == set(kind)
    assert {after for station in stations.values() for after in station.after} <= set(kind)


@pytest.mark.parametrize("stations", [RUN_STATIONS, EXECUTION_STATIONS], ids=["run", "execution"])
def test_a_live_state_has_an_owner_and_somewhere_to_go_when_overdue(stations):
    for state, station in stations.items():
        if station.owner is Owner.NOBODY:
            assert (station.after, station.overdue) == (frozenset(), None), state
        else:
            assert station.overdue in station.after, state


def test_every_final_state_can_be_reached():
    reached, frontier = set(), {RunState.REQUESTED}
    while frontier:
        reached |= frontier
        frontier = {RunState(after) for state in frontier for after in RUN_STATIONS[state].after} - reached
    assert reached == set(RunState)


def test_what_follows_what_for_runs():
    """Whole values, so that an added turn shows."""
    ends = {"failed", "cancelled", "expired", "lost"}
    assert {str(state): set(map(str, station.after)) for state, station in RUN_STATIONS.items() if station.after} == {
        "requested": {"denied", "awaiting_approval", "queued", "expired"},
        "awaiting_approval": {"queued", "denied", "cancelled", "expired"},
        "queued": {"starting", "denied", "awaiting_approval"} | ends,
        "starting": {"ready", "queued"} | ends,
        "ready": {"executing", "closed"} | ends,
        "executing": {"ready", "closed"} | ends,
    }


def test_a_run_takes_only_turns_of_the_table():
    for before in RunState:
        for after in RunState:
            run = Run(state=before)
            if after in RUN_STATIONS[before].after:
                run.move_to(after)
                assert run.state == after
            else:
                with pytest.raises(WrongTurn):
                    run.move_to(after)
                assert run.state == before


def test_a_finished_run_has_an_end_and_no_deadline():
    for state in FINISHED:
        before = next(before for before, station in RUN_STATIONS.items() if state in station.after)
        run = Run(state=before)
        run.move_to(state)
        assert run.ended_at is not None
        assert run.deadline_at is None


def test_a_state_with_a_deadline_sets_it():
    run = Run(state=RunState.REQUESTED)
    run.move_to(RunState.QUEUED)
    assert run.deadline_at is not None
    assert run.deadline_at - run.state_since == timedelta(minutes=15)


def test_an_execution_takes_only_turns_of_the_table():
    for before in ExecutionState:
        for after in ExecutionState:
            cell = Execution(state=before)
            if after in EXECUTION_STATIONS[before].after:
                cell.move_to(after)
                assert (cell.ended_at is not None) == (after in DONE)
            else:
                with pytest.raises(WrongTurn):
                    cell.move_to(after)
