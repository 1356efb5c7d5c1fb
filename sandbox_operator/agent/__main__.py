"""Entry point in the image: `python3 -m agent`.

Its channel is the descriptor that BAILIWICK_CHANNEL_FD names. Where that is not set, it listens on its socket, and
limits itself, as nobody else does: to BAILIWICK_PROCESSES.
"""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import socket
import sys

from .channel import Channel
from .door import listen
from .files import OUTPUTS
from .frames import ChannelError
from .serving import Agent

FONT_LIST = "/opt/bailiwick/matplotlib"
SOCKET = "/run/agent/agent.sock"


def prepare() -> None:
    """The directories that cells expect; Matplotlib wants to write where its font list lies, so it gets a copy."""
    for path in (OUTPUTS, "/workspace/.tmp"):
        os.makedirs(path, exist_ok=True)
    if os.path.isdir(FONT_LIST):
        shutil.copytree(FONT_LIST, os.environ["MPLCONFIGDIR"], dirs_exist_ok=True)


def limit(processes: int) -> None:
    """For good, before anything else is started: what runs here inherits it and cannot raise it."""
    for kind, most in (
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_NOFILE, 4096),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


async def serve(descriptor: int) -> None:
    agent = Agent()
    await agent.start()
    await agent.serve(Channel(socket.socket(fileno=descriptor)))


async def main() -> None:
    descriptor = os.environ.pop("BAILIWICK_CHANNEL_FD", None)
    if descriptor is None:
        limit(int(os.environ.pop("BAILIWICK_PROCESSES", "128")))
    prepare()
    try:
        await (listen(Agent(), SOCKET) if descriptor is None else serve(int(descriptor)))
    except EOFError:
        os._exit(0)
    except (ChannelError, KeyError, TypeError, OSError, TimeoutError) as error:
        print(f"agent: {error!r}", file=sys.stderr, flush=True)
        os._exit(70)


if __name__ == "__main__":
    asyncio.run(main())
