"""Analysts at work while parts die at random: afterwards all that must hold after one fault holds after many.

BAILIWICK_SOAK_SEED repeats a sequence of kills, BAILIWICK_SOAK_SECONDS lets it go on for longer.
"""

import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
import pytest

from tests.integration.faults.aftermath import nothing_wrong, processes, traces
from tests.integration.faults.watching import Watching
from tests.stack import Stack
from tests.work import FINISHED, ok, text

pytestmark = pytest.mark.faults
# Whoever dies with every sandbox dies less often, or nobody would get any work done.
VICTIMS = (*2 * ("worker", "web", "redis", "postgres", "opa", "a sandbox"), "beat", "sandboxd")
CELLS = 3


@dataclass
class Told:
    """What the platform told those who worked: which cells had succeeded, and how all of them ended."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    succeeded: set[tuple[str, int]] = field(default_factory=set)
    endings: Counter[str] = field(default_factory=Counter)


@pytest.mark.timeout(400)
def test_random_deaths_under_work(faulty: Stack):
    seed = int(os.environ.get("BAILIWICK_SOAK_SEED") or random.randrange(1 << 32))
    seconds = float(os.environ.get("BAILIWICK_SOAK_SECONDS") or 30)
    print(f"\nBAILIWICK_SOAK_SEED={seed}")
    told, over = Told(), threading.Event()
    analysts = [threading.Thread(target=work_on, args=(faulty, told, over, seed + n)) for n in range(4)]
    for analyst in analysts:
        analyst.start()
    try:
        killed = kill_at_random(faulty, random.Random(seed), seconds)
    finally:
        over.set()
        for analyst in analysts:
            analyst.join(90)
    faulty.up()
    print(f"killed: {killed}; executions: {dict(told.endings)}")
    nothing_wrong(faulty, within=90)
    assert told.endings["succeeded"] > 0
    assert not any(analyst.is_alive() for analyst in analysts)
    kept_its_word(faulty, told)


def kill_at_random(stack: Stack, chance: random.Random, seconds: float) -> list[str]:
    """Kill one part after the other, each back before the next: in the thread that starts them."""
    killed = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(chance.uniform(0.5, 4))
        victim = chance.choice(VICTIMS)
        killed.append(victim)
        if victim == "a sandbox":
            kill_a_sandbox(stack, chance)
            continue
        stack.kill(victim)
        time.sleep(chance.uniform(0, 1))
        stack.start(victim)
    return killed


def kill_a_sandbox(stack: Stack, chance: random.Random) -> None:
    """Kill every process of one, whichever it is."""
    groups = sorted(name for name, kinds in traces(stack.state).items() if "a process" in kinds)
    for pid in processes(stack.state, chance.choice(groups)) if groups else []:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def work_on(stack: Stack, told: Told, over: threading.Event, seed: int) -> None:
    """One analyst: run after run, never surprised by a fault, never forgetting what was told."""
    chance = random.Random(seed)
    while not over.is_set():
        with suppress(httpx.HTTPError, AssertionError), Watching(stack) as work:
            run = ok(work.api.post("runs", json=work.wish(limits={"wall_seconds": 5})), 201)["id"]
            for number in range(1, chance.randint(1, CELLS) + 1):
                code = f"seen = [*globals().get('seen', []), {number}]\nprint('{run}', seen)"
                work.cell(run, code)
                told_of(work, told, run, number, over)
            if chance.random() < 0.7:
                work.cancel(run)
        over.wait(0.2)


def told_of(work: Watching, told: Told, run: str, number: int, over: threading.Event) -> None:
    """Wait for the cell and remember what it is said to have done."""
    while not over.is_set():
        cell = ok(work.api.get(f"runs/{run}/executions/{number}", params={"wait": 2}))
        if cell["state"] in FINISHED:
            with told.lock:
                told.endings[cell["state"]] += 1
                if cell["state"] == "succeeded":
                    told.succeeded.add((run, number))
            return


def kept_its_word(stack: Stack, told: Told) -> None:
    """What was said to have succeeded did, once and in its place, and can be read."""
    with Watching(stack) as work:
        for run in work.live():
            work.cancel(run)
        work.hears_again()
        for run, number in sorted(told.succeeded):
            cell = work.result(run, number)
            assert (cell["state"], text(cell)) == ("succeeded", f"{run} {list(range(1, number + 1))}\n")
