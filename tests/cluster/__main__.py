"""The test cluster, from a shell.

python -m tests.cluster up|down [--home DIR] [--tools DIR]
python -m tests.cluster load ARCHIVE REFERENCE [--home DIR] [--tools DIR]
"""

import argparse
import sys
import time
from pathlib import Path

from tests.cluster.machine import CannotStart
from tests.cluster.node import Cluster
from tools.launch.state import BIN, ROOT


def main() -> None:
    where = argparse.ArgumentParser(add_help=False)
    where.add_argument("--home", type=Path, default=ROOT / "var/cluster", help="its folder")
    where.add_argument("--tools", type=Path, default=BIN, help="the folder of its programs")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("up", parents=[where])
    verbs.add_parser("down", parents=[where])
    load = verbs.add_parser("load", parents=[where])
    load.add_argument("archive", type=Path)
    load.add_argument("reference")
    wanted = parser.parse_args()
    cluster = Cluster(wanted.home, wanted.tools, say=lambda line: print(f"  {line}", flush=True))
    try:
        if wanted.verb == "up":
            up(cluster)
        elif wanted.verb == "down":
            cluster.down()
        else:
            cluster.load(wanted.archive.resolve(), wanted.reference)
    except (CannotStart, LookupError, OSError, RuntimeError) as error:
        sys.exit(f"cluster: {error}")


def up(cluster: Cluster) -> None:
    """Bring it up to stay, and say how to use it."""
    started = time.monotonic()
    cluster.up(lasting=True)
    print(f"The cluster is up at {cluster.url} after {time.monotonic() - started:.1f} s. Use it with")
    print(f"  export KUBECONFIG={cluster.kubeconfig} PATH={cluster.tools}:$PATH")


if __name__ == "__main__":
    main()
