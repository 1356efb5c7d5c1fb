"""Hints that follow a commit: something is to be done, something changed. The sweep sends a lost one again."""

from uuid import UUID

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

from config.celery import app
from gateways import events
from runs.models import Execution, Run

_log = structlog.get_logger(__name__)


def _send(task: str, *arguments: str) -> None:
    try:
        app.send_task(f"runs.tasks.{task}", args=arguments, ignore_result=True, retry=False)
    except OperationalError as fault:
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
    run_id, state = run.id, {"state": str(run.state), "ended_code": run.ended_code}
    cell = None
    if execution is not None:
        cell = {"number": execution.number, "state": str(execution.state), "ended_code": execution.ended_code}

    def tell() -> None:
        if cell is not None:
            events.publish(run_id, "execution", cell)
        events.publish(run_id, "run", state)

    transaction.on_commit(tell)
