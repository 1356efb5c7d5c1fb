"""The only writes of this room, one module a verb: asking, previewing, waiting, working, ending, keeping,
uploading, releasing, erasing."""

from runs.actions.asking import ask_again, ask_run_again, request_execution, request_run
from runs.actions.ending import (
    cancel,
    close,
    end_without_sandbox,
    fail_containment,
    fail_start,
    interrupt,
    move_overdue,
)
from runs.actions.erasing import Destroyed, Old, destroy, dispose_contents, dispose_texts, erase_work_of
from runs.actions.keeping import discard, discard_unnamed, store_file
from runs.actions.previewing import record_preview
from runs.actions.releasing import release, release_as_file
from runs.actions.uploading import add_part, alone_at, begin_upload, end_upload, expire_uploads, finish_upload
from runs.actions.working import (
    Outcome,
    begin_execution,
    begin_start,
    finish_execution,
    hinted,
    mark_ready,
    prolong,
    requeue,
)

__all__ = [
    "Destroyed",
    "Old",
    "Outcome",
    "add_part",
    "alone_at",
    "ask_again",
    "ask_run_again",
    "begin_execution",
    "begin_start",
    "begin_upload",
    "cancel",
    "close",
    "destroy",
    "discard",
    "discard_unnamed",
    "dispose_contents",
    "dispose_texts",
    "end_upload",
    "end_without_sandbox",
    "erase_work_of",
    "expire_uploads",
    "fail_containment",
    "fail_start",
    "finish_execution",
    "finish_upload",
    "hinted",
    "interrupt",
    "mark_ready",
    "move_overdue",
    "prolong",
    "record_preview",
    "release",
    "release_as_file",
    "request_execution",
    "request_run",
    "requeue",
    "store_file",
]
