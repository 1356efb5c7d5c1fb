"""Interrupts go to whoever holds the channel: each worker listens once, for all the sessions it holds.

The database keeps that an interrupt was asked for; the message through Redis only makes it prompt. When Redis is away
the listener reads the database instead.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from django.db import DatabaseError, connection

from gateways import events
from runs.models import Execution
from runs.states import ExecutionState
from sandbox_operator.protocol import Session

LOOK_SECONDS = 2.0
_log = structlog.get_logger(__name__)


class _Listener:
    """The sessions of this process, and the thread that passes interrupts on to them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[UUID, Session] = {}
        self._thread: threading.Thread | None = None

    def add(self, run_id: UUID, session: Session) -> None:
        with self._lock:
            self._sessions[run_id] = session
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._listen, name="interrupts", daemon=True)
                self._thread.start()

    def remove(self, run_id: UUID) -> None:
        with self._lock:
            self._sessions.pop(run_id, None)

    def _listen(self) -> None:
        while True:
            try:
                for run_id in events.interrupts(LOOK_SECONDS):
                    if run_id is None:
                        self._look()
                    else:
                        self._pass_on(run_id)
            except events.Away:
                time.sleep(LOOK_SECONDS)
                self._look()

    def _look(self) -> None:
        with self._lock:
            held = list(self._sessions)
        if not held:
            return
        try:
            asked = Execution.objects.filter(
                run_id__in=held, state=ExecutionState.RUNNING, interrupt_asked=True
            ).values_list("run_id", flat=True)
            for run_id in asked:
                self._pass_on(run_id)
        except DatabaseError as fault:
            _log.warning("interrupts_unread", fault=type(fault).__name__)
        finally:
            connection.close()

    def _pass_on(self, run_id: UUID) -> None:
        with self._lock:
            session = self._sessions.get(run_id)
        if session is None:
            return
        try:
            session.interrupt()
        except Exception as fault:
            # A channel that breaks just now is its execution's to find; the others still hear.
            _log.warning("interrupt_not_sent", run_id=str(run_id), fault=type(fault).__name__)


_listener = _Listener()


@contextmanager
def passed_to(run_id: UUID, session: Session) -> Iterator[None]:
    """While inside, interrupts of the run reach the session."""
    _listener.add(run_id, session)
    try:
        yield
    finally:
        _listener.remove(run_id)
