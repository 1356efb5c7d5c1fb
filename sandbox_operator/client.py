"""LocalBackend: the worker's side of the local sandbox daemon."""

from __future__ import annotations

from pathlib import Path

from sandbox_operator.protocol import BackendHealth, Claim, Ending, Fate, SandboxStatus, Session, Usage
from sandbox_operator.spec import Handle, SandboxSpec


class LocalBackend:
    """Speaks to `python -m sandbox_operator.daemon` over its Unix socket."""

    def __init__(self, socket_path: Path | str) -> None:
        self.socket_path = Path(socket_path)

    def claim(self, spec: SandboxSpec, *, timeout: float) -> Claim:
        raise NotImplementedError

    def open(self, handle: Handle, *, epoch: int) -> Session:
        raise NotImplementedError

    def destroy(self, handle: Handle) -> Ending:
        raise NotImplementedError

    def fate(self, handle: Handle) -> Fate:
        raise NotImplementedError

    def usage(self, handle: Handle) -> Usage:
        raise NotImplementedError

    def sandboxes(self) -> list[SandboxStatus]:
        raise NotImplementedError

    def health(self) -> BackendHealth:
        raise NotImplementedError
