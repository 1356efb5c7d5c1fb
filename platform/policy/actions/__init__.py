"""The only writes of this room, one module a verb: deciding, publishing, erasing."""

from policy.actions.deciding import evaluate, record
from policy.actions.erasing import dispose_inputs, erase_inputs
from policy.actions.publishing import note_active

__all__ = ["dispose_inputs", "erase_inputs", "evaluate", "note_active", "record"]
