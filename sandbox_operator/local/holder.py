"""Tells the daemon when a session is in the middle of something: it holds the deadline, and sees a worker die."""

from __future__ import annotations

from sandbox_operator.errors import BackendUnavailable, Fate, SandboxLost
from sandbox_operator.local import wire
from sandbox_operator.local.control import Control
from sandbox_operator.protocol import Usage


class LocalHolder:
    def __init__(self, control: Control) -> None:
        self._control = control

    def begin(self, wall_seconds: float | None) -> None:
        try:
            self._control.ask("begin", wall_seconds=wall_seconds)
        except BackendUnavailable as error:  # no daemon, no sandbox: it takes them along
            raise SandboxLost(Fate.LOST, str(error)) from error

    def end(self) -> Usage:
        try:
            return wire.unpack_usage(self._control.ask("end"))
        except BackendUnavailable as error:
            raise SandboxLost(Fate.LOST, str(error)) from error

    def lost(self, detail: str) -> Fate:
        try:
            return Fate(self._control.ask("lost", detail=detail)["fate"])
        except BackendUnavailable:
            return Fate.LOST

    def close(self) -> None:
        self._control.close()
