"""Health and metrics: each part alone, its fault seen, nothing told that a stranger could use."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from config import health, heartbeats, metrics
from config.health import PARTS, Unwell, ask
from gateways import sandboxes
from sandbox_operator.errors import BackendUnavailable
from sandbox_operator.protocol import BackendHealth
from tests.configured import configured
from tests.people import make_person

in_database = pytest.mark.django_db(transaction=True, databases="__all__")

SECRET = "postgres://bailiwick_app:hunter2@db"


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Callable[[], dict[str, Any]]]]:
    """Parts that all work, for a test to break one."""
    every: dict[str, Callable[[], dict[str, Any]]] = dict.fromkeys(PARTS, dict)
    monkeypatch.setattr(health, "PARTS", every)
    monkeypatch.setattr(health, "_reporter", health._Reporter())
    yield every


def ready() -> tuple[int, dict[str, Any]]:
    answer = APIClient().get("/readyz")
    return answer.status_code, answer.json()


def test_alive_needs_no_part_and_no_token() -> None:
    answer = APIClient().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert APIClient().post("/healthz").status_code == 405


def test_ready_when_every_part_is(sound: dict[str, Any]) -> None:
    sound["sandboxes"] = lambda: {"not_enforced": ["memory_bytes"]}
    status, body = ready()
    assert (status, body["status"]) == (200, "ready")
    assert set(body["parts"]) == {"postgres", "redis", "opa", "sandboxes", "blobs", "audit", "worker", "beat"}
    assert all(part["ok"] and part["latency_ms"] >= 0 for part in body["parts"].values())
    assert body["parts"]["sandboxes"]["not_enforced"] == ["memory_bytes"]


@pytest.mark.parametrize("name", sorted(PARTS))
def test_one_part_down_is_not_ready_and_named(sound: dict[str, Any], name: str) -> None:
    def down() -> dict[str, Any]:
        raise ConnectionError(SECRET)

    sound[name] = down
    status, body = ready()
    assert (status, body["status"]) == (503, "not_ready")
    assert [part for part, told in body["parts"].items() if not told["ok"]] == [name]
    assert "hunter2" not in json.dumps(body)


def test_a_part_that_hangs_holds_up_nobody(sound: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.2)

    def hang() -> dict[str, Any]:
        time.sleep(1)
        return {}

    sound["opa"] = hang
    started = time.monotonic()
    status, body = ready()
    assert time.monotonic() - started < 0.9
    assert status == 503
    assert body["parts"]["opa"]["message"] == "No answer within 0 seconds."
    assert body["parts"]["postgres"]["ok"]


def test_the_parts_are_asked_once_a_second_however_many_ask(sound: dict[str, Any]) -> None:
    asked: list[int] = []

    def count() -> dict[str, Any]:
        asked.append(1)
        return {}

    sound["redis"] = count
    for _ in range(5):
        ready()
    assert len(asked) == 1


def test_a_kind_is_logged_and_a_text_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> dict[str, Any]:
        raise ConnectionError(SECRET)

    part = ask("opa", broken)
    assert (part.ok, part.message, part.detail) == (False, "Does not answer.", {})
    logged = capsys.readouterr().err
    assert "ConnectionError" in logged
    assert "hunter2" not in logged


@in_database
def test_postgres_and_blobs_are_really_asked() -> None:
    assert ask("postgres", health.postgres).ok
    assert ask("blobs", health.blobs).detail["free_bytes"] > 0
    with configured(blob_min_free_bytes=str(2**60)):
        part = ask("blobs", health.blobs)
        assert not part.ok
        assert "BAILIWICK_BLOB_MIN_FREE_BYTES" in part.message


def test_parts_that_are_not_there_are_unwell() -> None:
    with configured(sandbox_socket="/nonexistent/sandboxd.sock"):
        assert not ask("sandboxes", health.sandboxes).ok


@pytest.mark.usefixtures("redis_server")
def test_where_only_workers_hold_credentials_the_others_hear_what_one_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken out: the note in sandboxes.health. The pool is then unwell for everybody but the workers."""
    found = BackendHealth(True, 3, 1, 2, 6, ("memory_bytes",), (), {"kubernetes": "v1"})

    class Pool:
        def health(self) -> BackendHealth:
            return found

    heartbeats.client().delete(sandboxes.NOTED)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with configured(sandbox_backend="kubernetes"):
        assert not ask("sandboxes", health.sandboxes).ok
        with pytest.raises(BackendUnavailable):
            sandboxes.backend()
        with monkeypatch.context() as worker:
            worker.setattr(sandboxes, "backend", Pool)
            assert sandboxes.health() == found
        assert sandboxes.health() == found
        part = ask("sandboxes", health.sandboxes)
        assert (part.ok, part.detail["warm"], part.version) == (True, 3, "v1")
    assert 0 < int(heartbeats.client().ttl(sandboxes.NOTED)) <= sandboxes.NOTED_SECONDS


