"""The only writes of this room: erasing, holding, disposing."""

from retention.actions.disposing import begin_pass, dispose_keys, dispose_project, end_pass
from retention.actions.erasing import Wanted, finish, reapply, request_erasure, work_left
from retention.actions.holding import lift_hold, place_hold

__all__ = [
    "Wanted",
    "begin_pass",
    "dispose_keys",
    "dispose_project",
    "end_pass",
    "finish",
    "lift_hold",
    "place_hold",
    "reapply",
    "request_erasure",
    "work_left",
]
