"""Start what the Procfile names, under honcho, and hold it until it is told to stop."""

import fcntl
import os
import signal
import sys
import time

from honcho import manager
from honcho.environ import parse_procfile
from honcho.printer import Message, Printer

from tools.launch.keeper import running
from tools.launch.state import ROOT, CannotStart, State

# Longer than the keepers wait for one another: honcho's kill is for what hangs.
manager.KILL_WAIT = 60


class Terminal(Printer):  # type: ignore[misc]
    """Shows what the keepers say; honcho's own remarks only tell the process ids that run/ tells too."""

    def write(self, message: Message) -> None:
        if message.name != manager.SYSTEM_PRINTER_NAME:
            super().write(message)


def up(state: State) -> None:
    """Returns after an orderly stop. Raises CannotStart, or exits with the status of the part that failed."""
    # A record lock, as the processes that honcho forks do not inherit one.
    with (state.run / "lock").open("w") as held:
        try:
            fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            raise CannotStart(
                f"Bailiwick already runs from {state.var}; stop it with Ctrl-C where it was started."
            ) from None
        clear(state)
        state.choose_ports(usual=8080)
        crew = manager.Manager(Terminal(sys.stdout, prefix=False))
        env = {**os.environ, "BAILIWICK_VAR": str(state.var), "BAILIWICK_LAUNCHER": str(os.getpid())}
        for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
            crew.add_process(name, command, env=env, cwd=str(ROOT))
        crew.loop()
    print("Bailiwick stopped; its state is kept.", flush=True)
    if crew.returncode not in (0, 130, 143):
        sys.exit(1)


def clear(state: State) -> None:
    """Remove what an earlier start that was killed left behind: its programs, and its signs of readiness."""
    names = list(programs_known(state))
    for name in names:
        if pid := running(name, state):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 10
    while any(running(name, state) for name in names) and time.monotonic() < deadline:
        time.sleep(0.1)
    for name in names:
        if pid := running(name, state):
            os.kill(pid, signal.SIGKILL)
    for path in (*state.run.glob("*.pid"), *state.run.glob("*.ready")):
        path.unlink()
    # The counters of processes that are gone.
    for path in (state.var / "metrics").glob("*.db"):
        path.unlink()


def programs_known(state: State) -> set[str]:
    """Every name that an earlier start may have left a process under."""
    return {path.stem for path in state.run.glob("*.pid")}
