"""What a liveness probe is told of worker and beat."""

import socket
import time
import uuid
from pathlib import Path

import pytest
import redis
from celery import signals
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


def test_a_process_touches_its_file_when_it_starts_and_with_every_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While Redis is away, too: who starts then has started."""
    sign = tmp_path / "alive"
    monkeypatch.setattr(heartbeats, "settings", lambda: settings().model_copy(update={"sign_of_life": sign}))
    monkeypatch.setattr(heartbeats, "client", refused)
    heartbeats.connect()
    signals.worker_init.send(sender=None)
    assert sign.exists()
    before = sign.stat().st_mtime_ns
    time.sleep(0.01)
    signals.heartbeat_sent.send(sender=None)
    assert sign.stat().st_mtime_ns > before


def refused() -> redis.Redis:
    raise redis.ConnectionError("away")


def test_while_redis_is_away_nobody_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = SecretStr(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        away = settings().model_copy(update={"redis_url": url})
        monkeypatch.setattr(alive, "settings", lambda: away)
        assert alive.alive(heartbeats.WORKER, "pod")
