"""The queue's promises, read from its own configuration, and signs of life through a real broker."""

from typing import Any

import pytest
from django.conf import settings

from config import broker, celery, tasklogs
from config.celery import app


def test_a_message_is_acknowledged_before_it_runs_and_never_holds_a_result() -> None:
    wanted = {
        "task_acks_late": False,
        "result_backend": None,
        "task_ignore_result": True,
        "worker_prefetch_multiplier": 1,
    }
    assert {name: app.conf[name] for name in wanted} == wanted


@pytest.mark.usefixtures("redis_server")
def test_a_channel_keeps_its_client_and_makes_another_for_another_pool() -> None:
    """Taken out: the comparison of pools; the client of a pool that was thrown away was then used on."""
    with app.connection_for_write() as connection:
        channel: Any = connection.default_channel
        assert type(channel) is broker.Channel
        with channel.conn_or_acquire() as first, channel.conn_or_acquire() as second:
            assert first is second
        channel._disconnect_pools()  # type: ignore[attr-defined]
        with channel.conn_or_acquire() as third:
            assert third is not first
            assert third.ping()


def test_only_json_is_taken() -> None:
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"


def test_user_code_has_a_queue_of_its_own() -> None:
    routed = {name: app.amqp.router.route({}, name)["queue"].name for name in ("runs.tasks.execute", celery.SWEEP)}
    assert routed == {"runs.tasks.execute": "executions", celery.SWEEP: "control"}


def test_what_beat_sends_is_a_task() -> None:
    app.loader.import_default_modules()
    names = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert names <= set(app.tasks)
    assert app.conf.beat_schedule["sweep"]["schedule"] == 2.0


def test_a_lost_broker_does_not_hold_up_a_request() -> None:
    policy = app.conf.task_publish_retry_policy
    assert policy["max_retries"] * policy["interval_max"] < 1
    assert app.conf.broker_connection_timeout <= 2


def test_the_request_id_goes_along_with_the_task() -> None:
    import structlog

    headers: dict[str, str] = {}
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        tasklogs._send_along(headers=headers)
    assert headers == {"bailiwick_request_id": "r-1"}


@pytest.mark.parametrize("alias", ["default", "reader"])
def test_connections_come_from_a_pool_and_are_checked(alias: str) -> None:
    chosen = settings.DATABASES[alias]
    assert chosen["OPTIONS"]["pool"]
    assert chosen["CONN_HEALTH_CHECKS"] is True
