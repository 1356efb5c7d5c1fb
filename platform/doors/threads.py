"""Threads that are kept: Django's own ASGI handler starts one for each request, and another that waits for its end."""

from collections.abc import MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext

from doors.slices import Application, Receive, Send


class KeptThreads:
    """ASGI middleware: each request has a thread to itself for as long as it lasts, and the next one finds it free."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self._free: list[ThreadPoolExecutor] = []

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one connection."""
        # The latest one first: those that a rush of requests made fall idle.
        thread = self._free.pop() if self._free else ThreadPoolExecutor(max_workers=1, thread_name_prefix="request")
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self.application(scope, receive, send)
        finally:
            # Free when it is done, not now: a request that was broken off may have left it waiting for a minute.
            thread.submit(_nothing).add_done_callback(lambda _: self._free.append(thread))


def _nothing() -> None:
    """The last that a request's thread does."""
