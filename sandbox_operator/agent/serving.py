"""Answers what comes over a channel: probes, files, cells."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from . import PROTOCOL_VERSION, probe
from .capture import Capture
from .channel import Channel
from .files import Artifacts, put
from .frames import ChannelError, Frame, Kind
from .kernels import MEMORY, OUTPUT_BYTES, Kernel, KernelDied
from .languages import LANGUAGES
from .packages import fill

STREAMS = ("stdout", "stderr")


class Agent:
    """What one sandbox's platform may ask; one channel at a time, and in each one thing at a time."""

    _channel: Channel

    def __init__(self) -> None:
        self._artifacts = Artifacts()
        self._kernels = {"python": Kernel("python")}
        self._running: asyncio.Task[None] | None = None
        self._current: Kernel | None = None
        self._memory = self._noted = self._epoch = 0
        self._answering = False
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._reap)

    async def start(self) -> None:
        """Returns when its kernels answer."""
        for kernel in self._kernels.values():
            await kernel.connect()

    async def warm(self) -> None:
        """Load what most cells need."""
        for kernel in self._kernels.values():
            await kernel.warm()

    @property
    def busy(self) -> bool:
        """Whether it is in the middle of something: then nobody else is listened to."""
        return self._answering or (self._running is not None and not self._running.done())

    def objection(self, ask: dict[str, Any]) -> tuple[str, str] | None:
        """Why a session may not begin, as a refusal's code and message."""
        if self.busy:
            return ("busy", "another session is in the middle of something")
        if ask.get("epoch", self._epoch) < self._epoch:
            return ("fenced", f"epoch {ask['epoch']} is older than {self._epoch}")
        return None

    async def serve(self, channel: Channel, first: Frame | None = None) -> None:
        """Answer frames, the first of them perhaps read already, until the channel ends. Raises EOFError then.

        A broken protocol raises ChannelError and ends the agent, and with it the sandbox.
        """
        self._channel = channel
        if first is not None:
            await self._answer(first)
        while True:
            frame = await channel.receive()
            if frame.kind is Kind.INTERRUPT:
                if self._current:
                    self._current.interrupt()
            elif self._running and not self._running.done():
                raise ChannelError(f"{frame.kind.name} while a cell runs")
            elif frame.kind is Kind.EXECUTE:
                self._running = asyncio.create_task(self._execute(frame.json()))
                self._running.add_done_callback(_end_on_failure)
            else:
                await self._answer(frame)

    async def _answer(self, frame: Frame) -> None:
        answers: dict[Kind, Callable[[dict[str, Any]], Awaitable[None]]] = {
            Kind.HELLO: self._hello,
            Kind.PROBE: self._probe,
            Kind.WARM: self._warm,
            Kind.PUT: lambda ask: put(self._channel, ask["name"], ask["size"]),
            Kind.FILL: lambda ask: fill(self._channel),
            Kind.LIST: lambda ask: self._artifacts.send_listing(self._channel),
            Kind.READ: lambda ask: self._artifacts.send_file(self._channel, ask["name"], ask["limit"]),
        }
        if frame.kind not in answers:
            raise ChannelError(f"{frame.kind.name} was not due")
        # Not reset when the channel ends half way: whoever was asking must not be taken for somebody who left in peace.
        self._answering = frame.kind is not Kind.HELLO
        await answers[frame.kind](frame.json())
        self._answering = False

    async def _hello(self, ask: dict[str, Any]) -> None:
        if objection := self.objection(ask):
            return await self._channel.refuse(*objection)
        self._epoch = ask.get("epoch", self._epoch)
        self._allow(ask.get("processes"))
        if ask.get("memory_bytes", self._memory) != self._memory:
            self._memory = ask["memory_bytes"]
            MEMORY.write_text(str(self._memory))
        languages = sorted(LANGUAGES)
        await self._channel.send_json(Kind.WELCOME, {"version": PROTOCOL_VERSION, "languages": languages})

    async def _probe(self, plan: dict[str, Any]) -> None:
        await self._channel.send_json(Kind.REPORT, {"checks": probe.run(plan)})

    async def _warm(self, _ask: dict[str, Any]) -> None:
        await self.warm()
        await self._channel.send(Kind.OK)

    def _allow(self, processes: int | None) -> None:
        """Lower the number of processes, here and in the kernels that run: user code cannot raise it again."""
        before, _ = resource.getrlimit(resource.RLIMIT_NPROC)
        if processes is None or (before != resource.RLIM_INFINITY and processes >= before):
            return
        for pid in (0, *(kernel.process.pid for kernel in self._kernels.values())):
            resource.prlimit(pid, resource.RLIMIT_NPROC, (processes, processes))

    async def _execute(self, ask: dict[str, Any]) -> None:
        if ask["language"] not in LANGUAGES:
            return await self._channel.refuse("unknown_language", f"no language {ask['language'][:40]!r} in this image")
        language = LANGUAGES[ask["language"]]
        capture = Capture(self._channel.send, ask["output_bytes"], ask["text_bytes"])
        self._note(ask["output_bytes"])
        kernel = await self._kernel(language.kernel)
        self._current = kernel
        try:
            reply = await kernel.run(language.wrap(ask["code"]), _Publisher(capture))
        except KernelDied:
            reply = {"status": "error", "ename": "KernelDied"}
            await capture.error(_death(kernel))
        finally:
            self._current = None
        await capture.finish()
        done = {key: reply.get(key) for key in ("status", "ename", "execution_count")}
        await self._channel.send_json(Kind.DONE, done | {"truncated": capture.cut, "text_cut": capture.text_cut})

    def _note(self, output_bytes: int) -> None:
        if output_bytes != self._noted:
            OUTPUT_BYTES.write_text(str(output_bytes))
            self._noted = output_bytes

    async def _kernel(self, name: str) -> Kernel:
        kernel = self._kernels.get(name)
        if kernel is None:
            kernel = self._kernels[name] = Kernel(name)
            await kernel.connect()
        elif kernel.died.is_set():
            await kernel.restart()
        return kernel

    def _reap(self) -> None:
        """This is the first process of the sandbox: whatever its parent left behind is ours to collect."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for kernel in self._kernels.values():
                if pid == kernel.process.pid:
                    kernel.process.returncode = os.waitstatus_to_exitcode(status)
                    kernel.died.set()


class _Publisher:
    """Jupyter messages as nbformat outputs, within the limits."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture

    async def __call__(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "stream":
            await self._capture.stream(content["name"] if content["name"] in STREAMS else "stdout", content["text"])
        elif kind in ("display_data", "update_display_data", "execute_result"):
            output = {
                "output_type": kind.removeprefix("update_"),
                "data": content["data"],
                "metadata": content["metadata"],
            }
            if kind == "execute_result":
                output["execution_count"] = content["execution_count"]
            await self._capture.rich(output)
        elif kind == "error":
            keys = ("ename", "evalue", "traceback")
            await self._capture.error({"output_type": "error"} | {key: content[key] for key in keys})


def _death(kernel: Kernel) -> dict[str, Any]:
    code = kernel.process.returncode
    how = f"by signal {-code}" if code is not None and code < 0 else f"with status {code}"
    line = f"the kernel ended {how}; its variables are gone, the files in /workspace are not"
    return {"output_type": "error", "ename": "KernelDied", "evalue": line, "traceback": [f"KernelDied: {line}"]}


def _end_on_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        print(f"agent: {error!r}", file=sys.stderr, flush=True)
        os._exit(70)
