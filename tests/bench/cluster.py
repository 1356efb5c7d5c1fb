"""`make bench-cluster [ARGS="claim cold"]`: bring up a test cluster and measure what runs cost as pods on it.

The sandboxes alone by their backend; then the whole platform, as processes of this machine.
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tools.launch.state import BIN, IMAGES, State

if TYPE_CHECKING:
    from tests.bench.figures import Row
    from tests.cluster.local import Pods

    type Measure = Callable[[str, Callable[[], Iterator[Row]]], None]

TIMES = 40
FLOOR = 6
BACKEND = ("claim", "session", "transfer", "cold", "replenish", "memory", "saturation")
PLATFORM = ("submit", "files")


def main() -> None:
    """Print the rows asked for, all of them by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*BACKEND, *PLATFORM, []])
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--floor", type=int, default=FLOOR, help="sandboxes kept warm")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bailiwick-bench-"))
    state = State.prepare(folder / "var")
    state.choose_ports({})
    os.environ.update({k: v for k, v in state.environment(owner=True).items() if k.startswith("BAILIWICK_")})
    try:
        _print(state, folder, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _print(state: State, folder: Path, options: argparse.Namespace) -> None:
    from tests.bench.figures import HEAD
    from tests.cluster.installation import REGISTRY, digest
    from tests.cluster.local import kept_pods
    from tests.cluster.node import Cluster

    wanted = set(options.rows or (*BACKEND, *PLATFORM))
    cluster = Cluster(folder / "cluster", BIN, say=lambda line: print(f"  {line}", flush=True))
    printed: list[str] = []

    def measure(name: str, rows: "Callable[[], Iterator[Row]]") -> None:
        if name in wanted:
            print(f"measuring {name} …", flush=True)
            for row in rows():
                printed.append(row.printed())
                print(printed[-1], flush=True)

    try:
        cluster.up()
        reference = f"{REGISTRY}/python@{digest('python')}"
        cluster.load(IMAGES / "python/image.tar", reference)
        floor = options.floor
        with kept_pods(cluster, reference, folder, floor=floor, ceiling=floor, maximum=3 * floor) as pods:
            _measure(state, pods, options, measure)
    finally:
        cluster.down()
    print("\n".join(["", HEAD, *printed]))


def _measure(state: State, pods: "Pods", options: argparse.Namespace, measure: "Measure") -> None:
    from tests.bench import pods as alone
    from tests.bench import served
    from tests.cluster.local import OnPods
    from tools.launch import postgres

    times, floor = options.times, options.floor
    wanted = set(options.rows or PLATFORM)
    measure("claim", lambda: alone.claim(pods, times, floor))
    measure("session", lambda: alone.session(pods, times, floor))
    measure("transfer", lambda: alone.transfer(pods, max(3, times // 8)))
    measure("cold", lambda: alone.cold(pods, max(4, times // 4)))
    pods.scale(floor, floor)
    measure("replenish", lambda: alone.replenish(pods, floor))
    measure("memory", lambda: alone.memory(pods, floor))
    measure("saturation", lambda: alone.saturation(pods))
    pods.scale(floor, floor)
    if wanted.intersection(PLATFORM):
        stack = OnPods(state, pods)
        try:
            stack.start("postgres")
            postgres.create_roles(state)
            stack.up()
            measure("submit", lambda: served.submit(stack, times, floor))
            measure("files", lambda: served.files(stack, max(3, times // 8), floor))
        finally:
            stack.close()


if __name__ == "__main__":
    main()
