"""Structured logs: one JSON object a line, with request and run ids, without secrets or what users wrote.

Our own lines carry named values that their authors chose. A traceback is kept as types and places, because messages
quote values; a library's line is kept as its template where its arguments may be a user's.
"""

import logging
import logging.config
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import structlog

type Line = dict[str, Any]

# Their arguments are URLs, paths, SQL or exceptions.
_TEMPLATE_ONLY = ("httpx", "httpcore", "django", "psycopg", "asyncio", "concurrent", "kombu", "redis", "urllib3")
# Our own line tells of each request once, by its route's pattern; theirs would tell its path and query.
_LIBRARIES: dict[str, dict[str, Any]] = {
    "django.request": {"level": "CRITICAL"},
    "uvicorn": {"handlers": [], "propagate": True},
    "uvicorn.access": {"handlers": [], "propagate": False, "level": "CRITICAL"},
    "httpx": {"level": "WARNING"},
    "celery.app.trace": {"level": "WARNING"},
    "celery.worker.strategy": {"level": "WARNING"},
}
_DEPTH = 5
_FRAMES = 30


def without_messages(logger: Any, method: str, line: Line) -> Line:
    """Replace exc_info by the exceptions' types and the places in the code: an exception's text may quote user data."""
    found = line.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        line["exception"] = list(_chain(error))
    return line


def _chain(error: BaseException | None) -> Iterator[dict[str, Any]]:
    for _ in range(_DEPTH):
        if error is None:
            return
        frames, trace = [], error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            frames.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_qualname}")
            trace = trace.tb_next
        yield {"type": f"{type(error).__module__}.{type(error).__qualname__}", "frames": frames[-_FRAMES:]}
        error = error.__cause__ or error.__context__


def quiet_libraries(logger: Any, method: str, line: Line) -> Line:
    """Keep a library's line as its template, and a task's as its name, id and time."""
    record, given = line.get("_record"), line.pop("positional_args", None)
    if not isinstance(record, logging.LogRecord) or line.get("_from_structlog"):
        return line
    if record.name == "celery.app.trace" and isinstance(given, Mapping):
        line["event"] = "task_" + ("failed" if record.levelno >= logging.ERROR else "seen")
        line |= {key: given[key] for key in ("name", "id", "runtime") if key in given}
    elif record.name.startswith(_TEMPLATE_ONLY):
        line["event"] = str(record.msg)
    return line


class Stderr(logging.StreamHandler[Any]):
    """To the standard error of the moment of writing, which tests and process managers exchange."""

    @property
    def stream(self) -> Any:
        """Where lines go."""
        return sys.stderr

    @stream.setter
    def stream(self, value: Any) -> None:
        """Keep nothing."""


def configure(options: Mapping[str, Any]) -> None:
    """Django's LOGGING_CONFIG: everything to stderr. `options` is {"level": …}."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "pass_foreign_args": True,
                    # Else the standard library appends its own traceback, with messages.
                    "keep_exc_info": False,
                    "processors": [
                        quiet_libraries,
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        without_messages,
                        structlog.processors.JSONRenderer(),
                    ],
                }
            },
            "handlers": {"stderr": {"()": Stderr, "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": options["level"]},
            "loggers": _LIBRARIES,
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
