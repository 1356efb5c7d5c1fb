"""The only writes of this room, one module a verb: asking, making, taking away, erasing, keeping policies."""

from evidence.actions.asking import Opening, Wanted, ask_to_open, filter_of, request_export
from evidence.actions.erasing import destroy_bundles
from evidence.actions.keeping import keep_policy
from evidence.actions.making import (
    Made,
    Refusal,
    begin,
    claim,
    fail,
    finish,
    give_back,
    keep_files,
    narrow,
    show_progress,
)
from evidence.actions.taking import take_away

__all__ = [
    "Made",
    "Opening",
    "Refusal",
    "Wanted",
    "ask_to_open",
    "begin",
    "claim",
    "destroy_bundles",
    "fail",
    "filter_of",
    "finish",
    "give_back",
    "keep_files",
    "keep_policy",
    "narrow",
    "request_export",
    "show_progress",
    "take_away",
]
