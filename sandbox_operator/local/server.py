"""The daemon's door: answers workers, and ends the sandbox of a worker that dies in the middle of something."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sandbox_operator.errors import BackendUnavailable, Fate, Fenced, OperatorError, SandboxLost, SessionBusy
from sandbox_operator.local import wire
from sandbox_operator.local.cgroups import Reading
from sandbox_operator.local.pool import Pool
from sandbox_operator.local.sandbox import Sandbox, State
from sandbox_operator.protocol import BackendHealth, SandboxStatus, Usage
from sandbox_operator.spec import Handle

KILL_GRACE = 0.5  # between the interrupt at the wall limit and the end of a sandbox that ignored it
NATURAL_END = 1.0  # how long a broken channel may wait for its sandbox's own end to explain it

log = logging.getLogger("bailiwick.sandboxes")


class Server:
    def __init__(self, pool: Pool, path: Path) -> None:
        self._pool = pool
        self._path = path
        self._holders: dict[str, Connection] = {}

    async def serve(self) -> None:
        """Accept until cancelled. The socket is made private before anybody can connect."""
        with suppress(FileNotFoundError):
            self._path.unlink()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            before = os.umask(0o177)
            try:
                listener.bind(str(self._path))
            finally:
                os.umask(before)
            listener.listen(256)
            listener.setblocking(False)
            async with asyncio.TaskGroup() as group:
                while True:
                    sock, _ = await asyncio.get_running_loop().sock_accept(listener)
                    group.create_task(Connection(self, self._pool, sock).serve())

    def take(self, connection: Connection, sandbox: Sandbox, epoch: int) -> None:
        """Give the sandbox's channel to this connection. Raises Fenced or SessionBusy."""
        if epoch < sandbox.epoch:
            raise Fenced(f"epoch {epoch} is older than {sandbox.epoch}")
        holder = self._holders.get(sandbox.handle.sandbox)
        if holder is not None and holder is not connection:
            if holder.busy:
                raise SessionBusy("another session is in the middle of something")
            holder.fence()
        sandbox.epoch = epoch
        self._holders[sandbox.handle.sandbox] = connection

    def leave(self, connection: Connection, sandbox: Sandbox) -> None:
        if self._holders.get(sandbox.handle.sandbox) is connection:
            del self._holders[sandbox.handle.sandbox]


