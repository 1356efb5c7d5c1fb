"""What an analyst is told names the limit, what it was, and how to get more."""

import pytest

from runs import limits

BOUNDS = {"wall_seconds": 60, "memory_bytes": 1 << 30, "life_seconds": 3600, "idle_seconds": 600}


@pytest.mark.parametrize(
    ("ending", "name", "value"),
    [
        (limits.timed_out(BOUNDS), "wall_seconds", "60 s"),
        (limits.timed_out_by_force(BOUNDS), "wall_seconds", "60 s"),
        (limits.out_of_memory(BOUNDS), "memory_bytes", "1 GiB"),
        (limits.life_over(BOUNDS), "life_seconds", "3600 s"),
        (limits.idle_too_long(BOUNDS), "idle_seconds", "600 s"),
    ],
)
def test_the_message_names_the_limit_its_value_and_the_way_to_more(ending, name, value):
    assert ending.message.startswith(f"{name}: ")
    assert value in ending.message
    assert f'"{name}": ' in ending.remedy
