"""Keep one program running: start it after what it needs, again when it dies, and stop it after its dependents."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tools.launch import postgres
from tools.launch.programs import READY_WITHIN, Program, dependents
from tools.launch.state import ROOT, CannotStart, State

PR_SET_PDEATHSIG = 1
STOPS = {signal.SIGTERM, signal.SIGINT}
WATCHED = STOPS | {signal.SIGCHLD}
LOG_LIMIT = 20 * 1024**2
# So many deaths in so many seconds, and it is not worth another start.
DEATHS, DEATHS_WITHIN = 5, 60.0
DEPENDENTS_WITHIN = 30.0
LIBC = ctypes.CDLL(None, use_errno=True)


def spawn(program: Program, state: State) -> "subprocess.Popen[bytes]":
    """Start the program in a session of its own; it ends when whoever started it dies. Its id goes into run/."""
    program.prepare(state)
    path = state.log / f"{program.name}.log"
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))

    def become() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        if program.user_namespace:
            postgres.leave_root()
        LIBC.prctl(PR_SET_PDEATHSIG, int(program.stop))

    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as log:
        output = None if program.to_terminal else log
        child = subprocess.Popen(
            program.argv,
            cwd=ROOT,
            env=dict(program.env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            preexec_fn=become,
            start_new_session=True,
        )
    (state.run / f"{program.name}.pid").write_text(f"{child.pid} {started_at(child.pid)}")
    return child


def started_at(pid: int) -> str | None:
    """When the kernel says that the process started (proc(5), field 22): tells it from a later one of the same id."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def running(name: str, state: State) -> int | None:
    """The program's process id, if the one that run/ names still runs."""
    try:
        pid, _, started = (state.run / f"{name}.pid").read_text().partition(" ")
    except FileNotFoundError:
        return None
    return int(pid) if started and started_at(int(pid)) == started else None


def end(child: "subprocess.Popen[bytes]", program: Program) -> None:
    """Ask it to stop; when its patience is over, end its whole session."""
    if child.poll() is None:
        child.send_signal(program.stop)
        try:
            child.wait(program.patience)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def await_ready(program: Program, state: State, alive: Callable[[], bool]) -> bool:
    """Wait until the program is ready; False if it died or took too long."""
    deadline = time.monotonic() + READY_WITHIN
    while alive() and time.monotonic() < deadline:
        if program.ready(state):
            return alive()
        time.sleep(0.05)
    return False


class Keeper:
    """Keeps one program for as long as the launcher wants it."""

    def __init__(self, program: Program, every: dict[str, Program], state: State, launcher: int) -> None:
        self.program = program
        self.every = every
        self.state = state
        self.launcher = launcher
        self.stopping = False
        self.deaths: list[float] = []
        self.started = time.monotonic()
        self.sign = state.run / f"{program.name}.ready"
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)

    def keep(self) -> None:
        """Returns after an orderly stop. Raises CannotStart when the program cannot be kept running."""
        for name in self.program.needs:
            while not (self.state.run / f"{name}.ready").exists():
                if self.rest(0.05):
                    return
        if self.program.once and self.program.done(self.state):
            self.stand_ready()
        while not self.stopping:
            self.started = time.monotonic()
            child = spawn(self.program, self.state)
            try:
                self.watch(child)
            finally:
                self.sign.unlink(missing_ok=True)
                self.let_dependents_end()
                end(child, self.program)
                (self.state.run / f"{self.program.name}.pid").unlink(missing_ok=True)

    def watch(self, child: "subprocess.Popen[bytes]") -> None:
        """Returns when the program ended or should."""
        if self.program.once:
            while child.poll() is None and not self.rest(1.0):
                pass
            if child.returncode:
                raise CannotStart(self.explain(f"ended with status {child.returncode}"))
            self.stand_ready()
            return
        if await_ready(self.program, self.state, lambda: child.poll() is None and not self.rest(0)):
            self.show_ready()
        elif child.poll() is None and not self.stopping:
            raise CannotStart(self.explain(f"was not ready after {READY_WITHIN:.0f} s"))
        while child.poll() is None and not self.rest(1.0):
            pass
        if not self.stopping:
            self.note_death(child.returncode)

    def stand_ready(self) -> None:
        """A step that is done stays so until the launcher stops."""
        self.show_ready()
        while not self.stopping:
            self.rest(1.0)

    def show_ready(self) -> None:
        """Let those that need this program start, and whoever started it all see how far it is."""
        self.sign.touch()
        if not self.program.to_terminal:
            print(f"  {self.program.name} ready: {time.monotonic() - self.started:.1f} s", flush=True)

    def rest(self, seconds: float) -> bool:
        """Wait for a signal or the time to pass; tells whether to stop."""
        caught = signal.sigtimedwait(WATCHED, seconds)
        orphaned = self.launcher and not Path(f"/proc/{self.launcher}").exists()
        if orphaned or (caught and caught.si_signo in STOPS):
            self.stopping = True
        return self.stopping

    def note_death(self, status: int) -> None:
        how = f"signal {-status}" if status < 0 else f"status {status}"
        now = time.monotonic()
        self.deaths = [*(death for death in self.deaths if now - death < DEATHS_WITHIN), now]
        if status == 78 or len(self.deaths) >= DEATHS:
            raise CannotStart(self.explain(f"ended with {how}" + (" again and again" if status != 78 else "")))
        print(f"{self.program.name} ended with {how}; it starts again.", flush=True)
        self.rest(0.2 * len(self.deaths))

    def let_dependents_end(self) -> None:
        """At a stop, wait for those that need this program; a program that died alone keeps nobody waiting."""
        deadline = time.monotonic() + DEPENDENTS_WITHIN
        others = dependents(self.program.name, self.every) if self.stopping else set()
        while time.monotonic() < deadline and any(running(name, self.state) for name in others):
            time.sleep(0.05)

    def explain(self, what: str) -> str:
        """The end of what it said, and where the rest is."""
        if self.program.to_terminal:
            return f"{self.program.name} {what}; correct what it names, or see {self.state.log}, and start again."
        log = self.state.log / f"{self.program.name}.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        # A step says in its last line what was wrong; a server's last lines may all count.
        tail = "".join(f"    {line}\n" for line in lines[-1 if self.program.once else -8 :])
        return f"{tail}{self.program.name} {what}; see {log}, correct what it names and start again."
