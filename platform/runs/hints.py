"""Hints that follow a commit: something is to be done, something changed. The sweep sends a lost one again.

What was committed stands, so a queue that is away is no error here; nor is it waited for a second time at once.
"""

from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError
from redis import RedisError

from config.celery import app
from gateways import events
from gateways.absence import Absence
from runs.models import Execution, Run

_log = structlog.get_logger(__name__)
_absence = Absence(seconds=2.0)


def _send(task: str, *arguments: str) -> None:
    if _absence.lasts:
        return
    try:
        app.send_task(f"runs.tasks.{task}", args=arguments, ignore_result=True, retry=False)
    except (OperationalError, RedisError, OSError) as fault:
        _absence.note()
        _log.warning("hint_lost", task=task, fault=type(fault).__name__)


def start_next() -> None:
    """A run waits for a sandbox, or a sandbox became free."""
    _send("start_next")


def execute_next(run_id: UUID) -> None:
    """A ready run has code that waits."""
    _send("execute_next", str(run_id))


def stop_sandbox(handle: str) -> None:
    """A sandbox's run has ended."""
    _send("stop_sandbox", handle)


def announce(run: Run, execution: Execution | None = None) -> None:
    """Tell watchers, once the transaction commits, where a run and perhaps one of its executions stand."""
    run_id = run.id
    happened: list[tuple[str, dict[str, Any]]] = []
    if execution is not None:
        cell = {"number": execution.number, "state": str(execution.state), "ended_code": execution.ended_code}
        happened.append(("execution", cell))
    happened.append(("run", {"state": str(run.state), "ended_code": run.ended_code}))
    transaction.on_commit(lambda: events.publish(run_id, *happened))
