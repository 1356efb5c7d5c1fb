"""Starts the Python kernel with everything left out that costs start-up time or wakes an idle sandbox."""

from __future__ import annotations

import json
import sys
from typing import Any

from . import tables


def pack(message: Any) -> bytes:
    """A message as ASCII JSON: Jupyter's own packer loses the output that holds a lone surrogate."""
    from jupyter_client.jsonutil import json_default

    return json.dumps(message, default=json_default).encode()


def keep_everything(publisher: Any) -> None:
    """Let who prints wait for who reads: by default the socket drops what a slow reader has not taken."""
    import zmq

    # In its own thread: no socket is safe in two.
    publisher.schedule(lambda: publisher.socket.setsockopt(zmq.XPUB_NODROP, 1))


def main() -> None:
    for unused in ("debugpy", "jedi"):
        sys.modules[unused] = None  # type: ignore[assignment]
    from traitlets.config import Config

    from .terse import QuietStream, TerseApp, TerseKernel

    config: Any = Config()
    config.Session.packer = "agent.kernel.pack"
    config.HistoryManager.enabled = False  # no history database, no thread that saves it
    config.IPCompleter.use_jedi = False
    config.IPKernelApp.no_stdout = False
    # It waits before each reply for clients that do not follow the output until the kernel is idle; ours does.
    config.Kernel._execute_sleep = 0.0
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.autocall = 0
    config.IPKernelApp.kernel_class = TerseKernel
    config.IPKernelApp.outstream_class = f"{QuietStream.__module__}.{QuietStream.__qualname__}"
    app = TerseApp.instance(config=config)
    app.initialize(sys.argv[1:])
    keep_everything(app.iopub_thread)
    tables.register(app.shell)
    app.start()


if __name__ == "__main__":
    main()
