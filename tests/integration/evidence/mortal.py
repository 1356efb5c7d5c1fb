"""Workers that are killed while they make an export: each a fork of this process, so that many lives take seconds.

    python -m tests.integration.evidence.mortal EXPORT LONGEST_LIFE FILE

Each dies soon after it began one of its first pieces, wherever it is by then, and none is old: so however quick the
machine is, many die. Ends when one of them has lived to see the bundle ready: the later may live longer, as on a busy
machine nothing is quick. The file gets the name of each piece that any of them began, and a line for each life.
"""

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path

MOST_LIVES = 200
MOST_PIECES = 3
# About what a piece takes.
LAST_MOMENTS = 0.02


def live(export: str, log: Path, dice: random.Random) -> None:
    """A worker's life, until it is killed; as if the last one had been dead for long."""
    from audit import bundle
    from audit.bundle import Contents
    from evidence import tasks

    files, left = bundle.files, iter(range(dice.randrange(MOST_PIECES), -1, -1))

    def noted(contents: Contents, first: int, end: int) -> Iterator[tuple[str, Iterable[bytes]]]:
        with log.open("a") as file:
            file.write(f"{first}-{end}\n")
        if next(left, 1) == 0:
            threading.Timer(dice.uniform(0, LAST_MOMENTS), os.kill, (os.getpid(), signal.SIGKILL)).start()
        return files(contents, first, end)

    bundle.FILE, bundle.files, tasks.DEAD_AFTER = 16, noted, timedelta(0)
    tasks.sweep_exports()
    tasks.make(export)


def ready(export: str) -> bool:
    """Whether the bundle is whole."""
    from evidence.models import Export

    return Export.objects.get(pk=export).state == "ready"


def main(export: str, longest: float, log: Path) -> int:
    """Whether there was a bundle in the end."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    # So that a life is work, and not the reading of modules.
    import_module("evidence.tasks")
    dice = random.Random(17)
    for number in range(MOST_LIVES):
        child = os.fork()
        if child == 0:
            try:
                live(export, log, random.Random(number))
                os._exit(0 if ready(export) else 1)
            finally:
                os._exit(1)
        killer = threading.Timer(dice.uniform(0, longest * (1 + number / 10)), os.kill, (child, signal.SIGKILL))
        killer.start()
        _, status = os.waitpid(child, 0)
        killer.cancel()
        with log.open("a") as file:
            file.write("life\n")
        if status == 0:
            return 0
        time.sleep(0.01)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])))
