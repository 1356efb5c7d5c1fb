"""A Python kernel that says and waits for no more than its one client needs.

In a sandbox a change of thread costs as much as a hundred system calls, so what a small cell takes is how often the
kernel goes from one thread to another and back.
"""

from __future__ import annotations

import signal
import threading
from typing import Any

from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp


class QuietStream(OutStream):  # type: ignore[misc]
    """Standard output whose flush waits only for what was written: in each cell the kernel flushes both streams three
    times, whatever was printed, and each time waits for the thread that sends.
    """

    _sending = False

    def flush(self) -> None:
        """Returns when everything written before is sent."""
        # In this order: whoever takes what was written says so before.
        if self._buffers or self._sending:
            super().flush()

    def _flush(self) -> None:
        self._sending = True
        try:
            super()._flush()
        finally:
            self._sending = False


class _NoThread:
    """In the place of the thread that hands requests to subshells: nobody asks for one, and the main thread serves."""

    parent_thread = threading.main_thread()

    def __bool__(self) -> bool:
        return False


class TerseApp(IPKernelApp):  # type: ignore[misc]
    """The kernel's process, with requests heard by the thread that runs them."""

    def init_control(self, context: Any) -> None:
        """The control channel, whose thread stays: it answers while a cell runs."""
        super().init_control(context)
        self.shell_channel_thread = _NoThread()


class TerseKernel(IPythonKernel):  # type: ignore[misc]
    """A kernel that does not say that it is busy, nor what it was given: our client does not listen to either."""

    _supports_kernel_subshells = False

    def start(self) -> None:
        """Hear requests, and signals at once."""
        super().start()
        # A loop that handles any signal wakes up for all: an interrupt is else heard when what is awaited is over.
        self.io_loop.asyncio_loop.add_signal_handler(signal.SIGURG, lambda: None)

    def _publish_status(self, status: str, *rest: Any, **named: Any) -> None:
        if status != "busy":
            super()._publish_status(status, *rest, **named)

    def _publish_execute_input(self, *given: Any) -> None:
        return None
