"""A worker that moves a run on says so while it lives: what falls silent is somebody else's to move on, in seconds."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import DatabaseError, connection

from runs import actions
from runs.models import Run

SIGN_SECONDS = 5.0
_log = structlog.get_logger(__name__)


@contextmanager
def alive(run: Run, *, longest: float) -> Iterator[None]:
    """While inside, but for no more than so many seconds, the deadline of the run's state moves on."""
    over = threading.Event()
    threading.Thread(target=_say_so, args=(run, longest, over), name="sign", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _say_so(run: Run, longest: float, over: threading.Event) -> None:
    until = time.monotonic() + longest
    while not over.wait(SIGN_SECONDS) and time.monotonic() < until:
        try:
            if not actions.prolong(run):
                return
        except DatabaseError as fault:
            _log.warning("sign_not_given", run_id=str(run.id), fault=type(fault).__name__)
        finally:
            connection.close()
