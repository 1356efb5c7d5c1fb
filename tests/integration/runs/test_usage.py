"""What a run uses while it lives: measured outside, told to who sees the run, and without any effect on it."""

import time
from typing import Any

from tests.stack import Stack
from tests.work import Work, ok

MIB = 1 << 20
NOTHING = {"memory_bytes": None, "peak_memory_bytes": None, "cpu_seconds": None, "disk_bytes": None}
HOLD = "hold = b'x' * (300 << 20); print('held', flush=True)\nimport time; time.sleep(3)\ndel hold; time.sleep(4)"


def usage(work: Work, run: str) -> dict[str, Any]:
    return ok(work.api.get(f"runs/{run}/usage"))


def test_memory_rises_and_falls_while_a_cell_runs(work: Work):
    """Taken out: the present figure (the peak in its place). It then never falls."""
    run = work.ready()["id"]
    before = usage(work, run)["memory_bytes"]
    assert 20 * MIB < before < 400 * MIB
    number = work.cell(run, HOLD)
    seen: list[int] = []
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and (len(seen) < 2 or seen[-1] > max(seen) - 250 * MIB):
        seen.append(usage(work, run)["memory_bytes"])
        time.sleep(0.2)
    assert max(seen) > before + 280 * MIB
    assert seen[-1] <= max(seen) - 250 * MIB, "what was freed is no longer counted"
    assert work.result(run, number)["state"] == "succeeded"
    after = usage(work, run)
    assert after["peak_memory_bytes"] >= max(seen) and after["cpu_seconds"] > 0 and after["disk_bytes"] >= 0
    work.cancel(run)


def test_looking_keeps_no_run_from_being_idle(work: Work):
    run = work.ready(limits={"idle_seconds": 5})
    deadline = time.monotonic() + 40
    while (state := work.get(run["id"])["state"]) == "ready" and time.monotonic() < deadline:
        usage(work, run["id"])
        time.sleep(0.3)
    assert state == "expired"


def test_a_run_without_a_sandbox_uses_nothing(work: Work, stack: Stack):
    run = work.ready()["id"]
    work.cancel(run)
    assert usage(work, run) == NOTHING
    with Work(stack, "outsider") as outsider:
        assert outsider.api.get(f"runs/{run}/usage").status_code == 404
