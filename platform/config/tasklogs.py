"""A task's log lines carry the id of the request that asked for it, and its run's."""

import uuid
from typing import Any

import structlog
from celery import signals

_HEADER = "bailiwick_request_id"


def connect() -> None:
    """Hand the request's id to tasks that it causes, and take it up where they run."""
    signals.before_task_publish.connect(_send_along, weak=False)
    signals.task_prerun.connect(_take_up, weak=False)
    signals.task_postrun.connect(_forget, weak=False)


def _send_along(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if headers is not None and request_id:
        headers[_HEADER] = request_id


def _take_up(task_id: str = "", task: Any = None, args: Any = (), **kwargs: Any) -> None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id)
    if request_id := getattr(task.request, _HEADER, None):
        structlog.contextvars.bind_contextvars(request_id=request_id)
    if task.name.startswith("runs.") and args and (run_id := _uuid(args[0])):
        structlog.contextvars.bind_contextvars(run_id=run_id)


def _uuid(value: object) -> str | None:
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        return None


def _forget(**kwargs: Any) -> None:
    structlog.contextvars.clear_contextvars()
