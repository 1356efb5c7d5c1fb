"""One caller at one stream of events: authorised again and again, and shown what policy releases of it."""

import time
from typing import Any

import orjson

import identity.queries
from gateways.events import Published
from identity.callers import Caller
from runs import actions, queries, shown
from runs.actions.releasing import Release
from runs.models import Run
from runs.outputs import media_types, narrowed
from runs.questions import Audience

REAUTHORISE_SECONDS = 15.0
PAUSE_SECONDS = 5.0
# Outputs are released in steps that double, so that a long stream asks policy a few times and not for every line.
FIRST_STEP_BYTES = 64 << 10


class Watcher:
    """Who watches. Outputs pass as far as policy released them: by their kinds, and by their amount."""

    def __init__(self, run: Run, by: Caller) -> None:
        self._run = run
        self._by = by
        self._kinds: frozenset[str] = frozenset()
        self._bytes = 0
        self._room = 0
        self._release: Release | None = None
        self._authorise()

    @property
    def due(self) -> bool:
        """Whether the next look would come too late to authorise again in time."""
        return time.monotonic() - self._authorised > REAUTHORISE_SECONDS - PAUSE_SECONDS

    def authorise_again(self) -> None:
        """Find the caller's roles of this moment. Raises NotFound or Unauthenticated when there are none left."""
        self._by = identity.queries.caller_again(self._by)
        self._run = queries.run(self._by, self._run.id)
        self._authorise()

    def _authorise(self) -> None:
        self._ask("events", [], 0)
        self._release = None
        self._authorised = time.monotonic()

    def frames(self, batch: list[Published]) -> list[bytes]:
        """The events as the stream sends them, outputs narrowed to what is released."""
        return [made for event in batch if (made := self._framed(event)) is not None]

    def _framed(self, event: Published) -> bytes | None:
        if event.kind != "output":
            return frame(event.kind, event.data, event.id)
        output = event.data["output"]
        before = self._release
        release = self._released(frozenset(media_types([output])), len(orjson.dumps(output)))
        if not release.allowed:
            if before is not None and not before.allowed:
                return None
            codes = [reason.code for reason in release.reasons]
            return frame("withheld", {"number": event.data["number"], "reasons": codes}, event.id)
        left = narrowed([output], frozenset(release.obligations.get(shown.WITHHELD, [])))
        return frame("output", {**event.data, "output": left[0], "media_types": media_types(left)}, event.id)

    def _released(self, kinds: frozenset[str], size: int) -> Release:
        """Policy's word on this output and all before it; asked anew for a new kind, and for more than it let pass."""
        self._bytes += size
        if self._release is not None and not self._release.allowed:
            return self._release
        if self._release is None or not kinds <= self._kinds or self._bytes > self._room:
            self._kinds |= kinds
            self._room = max(self._room, FIRST_STEP_BYTES)
            while self._room < self._bytes:
                self._room *= 2
            self._release = self._ask("outputs", sorted(self._kinds), self._room)
        return self._release

    def _ask(self, what: str, kinds: list[str], size: int) -> Release:
        return actions.release(
            self._run, what=what, audience=Audience.CONSOLE, media_types=kinds, size=size, by=self._by
        )


def frame(kind: str, data: dict[str, Any], identity_: str | None) -> bytes:
    """One server-sent event."""
    lines = [f"id: {identity_}".encode()] if identity_ else []
    lines += [f"event: {kind}".encode(), b"data: " + orjson.dumps(data)]
    return b"\n".join(lines) + b"\n\n"