@pytest.mark.usefixtures("redis_server")
def test_a_worker_and_beat_are_known_by_their_signs() -> None:
    client = heartbeats.client()
    for key in client.scan_iter("bailiwick:alive:*"):
        client.delete(key)
    assert ask("redis", health.redis_answers).ok
    for check in (health.worker, health.beat):
        with pytest.raises(Unwell):
            check()
    heartbeats._worker_lives()
    heartbeats._beat_lives()
    assert health.worker()["processes"] == 1
    assert health.beat()["age_seconds"] < 5
    assert 0 < int(client.ttl(next(client.scan_iter(f"{heartbeats.WORKER}*")))) <= heartbeats.FRESH_FOR


@pytest.mark.usefixtures("opa_server")
def test_opa_is_asked_for_its_data() -> None:
    assert ask("opa", health.opa).detail["revision"].startswith("sha256:")


def scrape(**extra: Any) -> Any:
    return APIClient().get("/metrics", **extra)


@in_database
def test_metrics_are_for_this_machine_or_for_a_token() -> None:
    assert scrape(REMOTE_ADDR="127.0.0.1").status_code == 200
    assert scrape(REMOTE_ADDR="::1").status_code == 200
    assert scrape(REMOTE_ADDR="203.0.113.7").status_code == 404
    assert scrape(REMOTE_ADDR="").status_code == 404
    # Behind a proxy on this machine everybody's address is loopback.
    assert scrape(REMOTE_ADDR="127.0.0.1", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 404
    assert scrape(REMOTE_ADDR="127.0.0.1", headers={"Forwarded": "for=203.0.113.7"}).status_code == 404
    bearer = {"Authorization": "Bearer scrape-token"}
    assert scrape(REMOTE_ADDR="203.0.113.7", headers=bearer).status_code == 404
    with configured(metrics_token="scrape-token"):
        assert scrape(REMOTE_ADDR="203.0.113.7", headers=bearer).status_code == 200
        assert scrape(REMOTE_ADDR="203.0.113.7", headers={"Authorization": "Bearer wrong"}).status_code == 404
        assert scrape(REMOTE_ADDR="203.0.113.7").status_code == 404


@in_database
@pytest.mark.usefixtures("redis_server")
def test_metrics_count_requests_decisions_problems_runs_queue_and_pool() -> None:
    make_person().client().get("/api/v1/projects")
    APIClient().get("/api/v1/projects")
    APIClient().get("/api/v1/a-secret-name")
    metrics.observe_decision("run", "allow", 0.001)
    text = scrape().content.decode()
    for line in (
        'bailiwick_http_request_seconds_count{method="GET",route="api/v1/projects",status="200"}',
        'bailiwick_http_request_seconds_count{method="GET",route="unknown",status="404"}',
        'bailiwick_policy_decision_seconds_count{outcome="allow",point="run"}',
        'bailiwick_problems_total{code="token_missing",status="401"}',
        'bailiwick_runs{state="queued"}',
        'bailiwick_queue_messages{queue="executions"}',
        'bailiwick_database_pool{pool="default",state="pool_size"}',
    ):
        assert line in text
    assert "a-secret-name" not in text


@in_database
def test_a_gauge_that_cannot_be_read_hides_no_other() -> None:
    heartbeats.client().close()
    heartbeats.client.cache_clear()
    with configured(redis_url="redis://127.0.0.1:1/0"):
        text = scrape().content.decode()
    heartbeats.client.cache_clear()
    assert "bailiwick_queue_messages{" not in text
    assert "bailiwick_runs{" in text
