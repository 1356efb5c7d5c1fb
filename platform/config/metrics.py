"""What Prometheus may count."""

from prometheus_client import Histogram

_REQUESTS = Histogram(
    "bailiwick_http_request_seconds",
    "Time to answer a request.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
)
_DECISIONS = Histogram(
    "bailiwick_policy_decision_seconds",
    "Time that the policy engine took, by decision point and outcome.",
    ["point", "outcome"],
    buckets=(0.0005, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1),
)


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    _REQUESTS.labels(method, route, str(status)).observe(seconds)


def observe_decision(point: str, outcome: str, seconds: float) -> None:
    """Count one policy decision."""
    _DECISIONS.labels(point, outcome).observe(seconds)
