"""The one sandbox backend of this process, chosen by a setting; nobody else asks which it is."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

import redis
import structlog

from config import heartbeats
from config.environment import settings
from sandbox_operator.client import LocalBackend
from sandbox_operator.errors import BackendUnavailable
from sandbox_operator.protocol import Backend, BackendHealth

# In a cluster only workers hold credentials. What one found is here for the others; beat sends one to look.
NOTED = "bailiwick:sandboxes"
NOTED_SECONDS = 30
log = structlog.get_logger(__name__)


def backend() -> Backend:
    """Raises BackendUnavailable where this process may not speak to it."""
    chosen = settings()
    if chosen.sandbox_backend == "kubernetes":
        return _cluster(chosen.sandbox_namespace, chosen.sandbox_kubeconfig)
    assert chosen.sandbox_socket is not None
    return _daemon(chosen.sandbox_socket)


@cache
def _daemon(socket: Path) -> Backend:
    return LocalBackend(socket)


@cache
def _cluster(namespace: str, kubeconfig: Path | None) -> Backend:
    # Here, because the client's modules take a while to load, and only such a process has a use for them.
    from sandbox_operator.kubernetes.backend import KubernetesBackend

    return KubernetesBackend(namespace, kubeconfig)


def health() -> BackendHealth:
    """The pool as it is, or, where this process may not ask, as a worker found it lately. Never raises."""
    try:
        found = backend().health()
    except BackendUnavailable as error:
        return _noted() or BackendHealth(False, 0, 0, 0, 0, (), (), {}, str(error))
    if settings().sandbox_backend == "kubernetes":
        _note(found)
    return found


def _note(found: BackendHealth) -> None:
    try:
        heartbeats.client().set(NOTED, json.dumps(asdict(found)), ex=NOTED_SECONDS)
    except redis.RedisError:
        log.warning("pool_not_noted")


def _noted() -> BackendHealth | None:
    try:
        text = heartbeats.client().get(NOTED)
    except redis.RedisError:
        return None
    if text is None:
        return None
    told = json.loads(text)
    lists = {name: tuple(told[name]) for name in ("enforced", "not_enforced")}
    return BackendHealth(**(told | lists))
