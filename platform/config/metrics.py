"""What Prometheus may count. Web and workers count into one directory of files; config.scrape adds them up.

Labels hold words of ours only (route patterns, states, points), never a name that a person chose.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from prometheus_client import Counter, Histogram

from audit.signals import appended

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
_GOVERNANCE = Histogram(
    "bailiwick_governance_seconds",
    "Time that governing took, by part: identity (who asks), policy (the engine's answer), record (of a decision), "
    "audit (an entry of the log), queue (from an execution's record until a worker takes it on).",
    ["part"],
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 1, 10),
)
_PROBLEMS = Counter("bailiwick_problems_total", "Problems rendered, by code.", ["code", "status"])
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


GovernancePart = Literal["identity", "policy", "record", "audit", "queue"]


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    _REQUESTS.labels(method if method in _METHODS else "other", route, str(status)).observe(seconds)


def observe_decision(point: str, outcome: str, seconds: float) -> None:
    """Count one policy decision."""
    _DECISIONS.labels(point, outcome).observe(seconds)
    observe_governance("policy", seconds)


def observe_governance(part: GovernancePart, seconds: float) -> None:
    """Count the time of one step of governing."""
    _GOVERNANCE.labels(part).observe(seconds)


@contextmanager
def governing(part: GovernancePart) -> Iterator[None]:
    """Count the time spent inside, whatever comes of it."""
    begun = time.perf_counter()
    try:
        yield
    finally:
        observe_governance(part, time.perf_counter() - begun)


def _appended(*, seconds: float, **_: object) -> None:
    observe_governance("audit", seconds)


appended.connect(_appended, dispatch_uid="metrics")


def observe_problem(code: str, status: int) -> None:
    """Count one problem."""
    _PROBLEMS.labels(code, str(status)).inc()
