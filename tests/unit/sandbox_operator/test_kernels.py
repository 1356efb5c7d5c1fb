"""A kernel that dies is still heard out: what it had sent before, and no longer than that takes."""

from __future__ import annotations

import asyncio
import json
import types
from typing import Any

import pytest

from sandbox_operator.agent import kernels
from sandbox_operator.agent.kernels import DELIMITER, Kernel, KernelDied


class Socket:
    """Lines of the cell `asked`, each of which takes a moment to be heard, and then silence."""

    def __init__(self, lines: int) -> None:
        self._left = lines
        self.said = 0

    async def recv_multipart(self) -> list[bytes]:
        if not self._left:
            await asyncio.Event().wait()
        await asyncio.sleep(0.005)
        self._left -= 1
        self.said += 1
        parts = [{"msg_type": "stream"}, {"msg_id": "asked"}, {}, {"name": "stdout", "text": f"{self.said}\n"}]
        return [b"topic", DELIMITER, b"signature", *(json.dumps(part).encode() for part in parts)]


def dying(monkeypatch: pytest.MonkeyPatch, socket: Socket) -> list[str]:
    """What is heard of a kernel that is dead as soon as it was asked, with all of `socket` unread."""
    monkeypatch.setattr(Kernel, "launch", lambda _kernel: None)
    heard: list[str] = []

    async def publish(_kind: str, content: dict[str, Any]) -> None:
        heard.append(content["text"])

    async def run() -> None:
        kernel = Kernel("python")
        kernel.died.set()
        channel = types.SimpleNamespace(socket=socket)
        kernel.client = types.SimpleNamespace(execute=lambda *_args, **_options: "asked", iopub_channel=channel)
        with pytest.raises(KernelDied):
            await asyncio.wait_for(kernel.run("1", publish), 10)

    asyncio.run(run())
    return heard


def test_what_a_dead_kernel_had_said_is_heard_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken out: the wait for a dead kernel's last words. Nothing of them is then heard."""
    assert dying(monkeypatch, Socket(100)) == [f"{n}\n" for n in range(1, 101)]


def test_a_child_that_talks_on_does_not_keep_it_from_being_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken out: the deadline. The cell of a dead kernel then never ends."""
    monkeypatch.setattr(kernels, "LAST_WORDS_SECONDS", 0.3)
    assert dying(monkeypatch, Socket(1_000_000))
