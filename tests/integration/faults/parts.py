"""Hands on the parts behind the platform's back: its Redis, its queue, and its actions by many at once."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from celery import Celery

from tests.stack import Stack
from tools.launch import postgres
from tools.launch.state import DATABASE, PYTHON, ROOT

_RIGHT = "INSERT (id, tenant, event, subject, header) ON audit_entry"


def redis_of(stack: Stack) -> "redis.Redis":
    """A client of its Redis."""
    return redis.Redis(port=stack.state.ports.redis, password=stack.state.secret("redis"), decode_responses=True)


def flush(stack: Stack) -> None:
    """Make Redis forget everything."""
    with redis_of(stack) as client:
        client.flushall()


@contextmanager
def queue_of(stack: Stack) -> Iterator[Celery]:
    """Its queue, for tasks that only a fault would send, or that nobody wants to wait an hour for."""
    url = f"redis://:{stack.state.secret('redis')}@127.0.0.1:{stack.state.ports.redis}/0"
    with Celery(broker=url, set_as_current=False) as app:
        app.conf.broker_transport_options = {"global_keyprefix": "bailiwick:queue:"}
        yield app


def hint(app: Celery, task: str, *arguments: str) -> None:
    """Send a task of the runs room, as often as one likes."""
    queue = "executions" if task.startswith("execute") else "control"
    app.send_task(f"runs.tasks.{task}", args=arguments, queue=queue, ignore_result=True)


def winners(stack: Stack, action: str, subject: str, rivals: int = 8) -> int:
    """How many of so many rivals, all at once on the stack's database, an action lets win."""
    return int(json.loads(inside(stack, "rivals", action, subject, str(rivals))))


def inside(stack: Stack, module: str, *words: str) -> bytes:
    """What a module beside this one prints, run as a process of the stack's platform."""
    done = subprocess.run(
        [str(PYTHON), "-m", f"tests.integration.faults.{module}", *words],
        env={**os.environ, **stack.state.environment()},
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
    )
    return done.stdout


@contextmanager
def refusing(stack: Stack) -> Iterator[None]:
    """Take the right to append away from the application, as only the table's owner can."""
    with postgres.connect(stack.state, DATABASE, role="bailiwick_owner") as owner:
        owner.execute(f"REVOKE {_RIGHT} FROM bailiwick_app")
        try:
            yield
        finally:
            owner.execute(f"GRANT {_RIGHT} TO bailiwick_app")


def refusals(stack: Stack) -> int:
    """How often PostgreSQL refused an entry so far."""
    return stack.log("postgres").count("permission denied for table audit_entry")
