"""Prometheus's page: what the processes counted (config.metrics), and what the database, Redis or a pool knows."""

import hmac
import ipaddress
from collections.abc import Callable, Iterator, Mapping

import structlog
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from config.environment import settings

logger = structlog.get_logger("metrics")

type Reading = Mapping[tuple[str, ...], float]
_readings: dict[str, tuple[str, tuple[str, ...], Callable[[], Reading]]] = {}


def read_at_scrape(name: str, documentation: str, labels: tuple[str, ...], read: Callable[[], Reading]) -> None:
    """Have a gauge read when Prometheus asks, for state that the database or Redis holds. For `AppConfig.ready`."""
    _readings[name] = (documentation, labels, read)


class _AtScrape(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (documentation, labels, read) in list(_readings.items()):
            family = GaugeMetricFamily(name, documentation, labels=labels)
            try:
                for values, number in read().items():
                    family.add_metric(values, number)
            except Exception as error:
                # One part that is down must not hide the figures of the others.
                logger.warning("gauge_not_read", gauge=name, kind=type(error).__name__)
                continue
            yield family


def pool() -> Reading:
    """Connections of this process to the database, by pool and state."""
    found: dict[tuple[str, ...], float] = {}
    for alias in ("default", "reader"):
        if (stats := getattr(connections[alias], "pool", None)) is not None:
            figures = stats.get_stats()
            for state in ("pool_size", "pool_available", "requests_waiting"):
                found[alias, state] = figures.get(state, 0)
    return found


def queue() -> Reading:
    """Messages that wait, by queue."""
    from config import celery, heartbeats

    prefix = celery.app.conf.broker_transport_options["global_keyprefix"]
    return {(name,): heartbeats.client().llen(f"{prefix}{name}") for name in (celery.CONTROL, celery.EXECUTIONS)}


def runs() -> Reading:
    """Live runs, by state."""
    from runs.queries import runs_by_state

    return {(state,): count for state, count in runs_by_state().items()}


def log() -> Reading:
    """How far the log's sequencer is behind, since when it is silent, what it refuses to sign, how witnesses stand."""
    from audit.standing import standing

    found = standing()
    figures = {
        "lag_seconds": found.lag_seconds,
        "silent_seconds": found.seen_seconds,
        "refused": len(found.refusals),
        "witnesses_refusing": found.witnesses_refusing,
        "witness_silent_seconds": found.witness_silent_seconds,
    }
    return {(name,): number for name, number in figures.items()}


read_at_scrape("bailiwick_log", "Standing of the log's sequencer, by figure.", ("figure",), log)
read_at_scrape("bailiwick_runs", "Runs that are not at their end.", ("state",), runs)
read_at_scrape("bailiwick_database_pool", "Database connections of the web process.", ("pool", "state"), pool)
read_at_scrape("bailiwick_queue_messages", "Tasks that wait for a worker.", ("queue",), queue)


def _may_scrape(request: HttpRequest) -> bool:
    token = settings().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token is not None and hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
        return True
    # A proxy on this machine makes the whole world look like loopback.
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus's page: for this machine, or for who has BAILIWICK_METRICS_TOKEN; for others it does not exist."""
    if not _may_scrape(request):
        from doors.problems import not_found

        return not_found(request)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_AtScrape())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
