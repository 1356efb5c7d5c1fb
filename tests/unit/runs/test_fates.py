"""What the end of a sandbox means for its run, for every way to end."""

from runs.fates import run_end
from sandbox_operator.errors import Fate

BOUNDS = {"wall_seconds": 60, "memory_bytes": 1 << 30, "life_seconds": 3600, "idle_seconds": 600}


def test_every_fate():
    assert {fate.value: (str(run_end(fate, BOUNDS)[0]), run_end(fate, BOUNDS)[1].code) for fate in Fate} == {
        "alive": ("lost", "sandbox_lost"),
        "out_of_memory": ("failed", "memory_exceeded"),
        "timed_out": ("failed", "wall_time_exceeded"),
        "expired": ("expired", "life_exceeded"),
        "idle": ("expired", "idle_exceeded"),
        "destroyed": ("lost", "sandbox_lost"),
        "killed": ("lost", "sandbox_lost"),
        "lost": ("lost", "sandbox_lost"),
        "unknown": ("lost", "sandbox_lost"),
    }
