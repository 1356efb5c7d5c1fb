"""How many sandboxes shall be warm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox_operator.kubernetes.demand import Demand, warm_wanted
from tests.unit.sandbox_operator.kubernetes.test_pods import ENVIRONMENT

POOL = replace(ENVIRONMENT, floor=2, ceiling=8, maximum=20)


@pytest.mark.parametrize(
    ("claims", "claimed", "wanted"),
    [(0, 0, 2), (2, 2, 2), (5, 5, 5), (8, 8, 8), (100, 9, 8), (100, 15, 5), (0, 19, 1), (0, 20, 0), (0, 25, 0)],
)
def test_the_warm_follow_claims_between_floor_ceiling_and_maximum(claims: int, claimed: int, wanted: int) -> None:
    assert warm_wanted(POOL, claims, claimed) == wanted


def test_claims_count_once_for_a_minute() -> None:
    demand = Demand()
    for now in (100, 101, 130):
        demand.note("python", "a", 100, now)
    demand.note("python", "b", 120, 121)
    demand.note("other", "c", 120, 121)
    assert [demand.claims("python", now) for now in (121, 159.9, 160, 179, 181)] == [2, 2, 1, 1, 0]
    # A run that goes on is seen again and again.
    demand.note("python", "a", 100, 300)
    assert demand.claims("python", 300) == 0


def test_a_clock_that_is_ahead_counts_no_longer() -> None:
    demand = Demand()
    demand.note("python", "a", 10_000, 100)
    assert [demand.claims("python", now) for now in (100, 159, 161)] == [1, 1, 0]
