"""The operator: keeps warm sandboxes for every SandboxEnvironment of one namespace."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import socket
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

import kopf

from sandbox_operator.kubernetes.api import Api, Refusal, Unreachable
from sandbox_operator.kubernetes.credentials import NoCredentials
from sandbox_operator.kubernetes.demand import Demand
from sandbox_operator.kubernetes.handlers import keep_passing, make_registry
from sandbox_operator.kubernetes.leading import Leadership
from sandbox_operator.kubernetes.making import Place
from sandbox_operator.kubernetes.reconcile import Reconciler


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sandbox_operator.kubernetes", description=__doc__)
    parser.add_argument("--namespace", default="bailiwick-sandboxes", help="where the sandboxes are")
    parser.add_argument("--platform-namespace", default="bailiwick", help="where the egress gateway is")
    parser.add_argument("--kubeconfig", type=Path, help="in place of the service account's credentials")
    parser.add_argument("--liveness", metavar="URL", help="where to answer probes, such as http://0.0.0.0:8081/healthz")
    return parser.parse_args(arguments)


async def operate(options: argparse.Namespace, api: Api) -> None:
    """Until a signal asks for the end. Ends with an error when any part does."""
    place = Place(options.namespace, options.platform_namespace)
    loop, wake, demand = asyncio.get_running_loop(), asyncio.Event(), Demand()

    def wake_up() -> None:
        loop.call_soon_threadsafe(wake.set)

    leadership = Leadership(api, place.leases, f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}")
    reconciler = Reconciler(api, place, demand, lambda: leadership.leading)
    watching = kopf.operator(
        registry=make_registry(demand, wake_up, kubeconfig=options.kubeconfig is not None),
        namespaces=[options.namespace],
        standalone=True,
        liveness_endpoint=options.liveness,
    )
    leadership.start()
    parts = {asyncio.create_task(watching), asyncio.create_task(keep_passing(reconciler, wake))}
    try:
        done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        for part in done:
            part.result()
    finally:
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
        await asyncio.to_thread(leadership.stop)


def main(arguments: Sequence[str] = ()) -> int:
    options = parse_arguments(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # They say of every event that it was handled, and of every probe that it was answered.
    for noisy in ("kopf.objects", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if options.kubeconfig:
        os.environ["KUBECONFIG"] = str(options.kubeconfig)
    try:
        api = Api(options.kubeconfig)
        if api.read(Place(options.namespace, options.platform_namespace).environments) is None:
            return fail("the cluster knows no SandboxEnvironment; apply the chart's crds/ first")
    except (NoCredentials, Unreachable, Refusal) as error:
        return fail(str(error))
    asyncio.run(operate(options, api))
    return 0


def fail(reason: str) -> int:
    print(f"operator: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
