"""The local platform on pods for a module's tests, and what must hold on it after every fault."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from psycopg.rows import dict_row

from sandbox_operator.errors import BackendUnavailable
from sandbox_operator.kubernetes import names
from tests.cluster.local import OnPods, kept_pods
from tests.cluster.node import Cluster
from tests.cluster.policies import until
from tests.environment import PREFIX
from tests.integration.faults.aftermath import stuck, untrue
from tests.integration.faults.watching import Watching
from tools.launch import postgres
from tools.launch.state import DATABASE, State

SETTLED_WITHIN = 120.0
# A ReplicaSet that missed an event while the API server was away expects it for five minutes (client-go's
# ExpectationsTimeout), and makes no pod before.
EXPECTED_WITHIN = 400.0
LIVE = ("requested", "awaiting_approval", "queued", "starting", "ready", "executing")


@contextmanager
def on_pods(
    cluster: Cluster, image: str, *, floor: int, ceiling: int, maximum: int, settings: dict[str, str]
) -> Iterator[OnPods]:
    """The platform with the demo's people, at least one sandbox warm; `settings` are BAILIWICK_…, without that."""
    state = State.prepare(Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-pods-")))
    state.choose_ports({})
    with (
        pytest.MonkeyPatch.context() as patch,
        kept_pods(cluster, image, state.var, floor=floor, ceiling=ceiling, maximum=maximum) as pods,
    ):
        for name, value in settings.items():
            patch.setenv(f"BAILIWICK_{name}", value)
        stack = OnPods(state, pods)
        try:
            stack.start("postgres")
            postgres.create_roles(state)
            pods.wait_warm(1)
            yield stack.up()
        finally:
            stack.close()
            shutil.rmtree(state.var, ignore_errors=True)


def nothing_wrong(stack: OnPods, *, idle: bool = False, within: float = SETTLED_WITHIN) -> None:
    """Wait until nothing is wrong, or fail with all that is. `idle`: no run lives, so no pod may serve one."""
    deadline = time.monotonic() + within
    while found := sorted(complaints(stack, idle=idle)):
        assert time.monotonic() < deadline, "still so:\n" + "\n".join(found)
        time.sleep(0.5)


def complaints(stack: OnPods, *, idle: bool = False) -> Iterator[str]:
    """Everything that must not be, a sentence each: by the API server's word and the database's."""
    runs = rows(stack, "SELECT id::text, state, handle, deadline_at < now() AS late FROM runs_run")
    live = {run["id"]: run for run in runs if run["state"] in LIVE}
    try:
        listed = {one.handle.sandbox: one for one in stack.pods.backend().sandboxes()}
    except BackendUnavailable as error:
        yield f"nobody can say which pods there are: {error}"
        return
    yield from stuck(live, listed)
    serving: Counter[str] = Counter()
    for pod in stack.pods.items():
        run = pod["metadata"]["labels"].get(names.RUN)
        if run and run not in live:
            yield f"pod {pod['metadata']['name']} ({pod['status']['phase']}) serves run {run}, which is over"
        if run:
            serving[run] += 1
    yield from (f"run {run} has {many} pods" for run, many in serving.items() if many > 1)
    yield from untrue(stack.state)
    handles = Counter(run["handle"] for run in runs if run["handle"])
    yield from (f"sandbox {handle} served {many} runs" for handle, many in handles.items() if many > 1)
    yield from (f"journalled and not appended: {path.name}" for path in (stack.state.var / "journal").glob("*"))
    if idle:
        yield from (f"run {run_id} is still {run['state']}" for run_id, run in live.items())


def rows(stack: OnPods, query: str, *values: Any) -> list[dict[str, Any]]:
    """The rows of a query, asked as the superuser."""
    with postgres.connect(stack.state, DATABASE) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        found: list[dict[str, Any]] = cursor.execute(query, values).fetchall()
        return found


def all_ended(stack: OnPods) -> None:
    """Cancel what lives, and wait until nothing of any run is left."""
    with Watching(stack) as work:
        for run_id in work.live():
            work.cancel(run_id)
    nothing_wrong(stack, idle=True)


def everything_up(stack: OnPods) -> None:
    """Start again whatever a test has killed: parts of the cluster, the operator, the platform."""
    stack.pods.cluster.up()
    operator = stack.pods.operator
    if operator.process is None or operator.process.poll() is not None:
        operator.start()
    until(lambda: stack.pods.warm() >= 1, EXPECTED_WITHIN)
    stack.up()
