"""A reader of server-sent events, as a browser's EventSource reads them."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.work import Work


@dataclass(frozen=True)
class Seen:
    """One event as it came; `at` is when, in seconds of the monotonic clock."""

    kind: str
    data: dict[str, Any]
    id: str | None
    at: float


@contextmanager
def watching(work: Work, run: str, after: str | None = None) -> Iterator[Iterator[Seen]]:
    """The events of a run, each as it comes; the stream is left when the block is."""
    headers = {"Last-Event-ID": after} if after else {}
    with work.api.stream("GET", f"runs/{run}/events", headers=headers, timeout=30) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _events(answer)


def _events(answer: httpx.Response) -> Iterator[Seen]:
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield Seen(fields["event"], json.loads(fields["data"]), fields.get("id"), time.monotonic())
            fields = {}


def until(seen: Iterator[Seen], last: Callable[[Seen], bool]) -> list[Seen]:
    """The events up to the one that is the last of interest."""
    found = []
    for event in seen:
        found.append(event)
        if last(event):
            return found
    raise AssertionError(f"the stream ended before: {found}")


def all_of(work: Work, run: str, after: str | None = None) -> list[Seen]:
    """Every event of a run that has ended, or ends meanwhile."""
    with watching(work, run, after) as seen:
        return list(seen)


def done(number: int) -> Callable[[Seen], bool]:
    """Whether an event says that a cell has ended."""
    return lambda event: (
        event.kind == "execution"
        and event.data["number"] == number
        and event.data["state"] not in {"queued", "running"}
    )
