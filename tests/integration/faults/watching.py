"""An analyst's work with an eye on the live events: what a cell printed is the proof that it ran, and how often."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from tests.stack import eventually
from tests.work import ENDED, Work, ok

BEGUN = "begun"
# Says that it runs, and runs longer than any test waits.
LONG = f"import time\nprint('{BEGUN}', flush=True)\ntime.sleep(100)"


class Watching(Work):
    """Requests that a fault may meet half-way."""

    def live(self) -> list[str]:
        """The ids of the runs that have not ended."""
        return [run["id"] for run in ok(self.api.get("runs", params={"limit": 200}))["results"] if not ended(run)]

    def events(self, run_id: str, *, after: str | None = None, within: float = 90.0) -> Iterator[dict[str, Any]]:
        """The run's events as they come: `id`, `event`, `data`. Ends with the run."""
        until = time.monotonic() + within
        headers = {"Last-Event-ID": after} if after else {}
        with self.api.stream("GET", f"runs/{run_id}/events", headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            frame: dict[str, Any] = {}
            for line in answer.iter_lines():
                assert time.monotonic() < until, f"the stream of run {run_id} goes on after {within} s"
                name, _, value = line.partition(": ")
                if name in ("id", "event"):
                    frame[name] = value
                elif name == "data":
                    frame["data"] = orjson.loads(value)
                elif not line and frame:
                    yield frame
                    frame = {}

    def printed(self, run_id: str, until: Callable[[str], bool] = lambda text: False) -> str:
        """All that the run's cells print, until that is enough or the run has ended."""
        said = ""
        for event in self.events(run_id):
            if event["event"] == "output":
                said += event["data"]["output"].get("text", "")
            if until(said):
                break
        return said

    def busy(self, code: str = LONG, **fields: Any) -> tuple[str, int]:
        """A run and the number of a cell that has begun to run its code."""
        run_id = self.ready(**fields)["id"]
        number = self.cell(run_id, code)
        self.printed(run_id, lambda said: BEGUN in said)
        return run_id, number

    def hears_again(self) -> None:
        """Return once live events flow: for a moment after Redis was away, nobody tries to publish any."""
        eventually(lambda: "heard" in self.printed(self.run(code="print('heard')", language="python")["id"]), 60)

    def end(self, run_id: str, within: float = 45.0) -> dict[str, Any]:
        """The run once it has ended, whatever the end."""
        run: dict[str, Any] = eventually(lambda: one if ended(one := self.get(run_id)) else None, within)
        return run


def ended(run: dict[str, Any]) -> bool:
    """Whether the run can change no more."""
    return run["state"] in ENDED
