"""`make cluster`: the test cluster with the platform on it, to stay until `make cluster-down`.

python -m tests.cluster.demo [--home DIR] [--tools DIR]
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.cluster.installation import Installation
from tests.cluster.machine import CannotStart
from tests.cluster.node import Cluster
from tests.cluster.outside import Outside
from tests.cluster.platform import Platform
from tools.launch.state import BIN, ROOT, write_private


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=ROOT / "var/cluster", help="its folder")
    parser.add_argument("--tools", type=Path, default=BIN, help="the folder of its programs")
    wanted = parser.parse_args()
    started = time.monotonic()
    cluster = Cluster(wanted.home, wanted.tools, say=say)
    try:
        cluster.up(lasting=True)
        say("installing the chart, and warming sandboxes; a minute or two")
        platform = Platform(Installation(cluster, Outside(cluster).up())).up()
    except subprocess.CalledProcessError as error:
        sys.exit(f"cluster: {error.stderr.strip() or error}")
    except (CannotStart, LookupError, OSError, RuntimeError) as error:
        sys.exit(f"cluster: {error}")
    credentials = cluster.home / "demo.json"
    write_private(credentials, json.dumps({"url": platform.url, "users": platform.users}, indent=2))
    print(f"Bailiwick is up at {platform.url} after {time.monotonic() - started:.0f} s; credentials in {credentials}.")
    print(f"  export KUBECONFIG={cluster.kubeconfig} PATH={os.path.relpath(cluster.tools)}:$PATH")


def say(line: str) -> None:
    print(f"  {line}", flush=True)


if __name__ == "__main__":
    main()
