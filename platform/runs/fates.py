"""What the end of a sandbox means for its run. Pure."""

from collections.abc import Mapping

from runs import limits
from runs.limits import Ending
from runs.states import RunState
from sandbox_operator.errors import Fate


def run_end(fate: Fate, bounds: Mapping[str, float]) -> tuple[RunState, Ending]:
    """How a run ends whose sandbox ended so; whatever is not a limit of the run's own is a loss."""
    match fate:
        case Fate.OUT_OF_MEMORY:
            return RunState.FAILED, limits.out_of_memory(bounds)
        case Fate.TIMED_OUT:
            return RunState.FAILED, limits.timed_out_by_force(bounds)
        case Fate.EXPIRED:
            return RunState.EXPIRED, limits.life_over(bounds)
        case Fate.IDLE:
            return RunState.EXPIRED, limits.idle_too_long(bounds)
        case _:
            return RunState.LOST, limits.LOST
