"""The whole platform as real processes for tests, started by the launcher's own code."""

import json
import os
import signal
import subprocess
import time
from typing import Any, Self

import httpx

from tools.launch.keeper import await_ready, end, running, spawn
from tools.launch.programs import Program, programs
from tools.launch.state import State

READY_WITHIN = 90.0


class Stack:
    """Processes by name, as the launcher has them: postgres, opa, web and so on. None is started again by itself.

    Use it from the main thread: a process ends with the thread that started it.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.programs: dict[str, Program] = programs(state)
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._done: set[str] = set()

    @property
    def url(self) -> str:
        return self.state.url

    @property
    def users(self) -> dict[str, dict[str, str]]:
        """Each demo user's username, password and token, as in var/demo.json."""
        users: dict[str, dict[str, str]] = json.loads((self.state.var / "demo.json").read_text())["users"]
        return users

    def api(self, user: str | None = "analyst", *, token: str | None = None, timeout: float = 60.0) -> httpx.Client:
        """A client of the REST API as that demo user, with another token, or (with None) as nobody."""
        bearer = token or (self.users[user]["token"] if user else None)
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return httpx.Client(base_url=f"{self.url}/api/v1/", headers=headers, timeout=timeout)

    def up(self) -> Self:
        """Start whatever does not run, in order, and return when the platform says that every part is ready."""
        for name in self.programs:
            self.start(name)
        deadline = time.monotonic() + READY_WITHIN
        while (answer := httpx.get(f"{self.url}/readyz", timeout=30)).status_code != 200:
            if time.monotonic() > deadline:
                raise RuntimeError(f"The stack is not ready: {answer.text}")
            time.sleep(0.1)
        return self

    def start(self, name: str) -> None:
        """Start a process unless it runs, and return when it is ready; what it needs is started first."""
        program = self.programs[name]
        if program.once:
            self._run_once(program)
            return
        if self.pid(name):
            return
        for need in program.needs:
            self.start(need)
        child = self._children[name] = spawn(program, self.state)
        if not await_ready(program, self.state, lambda: child.poll() is None):
            raise RuntimeError(f"{name} did not get ready:\n{self.log(name)[-4000:]}")

    def _run_once(self, program: Program) -> None:
        if program.name in self._done:
            return
        for need in program.needs:
            self.start(need)
        if status := spawn(program, self.state).wait(120):
            raise RuntimeError(f"{program.name} ended with status {status}:\n{self.log(program.name)[-4000:]}")
        self._done.add(program.name)

    def pid(self, name: str) -> int | None:
        """The process id of a part that runs."""
        return running(name, self.state)

    def kill(self, name: str, signum: int = signal.SIGKILL) -> None:
        """Send a signal to the part's own process. After one that ends it, returns when it is gone."""
        child = self._children[name]
        os.kill(child.pid, signum)
        if signum in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            child.wait(60)

    def stop(self, name: str) -> None:
        """End a part in order, as the launcher does."""
        if child := self._children.pop(name, None):
            end(child, self.programs[name])

    def restart(self, name: str) -> None:
        """Stop a part and start it again."""
        self.stop(name)
        self.start(name)

    def log(self, name: str) -> str:
        """What the part has written so far."""
        path = self.state.log / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def logs(self) -> dict[str, str]:
        """What every part has written so far."""
        return {name: self.log(name) for name in self.programs}

    def close(self) -> None:
        """End everything that was started, the last first."""
        for name in reversed(list(self.programs)):
            self.stop(name)


def secret_of(token: str) -> str:
    """The part of a token that nobody may read again: of base64's letters, so that it may hold an underscore too."""
    return token.split("_", 2)[2]


def eventually(check: Any, within: float = 10.0, every: float = 0.05) -> Any:
    """Call `check` until what it returns is true, and return that; otherwise fail with the last answer."""
    deadline = time.monotonic() + within
    while not (answer := check()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not so after {within} s; the last answer was {answer!r}")
        time.sleep(every)
    return answer
