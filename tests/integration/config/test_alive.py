"""What a liveness probe is told of worker and beat."""

import socket
import uuid

import pytest
from pydantic import SecretStr

from config import alive, heartbeats
from config.environment import settings

pytestmark = pytest.mark.usefixtures("redis_server")


def test_who_showed_itself_lately_is_alive_and_nobody_else() -> None:
    host = f"pod-{uuid.uuid4().hex[:8]}"
    key = f"{heartbeats.WORKER}{host}:1"
    assert not alive.alive(heartbeats.WORKER, host)
    heartbeats.client().set(key, "0", ex=heartbeats.FRESH_FOR)
    try:
        assert alive.alive(heartbeats.WORKER, host)
        assert not alive.alive(heartbeats.WORKER, host[:-1])
        assert not alive.alive(heartbeats.BEAT, host)
    finally:
        heartbeats.client().delete(key)


def test_while_redis_is_away_nobody_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = SecretStr(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        away = settings().model_copy(update={"redis_url": url})
        monkeypatch.setattr(alive, "settings", lambda: away)
        assert alive.alive(heartbeats.WORKER, "pod")
