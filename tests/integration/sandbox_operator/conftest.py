"""One daemon for the tests that leave it whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from sandbox_operator.protocol import Backend, Claim, Done, ExecuteRequest, OutputEvent, Session
from sandbox_operator.spec import DEFAULT_LIMITS, SandboxSpec
from tests.integration.sandbox_operator.daemons import Daemon, digest


@dataclass
class Opened:
    """A claimed sandbox with its session."""

    backend: Backend
    claim: Claim
    session: Session

    def run(self, code: str, language: str = "python", **changes: Any) -> tuple[list[dict[str, Any]], Done]:
        """The outputs and the end of one cell."""
        request = ExecuteRequest(
            1, language, code, wall_seconds=30, output_bytes=1 << 20, output_artifact_bytes=8 << 20
        )
        *outputs, done = list(self.session.execute(replace(request, **changes)))
        assert isinstance(done, Done)
        return [event.output for event in outputs if isinstance(event, OutputEvent)], done

    def text(self, code: str, language: str = "python", **changes: Any) -> str:
        """What one cell wrote to its standard output; fails when it failed."""
        outputs, done = self.run(code, language, **changes)
        assert done.status == "ok", outputs
        return "".join(output["text"] for output in outputs if output.get("name") == "stdout")


def make_spec(*, life: float = 300, **limits: Any) -> SandboxSpec:
    return SandboxSpec(uuid4(), "python", digest(), replace(DEFAULT_LIMITS, **limits), expires_at=time.time() + life)


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    home = tmp_path_factory.mktemp("daemon")
    packages = home / "packages"
    packages.mkdir()
    daemon = Daemon(home, warm=2, max=10, arguments=("--packages-dir", str(packages)))
    try:
        yield daemon.start()
    finally:
        daemon.stop()


@pytest.fixture
def own_daemon(tmp_path: Path) -> Iterator[Daemon]:
    """A daemon that the test may kill."""
    daemon = Daemon(tmp_path)
    try:
        yield daemon
    finally:
        daemon.stop()


@pytest.fixture(scope="session")
def backend(daemon: Daemon) -> Backend:
    """What is tested here. The cluster's tests run the contract on another: tests/cluster."""
    return daemon.backend


@pytest.fixture(scope="session")
def lag() -> float:
    """Seconds that a figure of memory or processor time may lie back."""
    return 0.0


@pytest.fixture(scope="session")
def disk_lag() -> float:
    """Seconds that a figure of the disk may lie back."""
    return 0.0


@pytest.fixture
def opened(backend: Backend) -> Iterator[Callable[..., Opened]]:
    """Claims a sandbox with the limits given and opens it; whatever a test opened is destroyed after it."""
    made: list[Opened] = []

    def make(*, life: float = 300, **limits: Any) -> Opened:
        claim = backend.claim(make_spec(life=life, **limits), timeout=30)
        made.append(Opened(backend, claim, backend.open(claim.handle, epoch=1)))
        return made[-1]

    yield make
    for one in made:
        one.session.close()
        backend.destroy(one.claim.handle)


@pytest.fixture(scope="module")
def shared(backend: Backend) -> Iterator[Opened]:
    """One sandbox for the tests of a module that leave it as they found it."""
    claim = backend.claim(make_spec(), timeout=30)
    session = backend.open(claim.handle, epoch=1)
    yield Opened(backend, claim, session)
    session.close()
    backend.destroy(claim.handle)
