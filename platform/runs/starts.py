"""A worker that makes a sandbox ready says so while it lives; a start that falls silent is somebody else's to make."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import DatabaseError, connection

from runs import actions
from runs.models import Run

SIGN_SECONDS = 5.0
# Packages may take minutes. A start that takes longer than this hangs.
LONGEST_SECONDS = 300.0
_log = structlog.get_logger(__name__)


@contextmanager
def alive(run: Run) -> Iterator[None]:
    """While inside, and for so long as any start may take, the run's deadline moves on."""
    over = threading.Event()
    threading.Thread(target=_say_so, args=(run, over), name="start", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _say_so(run: Run, over: threading.Event) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    while not over.wait(SIGN_SECONDS) and time.monotonic() < until:
        try:
            if not actions.prolong_start(run):
                return
        except DatabaseError as fault:
            _log.warning("start_not_prolonged", run_id=str(run.id), fault=type(fault).__name__)
        finally:
            connection.close()
