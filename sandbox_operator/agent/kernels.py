"""One Jupyter kernel over a local IPC socket: start, run a cell, interrupt, notice its death."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from .languages import KERNELS

RUNTIME = Path("/tmp/.kernels")
MEMORY = RUNTIME / "memory"  # bytes; the machine's own figure is what /proc shows
OUTPUT_BYTES = RUNTIME / "output_bytes"  # what the running cell may show
READY_SECONDS = 30.0
LAST_WORDS_SECONDS = 2.0  # for what a dead kernel had sent and nobody had read
DELIMITER = b"<IDS|MSG>"

Publish = Callable[[str, dict[str, Any]], Awaitable[None]]


class KernelDied(Exception):
    """The kernel's process is gone, and its variables with it."""


class Kernel:
    """Starting is split in two so that the process loads while its client's modules do."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._spec = KERNELS[name]
        self._launches = 0
        self._count = 0
        self.died = asyncio.Event()
        self.launch()

    def launch(self) -> None:
        self._launches += 1
        RUNTIME.mkdir(mode=0o700, exist_ok=True)
        self._base = str(RUNTIME / f"{self.name}-{self._launches}")
        ports = {f"{channel}_port": n for n, channel in enumerate(("shell", "iopub", "stdin", "control", "hb"), 1)}
        self.info: dict[str, Any] = ports | {
            "transport": "ipc",
            "ip": self._base,
            "key": secrets.token_hex(16),
            "signature_scheme": "hmac-sha256",
            "kernel_name": self.name,
        }
        path = self._base + ".json"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(self.info, file)
        argv = [part.format(connection_file=path) for part in self._spec.argv]
        self.died.clear()
        # A kernel repeats there what a cell raised; in a pod the agent's own streams end on the node's disk.
        nothing = subprocess.DEVNULL
        self.process = subprocess.Popen(argv, cwd="/workspace", stdin=nothing, stdout=nothing, stderr=nothing)

    async def connect(self) -> None:
        """Returns when the kernel answers and its output is subscribed to. Raises KernelDied or TimeoutError."""
        from jupyter_client.asynchronous.client import AsyncKernelClient

        async with asyncio.timeout(READY_SECONDS):
            while not all(os.path.exists(f"{self._base}-{port}") for port in (1, 2)):
                self._alive()
                await asyncio.sleep(0.01)
            self.client = AsyncKernelClient()
            self.client.load_connection_info(self.info)
            self.client.start_channels(shell=True, iopub=True, stdin=False, hb=False, control=False)
            self.client.kernel_info()
            await self.client.shell_channel.get_msg()
            while not await self.client.iopub_channel.socket.poll(20):
                self._alive()
                self.client.kernel_info()
                await self.client.shell_channel.get_msg()

    async def restart(self) -> None:
        self.client.stop_channels()
        self.launch()
        await self.connect()

    async def warm(self) -> None:
        await self.run(self._spec.warm, _ignore, silent=True)

    async def run(self, code: str, publish: Publish, silent: bool = False) -> dict[str, Any]:
        """Run one cell, publishing its messages in order; the content of its reply. Raises KernelDied."""
        message_id = self.client.execute(code, silent=silent, allow_stdin=False, store_history=not silent)
        work = asyncio.ensure_future(self._follow(message_id, publish))
        death = asyncio.ensure_future(self.died.wait())
        try:
            await asyncio.wait((work, death), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                await self._last_words(work)
            if not work.done():
                raise KernelDied
            return work.result()
        finally:
            work.cancel()
            death.cancel()

    def interrupt(self) -> None:
        if not self.died.is_set():
            self.process.send_signal(signal.SIGINT)

    async def _follow(self, message_id: str, publish: Publish) -> dict[str, Any]:
        while True:
            kind, parent, content = await self._heard()
            own = parent == message_id
            if own and kind == "status" and content["execution_state"] == "idle":
                break
            if own or kind == "stream":
                await publish(kind, content)
        while True:
            reply = await self.client.shell_channel.get_msg()
            if reply["parent_header"].get("msg_id") == message_id:
                content = reply["content"]
                return content if isinstance(content, dict) else {}

    async def _heard(self) -> tuple[str, str | None, dict[str, Any]]:
        """Kind, parent's id and content of the next message.

        Read here and not by the client, which spends most of a flood's time on dates and signatures: this end of the
        socket is open to nobody but the user whose code the kernel runs.
        """
        frames = await self.client.iopub_channel.socket.recv_multipart()
        at = frames.index(DELIMITER) + 2
        header, parent, _, content = (json.loads(frame) for frame in frames[at : at + 4])
        self._count += 1
        return header["msg_type"], parent.get("msg_id"), content

    async def _last_words(self, work: asyncio.Future[Any]) -> None:
        """Let what a kernel printed before its death arrive: people flush to see how far it came."""
        deadline = asyncio.get_running_loop().time() + LAST_WORDS_SECONDS
        before = -1
        while before != self._count and asyncio.get_running_loop().time() < deadline:
            before = self._count
            await asyncio.wait((work,), timeout=0.1)

    def _alive(self) -> None:
        if self.died.is_set():
            raise KernelDied


async def _ignore(_kind: str, _content: dict[str, Any]) -> None:
    return None
