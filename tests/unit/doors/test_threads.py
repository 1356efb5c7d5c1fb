"""Each request has a thread to itself, whose database connection it gives back; the next one finds the thread free."""

import asyncio
import threading
from typing import Any

from asgiref.sync import sync_to_async

from doors.threads import KeptThreads
from tests.stack import eventually


def _served(requests: int, at_once: bool) -> list[set[int]]:
    """The threads that each request's plain code ran in."""
    used: list[set[int]] = []
    together = threading.Barrier(requests)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        mine: set[int] = set()
        for _ in range(2):
            mine.add(await sync_to_async(threading.get_ident)())
        if at_once:
            await sync_to_async(together.wait)(5)
        used.append(mine)

    async def serve() -> None:
        kept = KeptThreads(application)
        calls = [kept({}, None, None) for _ in range(requests)]  # type: ignore[arg-type]
        if at_once:
            await asyncio.gather(*calls)
        else:
            for number, call in enumerate(calls, 1):
                await call
                await asyncio.to_thread(eventually, lambda: kept._free)
                assert (number, len(kept._free)) == (number, 1)

    asyncio.run(serve())
    return used


def test_requests_after_one_another_use_one_thread() -> None:
    """None starts a thread of its own."""
    first, *others = _served(3, at_once=False)
    assert len(first) == 1
    assert others == [first, first]


def test_requests_at_once_never_share_a_thread() -> None:
    """Taken out: taking the thread off the list. Two requests then share a thread, and one waits for the other."""
    used = _served(3, at_once=True)
    assert [len(mine) for mine in used] == [1, 1, 1]
    assert len(set.union(*used)) == 3


def test_a_request_that_fails_gives_its_thread_back() -> None:
    """A thread is not lost with each request that is broken off."""
    kept = KeptThreads(_breaks)

    async def serve() -> None:
        for _ in range(3):
            try:
                await kept({}, None, None)  # type: ignore[arg-type]
            except ConnectionError:
                await asyncio.to_thread(eventually, lambda: kept._free)

    asyncio.run(serve())
    assert len(kept._free) == 1


def test_a_request_that_is_broken_off_holds_up_no_other() -> None:
    """Taken out: waiting for the thread to be done. The next request then waits behind what the first left running."""
    over, ended = threading.Event(), threading.Event()
    seen: list[bool] = []

    def hold() -> None:
        over.wait(3)
        ended.set()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["waits"]:
            await sync_to_async(hold)()
        seen.append(await sync_to_async(ended.is_set)())

    async def serve() -> None:
        kept = KeptThreads(application)
        first = asyncio.create_task(kept({"waits": True}, None, None))  # type: ignore[arg-type]
        await asyncio.sleep(0.1)
        first.cancel()
        await asyncio.wait([first])
        await kept({"waits": False}, None, None)  # type: ignore[arg-type]
        over.set()

    asyncio.run(serve())
    assert seen == [False]


async def _breaks(scope: Any, receive: Any, send: Any) -> None:
    await sync_to_async(threading.get_ident)()
    raise ConnectionError
