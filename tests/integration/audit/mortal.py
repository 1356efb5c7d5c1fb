"""Sequencers that are killed: each a fork of this process, so that a hundred lives take seconds.

    python -m tests.integration.audit.mortal LIVES LONGEST_LIFE FILE

Settings come from the environment, as the sequencer's do. The file gets each checkpoint that any of them kept, as hex.
"""

import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

from audit.sequencer.__main__ import work
from audit.sequencer.kept import Kept
from audit.sequencer.settings import read


def live() -> None:
    """A sequencer's life, until it is killed."""
    settings = read()
    work(settings, settings.signer(), Kept(settings.log_kept), threading.Event())


def main(lives: int, longest: float, file: Path) -> None:
    kept = Kept(read().log_kept)
    dice = random.Random(17)
    seen: set[bytes] = set()
    for _ in range(lives):
        child = os.fork()
        if child == 0:
            try:
                live()
            finally:
                os._exit(1)
        time.sleep(dice.uniform(0, longest))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        seen |= {kept.read(origin) or b"" for origin in kept.origins()}
    file.write_text("\n".join(note.hex() for note in seen))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
