"""The control plane dies, or a client goes away in mid-stream: the work goes on, and everything can be read later."""

from typing import Any

import pytest

from tests.integration.faults.watching import Watching
from tests.stack import Stack
from tests.work import text

pytestmark = pytest.mark.faults
TICKS = 40
TICKING = (
    f"import time\nprint('begun', flush=True)\nfor n in range({TICKS}):\n    print(n, flush=True)\n    time.sleep(0.05)"
)
TICKED = "begun\n" + "".join(f"{n}\n" for n in range(TICKS))


def test_an_execution_completes_without_the_control_plane(work: Watching, faulty: Stack):
    run, number = work.busy(TICKING)
    faulty.kill("web")
    faulty.start("web")
    cell = work.result(run, number)
    assert (cell["state"], text(cell)) == ("succeeded", TICKED)
    assert text(work.done(run, "print(n)")) == f"{TICKS - 1}\n"


def test_a_client_that_comes_back_misses_nothing_and_sees_nothing_twice(work: Watching):
    """Taken out: the stream's start at Last-Event-ID; the second half then began again with the first event."""
    run = work.ready()["id"]
    number = work.cell(run, TICKING)
    said, last = "", ""
    for event in work.events(run):
        last = event.get("id", last)
        said += printed(event)
        if said.count("\n") > TICKS // 3:
            break
    # Gone in mid-stream; and once more, with nothing read but one event.
    for event in work.events(run, after=last):
        if "id" in event:
            last = event["id"]
            said += printed(event)
            break
    work.result(run, number)
    ids = []
    for event in work.events(run, after=last):
        if "id" in event:
            ids.append(event["id"])
            said += printed(event)
        if event["event"] == "run" and event["data"]["state"] == "ready" and "id" in event:
            break
    assert said == TICKED
    assert last not in ids
    assert len(ids) == len(set(ids))


def printed(event: dict[str, Any]) -> str:
    """What a cell printed, if the event is that."""
    return str(event["data"]["output"].get("text", "")) if event["event"] == "output" else ""


def test_a_stream_outlives_a_redis_that_forgets_and_still_tells_the_end(work: Watching, faulty: Stack):
    """Taken out: the look at the record while no event comes; the client then never heard how the run ended."""
    run, _ = work.busy()
    stream = work.events(run)
    assert next(stream)["event"] == "run"
    faulty.kill("redis")
    with Watching(faulty) as other:
        other.cancel(run)
    assert ("run", "cancelled") in [(event["event"], event["data"].get("state")) for event in stream]
    faulty.start("redis")
    work.hears_again()
