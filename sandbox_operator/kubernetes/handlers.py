"""The operator's handlers: kopf watches, and whatever it sees makes the next pass come at once.

Handlers of events keep nothing on the objects they watch, neither finalizers nor annotations: an environment can be
deleted while no operator runs, and two operators have nothing to fight over.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import kopf

from sandbox_operator.kubernetes import names
from sandbox_operator.kubernetes.api import Refusal, Unreachable
from sandbox_operator.kubernetes.demand import Demand
from sandbox_operator.kubernetes.making import MANAGED_BY, OPERATOR
from sandbox_operator.kubernetes.reconcile import Reconciler
from sandbox_operator.kubernetes.sandboxes import read_number

# Between two passes at least, and at most.
PAUSE_SECONDS = 1.0
INTERVAL_SECONDS = 15.0
RETRY_SECONDS = 3.0
WATCHED = (("apps", "v1", "deployments"), ("networking.k8s.io", "v1", "networkpolicies"), ("", "v1", "resourcequotas"))

log = logging.getLogger("bailiwick.operator")


def make_registry(demand: Demand, wake: Callable[[], None], *, kubeconfig: bool) -> kopf.OperatorRegistry:
    """Handlers for environments, their sandboxes and what else is made for them.

    With `kubeconfig` kopf reads the one that KUBECONFIG names, else it uses the service account.
    """
    registry = kopf.OperatorRegistry()

    @kopf.on.startup(registry=registry)
    def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
        settings.posting.enabled = False
        # Neither namespaces nor definitions change under an operator of one namespace, and it may not list them.
        settings.scanning.disabled = True
        settings.watching.server_timeout = 300
        settings.watching.connect_timeout = 10

    @kopf.on.login(registry=registry)
    def log_in(**arguments: Any) -> kopf.ConnectionInfo | None:
        if kubeconfig:
            return kopf.login_with_kubeconfig(**arguments)
        # By address, as the client does: kopf's own way is a name, which takes the cluster's DNS to find.
        return kopf.login_via_client(**arguments)

    def changed(**_: Any) -> None:
        wake()

    kopf.on.event(names.GROUP, names.VERSION, names.PLURAL, registry=registry)(changed)
    for group, version, plural in WATCHED:
        kopf.on.event(group, version, plural, labels={MANAGED_BY: OPERATOR}, registry=registry)(changed)

    @kopf.on.event("", "v1", "pods", labels={names.ENVIRONMENT: kopf.PRESENT}, registry=registry)
    def moved(labels: kopf.Labels, annotations: kopf.Annotations, uid: str, **_: Any) -> None:
        """A claim counts even if the sandbox is gone before the next pass."""
        claimed_at = read_number(annotations.get(names.CLAIMED_AT))
        if labels.get(names.POOL) == names.CLAIMED and claimed_at is not None:
            demand.note(labels[names.ENVIRONMENT], uid, claimed_at, time.time())
        wake()

    return registry


async def keep_passing(reconciler: Reconciler, wake: asyncio.Event) -> None:
    """One pass after another: when something was seen, and from time to time in any case. Never returns."""
    while True:
        wake.clear()
        wait = INTERVAL_SECONDS
        try:
            await asyncio.to_thread(reconciler.run)
        except (Unreachable, Refusal) as error:
            log.warning("a pass was given up and is made again: %s", error)
            wait = RETRY_SECONDS
        await asyncio.sleep(PAUSE_SECONDS)
        with suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), wait)
