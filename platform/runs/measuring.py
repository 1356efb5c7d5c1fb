"""What a run's sandbox uses at this moment, measured outside it. Asked when somebody looks, and kept nowhere."""

import structlog

from gateways import sandboxes
from runs.models import Run
from runs.states import WITH_SANDBOX
from sandbox_operator.errors import OperatorError
from sandbox_operator.protocol import Usage
from sandbox_operator.spec import Handle

_log = structlog.get_logger(__name__)


def usage(run: Run) -> Usage | None:
    """None where there is no sandbox, or nobody who can tell. The sandbox hears nothing of it, and stays as idle."""
    if not run.handle or run.state not in WITH_SANDBOX:
        return None
    try:
        return sandboxes.backend().usage(Handle.parse(run.handle))
    except OperatorError as fault:
        _log.debug("usage_not_told", run_id=str(run.id), code=fault.code)
        return None
