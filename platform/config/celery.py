"""The job queue: JSON messages through Redis to a pool of threads, each acknowledged before it runs.

    celery -A config.celery worker --pool threads --concurrency 16
    celery -A config.celery beat --schedule "$BAILIWICK_VAR/beat-schedule"

Early acknowledgement, because a task that runs user code must never run twice: a compare-and-set in its action decides,
and a sweep finds what a lost worker leaves behind. Results go to the database, never through the broker.
"""

import os
from typing import Any

from celery import Celery
from kombu import Queue

from config import broker
from config.environment import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# What must not wait behind hours of user code has a queue of its own.
CONTROL = "control"
EXECUTIONS = "executions"
SWEEP = "runs.tasks.sweep"
DISPOSE_SECONDS = 3600.0

broker.register()
app = Celery("bailiwick", set_as_current=True)
app.conf.update(
    broker_url=settings().redis_url.get_secret_value(),
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_connection_timeout=2,
    broker_pool_limit=32,
    broker_transport_options={
        "socket_connect_timeout": 2,
        # A Redis that hangs must not hang who sends a hint; longer than BRPOP blocks.
        "socket_timeout": 3,
        "socket_keepalive": True,
        "health_check_interval": 5,
        # Seconds that BRPOP blocks: the longest that a stopping worker waits, not a delay of messages.
        "brpop_timeout": 1,
        "global_keyprefix": "bailiwick:queue:",
    },
    # A door that cannot enqueue says so at once; a sweep sends lost hints again.
    task_publish_retry=True,
    task_publish_retry_policy={"max_retries": 2, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.2},
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    result_backend=None,
    task_ignore_result=True,
    task_acks_late=False,
    task_acks_on_failure_or_timeout=True,
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_send_task_events=False,
    # Messages name ids, and yet: a log line of arguments is one careless argument away from a secret.
    task_send_sent_event=False,
    task_default_queue=CONTROL,
    task_queues=[Queue(name, routing_key=name) for name in (CONTROL, EXECUTIONS)],
    task_routes={"runs.tasks.execute*": {"queue": EXECUTIONS}},
    timezone="UTC",
    enable_utc=True,
    beat_schedule={
        "sweep": {"task": SWEEP, "schedule": 2.0, "options": {"expires": 10}},
        "forget-old-keys": {"task": "doors.tasks.forget_old_keys", "schedule": 3600.0, "options": {"expires": 3600}},
        "end-overdue-sessions": {
            "task": "identity.tasks.end_overdue_sessions",
            "schedule": 300.0,
            "options": {"expires": 300},
        },
        "discard-unnamed-blobs": {
            "task": "runs.tasks.discard_unnamed_blobs",
            "schedule": 3600.0,
            "options": {"expires": 3600},
        },
        "sweep-exports": {"task": "evidence.tasks.sweep_exports", "schedule": 10.0, "options": {"expires": 10}},
        "note-policy": {"task": "policy.tasks.note_policy", "schedule": 10.0, "options": {"expires": 10}},
        "check-logs": {"task": "audit.tasks.check_logs", "schedule": 20.0, "options": {"expires": 20}},
        "finish-erasures": {"task": "retention.tasks.finish_erasures", "schedule": 15.0, "options": {"expires": 15}},
        "dispose": {
            "task": "retention.tasks.dispose",
            "schedule": DISPOSE_SECONDS,
            "options": {"expires": DISPOSE_SECONDS},
        },
        "keep-up-lookup": {"task": "lookup.tasks.keep_up", "schedule": 1.0, "options": {"expires": 5}},
        "look-at-parts": {"task": "config.tasks.look_at_parts", "schedule": 10.0, "options": {"expires": 10}},
        "expire-uploads": {"task": "runs.upkeep.expire_uploads", "schedule": 600.0, "options": {"expires": 600}},
    },
    beat_max_loop_interval=1,
)
app.autodiscover_tasks()
app.autodiscover_tasks(["runs"], related_name="upkeep")


@app.on_after_configure.connect
def _watch(sender: Any, **kwargs: Any) -> None:
    """Let worker and beat show that they live."""
    from config import heartbeats, tasklogs

    heartbeats.connect()
    tasklogs.connect()