class Connection:
    """One worker's connection: single questions, or, after `open`, one session."""

    def __init__(self, server: Server, pool: Pool, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._server = server
        self._pool = pool
        self._sock = sock
        self._sandbox: Sandbox | None = None
        self._fenced = False
        self._before: tuple[float, Reading] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._granted: Sandbox | None = None  # claimed, and its caller does not know yet

    @property
    def busy(self) -> bool:
        return self._before is not None

    def fence(self) -> None:
        self._sandbox, self._fenced = None, True

    async def serve(self) -> None:
        try:
            if self._is_ours():
                async for line in self._lines():
                    await self._answer(line)
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("a worker's connection ended: %r", error)
        except Exception:
            log.exception("a worker's connection ended by a fault of ours")
        finally:
            self._sock.close()
            await self._abandoned()

    def _is_ours(self) -> bool:
        """The socket's mode says so already; this holds when somebody widens it."""
        raw = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return struct.unpack("3i", raw)[1] in (0, os.geteuid())

    async def _lines(self) -> AsyncIterator[bytes]:
        loop, buffer = asyncio.get_running_loop(), bytearray()
        while part := await loop.sock_recv(self._sock, 1 << 16):
            buffer += part
            while (end := buffer.find(b"\n")) >= 0:
                line = bytes(buffer[:end])
                del buffer[: end + 1]
                yield line
            if len(buffer) > wire.MAX_LINE:
                raise ValueError("a line is too long")

    async def _answer(self, line: bytes) -> None:
        ask = wire.unpack(line)
        handler = getattr(self, f"_do_{ask.pop('op', '')}", None)
        if handler is None:
            raise ValueError("unknown operation")
        try:
            answer = {"ok": await handler(**ask)}
        except OperatorError as error:
            answer = {"error": wire.pack_error(error)}
        await asyncio.get_running_loop().sock_sendall(self._sock, wire.pack(answer))
        self._granted = None

    async def _abandoned(self) -> None:
        """A worker that died between executions takes nothing along; one that died within loses its sandbox."""
        if self._granted is not None:
            await self._pool.end(self._granted, Fate.LOST)
        sandbox, self._sandbox = self._sandbox, None
        self._disarm()
        if sandbox is not None:
            self._server.leave(self, sandbox)
            if self.busy:
                await self._pool.end(sandbox, Fate.LOST)

    async def _do_claim(self, spec: dict[str, Any], timeout: float) -> dict[str, Any]:
        try:
            async with asyncio.timeout(timeout):
                claim = await self._pool.claim(wire.unpack_spec(spec))
        except TimeoutError as error:
            raise BackendUnavailable(f"no sandbox became ready within {timeout} s") from error
        self._granted = self._pool.find(claim.handle)
        return wire.pack_claim(claim)

    async def _do_open(self, handle: str, epoch: int) -> dict[str, Any]:
        if self._sandbox is not None or self._fenced:
            raise ValueError("a session is open on this connection already")
        sandbox = self._pool.find(Handle.parse(handle))
        self._server.take(self, sandbox, epoch)
        self._sandbox = sandbox
        socket.send_fds(self._sock, [b"\0"], [sandbox.link.sock.fileno()])
        return asdict(sandbox.limits)

    async def _do_begin(self, wall_seconds: float | None) -> dict[str, Any]:
        """Nothing may be sent to the sandbox before this is answered: it is the fence, and it arms the deadline."""
        sandbox = self._held()
        if self.busy:
            raise SessionBusy("this session is in the middle of something")
        if wall_seconds is not None:  # the peak is that of an execution, and stays until the next
            sandbox.group.reset_peak()
        self._before = (time.monotonic(), sandbox.group.read())
        sandbox.busy = True
        if wall_seconds is not None:
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(wall_seconds + KILL_GRACE, self._expire, sandbox)
        return {}

    async def _do_end(self) -> dict[str, Any]:
        sandbox = self._held()
        if self._before is None:
            raise ValueError("nothing was begun")
        started, before = self._before
        self._finish(sandbox)
        if sandbox.group.out_of_memory():  # the kernel may have killed a process inside and left the rest alive
            await self._pool.end(sandbox, Fate.OUT_OF_MEMORY)
            raise SandboxLost(Fate.OUT_OF_MEMORY)
        return asdict(_usage(sandbox, before, started))

    async def _do_lost(self, detail: str) -> dict[str, Any]:
        """The worker's channel broke or lied: whatever the reason, that sandbox is killed; its traces go after."""
        sandbox = self._sandbox
        if sandbox is None:
            raise Fenced("another session has taken over") if self._fenced else SandboxLost(Fate.UNKNOWN)
        log.warning("sandbox %s is lost: %s", sandbox.handle.sandbox, ascii(detail)[:300])
        if sandbox.state is not State.ENDED:  # its end may explain the broken channel: give it a moment to be noticed
            with suppress(TimeoutError):
                await asyncio.wait_for(sandbox.exited(), NATURAL_END if "ended" in detail else 0.001)
            out_of_memory = sandbox.group.out_of_memory()
            self._pool.spawn(self._pool.end(sandbox, Fate.OUT_OF_MEMORY if out_of_memory else Fate.LOST))
            await asyncio.sleep(0)
        self._finish(sandbox)
        return {"fate": sandbox.fate.value}

    async def _do_destroy(self, handle: str) -> dict[str, Any]:
        name = Handle.parse(handle)
        sandbox = self._pool.sandboxes.get(name.sandbox)
        if sandbox is None or sandbox.handle != name:
            fate = self._pool.fate(name)
            return {"existed": False, "cause": None if fate is Fate.UNKNOWN else fate.value}
        existed = sandbox.state is not State.ENDED
        await self._pool.end(sandbox, Fate.DESTROYED)
        return {"existed": existed, "cause": sandbox.fate.value}

    async def _do_fate(self, handle: str) -> dict[str, Any]:
        return {"fate": self._pool.fate(Handle.parse(handle)).value}

    async def _do_usage(self, handle: str) -> dict[str, Any]:
        sandbox = self._pool.find(Handle.parse(handle))
        wall = time.time() - (sandbox.claimed_at or 0.0)
        return asdict(_usage(sandbox, sandbox.baseline, time.monotonic() - wall))

    async def _do_sandboxes(self) -> list[dict[str, Any]]:
        return [
            wire.pack_status(SandboxStatus(one.handle, one.run_id, one.state.value, one.claimed_at, one.expires_at))
            for one in self._pool.sandboxes.values()
        ]

    async def _do_health(self) -> dict[str, Any]:
        pool = self._pool
        health = BackendHealth(
            ok=not pool.trouble,
            warm=pool.count(State.WARM),
            starting=pool.count(State.STARTING),
            claimed=pool.count(State.CLAIMED),
            max=pool.settings.max,
            enforced=pool.enforced,
            not_enforced=pool.not_enforced,
            versions={"gvisor": pool.settings.gvisor_version, "cgroups": str(pool.machine.groups.version or "none")},
            detail=pool.trouble,
        )
        return asdict(health)

    def _held(self) -> Sandbox:
        if self._fenced:
            raise Fenced("another session has taken over")
        if self._sandbox is None or self._sandbox.state is not State.CLAIMED:
            fate = Fate.UNKNOWN if self._sandbox is None else self._sandbox.fate
            raise SandboxLost(fate)
        return self._sandbox

    def _expire(self, sandbox: Sandbox) -> None:
        self._deadline = None
        self._pool.spawn(self._pool.end(sandbox, Fate.TIMED_OUT))

    def _finish(self, sandbox: Sandbox) -> None:
        self._before = None
        self._disarm()
        sandbox.busy = False
        sandbox.idle_since = time.monotonic()

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _usage(sandbox: Sandbox, before: Reading, started: float) -> Usage:
    now = sandbox.group.read()
    return Usage(
        wall_seconds=time.monotonic() - started,
        cpu_seconds=max(0.0, now.cpu_seconds - before.cpu_seconds),
        memory_bytes=now.memory_bytes,
        peak_memory_bytes=now.peak_memory_bytes,
        disk_bytes=sandbox.disk_bytes,
    )
