"""LocalBackend: the worker's side of the local sandbox daemon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sandbox_operator.errors import BackendUnavailable
from sandbox_operator.local import wire
from sandbox_operator.local.control import Control
from sandbox_operator.local.holder import LocalHolder
from sandbox_operator.protocol import BackendHealth, Claim, Ending, Fate, SandboxStatus, Session, Usage
from sandbox_operator.session import ChannelSession
from sandbox_operator.spec import Handle, SandboxSpec


class LocalBackend:
    """Speaks to `python -m sandbox_operator.daemon` over its Unix socket. Thread-safe; holds no connection open."""

    def __init__(self, socket_path: Path | str) -> None:
        self.socket_path = Path(socket_path)

    def claim(self, spec: SandboxSpec, *, timeout: float) -> Claim:
        answer = self._ask("claim", wait=timeout + 5.0, spec=wire.pack_spec(spec), timeout=timeout)
        return wire.unpack_claim(answer)

    def open(self, handle: Handle, *, epoch: int) -> Session:
        control = Control(self.socket_path)
        try:
            channel, limits = control.open(str(handle), epoch)
        except BaseException:
            control.close()
            raise
        return ChannelSession.start(channel, LocalHolder(control), limits)

    def destroy(self, handle: Handle) -> Ending:
        answer = self._ask("destroy", handle=str(handle))
        return Ending(answer["existed"], None if answer["cause"] is None else Fate(answer["cause"]))

    def fate(self, handle: Handle) -> Fate:
        return Fate(self._ask("fate", handle=str(handle))["fate"])

    def usage(self, handle: Handle) -> Usage:
        return wire.unpack_usage(self._ask("usage", wait=3.0, handle=str(handle)))

    def sandboxes(self) -> list[SandboxStatus]:
        return [wire.unpack_status(value) for value in self._ask("sandboxes")]

    def health(self) -> BackendHealth:
        try:
            return wire.unpack_health(self._ask("health", wait=3.0))
        except BackendUnavailable as error:
            return BackendHealth(False, 0, 0, 0, 0, (), (), {}, str(error))

    def _ask(self, op: str, *, wait: float = 15.0, **fields: Any) -> Any:
        control = Control(self.socket_path)
        try:
            return control.ask(op, wait=wait, **fields)
        finally:
            control.close()
