"""What every backend promises, kept by pods: the very tests that hold the local backend to it."""

from __future__ import annotations

from tests.cluster.pools import backend, disk_lag, lag, pool  # noqa: F401  this module's fixtures
from tests.integration.sandbox_operator.conftest import opened, shared  # noqa: F401
from tests.integration.sandbox_operator.test_contract import *  # noqa: F403
