"""Every part: how it starts, when it is ready, what it needs first, how it is asked to stop."""

import signal
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from config import processes
from tools.launch import opa, postgres, prepare, redis, sandboxd, witness
from tools.launch.state import PYTHON, State

READY_WITHIN = 60.0


def always(state: State) -> bool:
    """Ready as soon as it runs."""
    return True


def never(state: State) -> bool:
    """Not done before it ran."""
    return False


def nothing(state: State) -> None:
    """Nothing to do before the start."""


@dataclass(frozen=True)
class Program:
    """One process of the platform. `once` ones run to their end before those that need them start."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    needs: tuple[str, ...] = ()
    prepare: Callable[[State], None] = nothing
    ready: Callable[[State], bool] = always
    stop: signal.Signals = signal.SIGTERM
    patience: float = 10.0
    once: bool = False
    done: Callable[[State], bool] = never
    to_terminal: bool = False
    user_namespace: bool = field(default=False)


def programs(state: State) -> dict[str, Program]:
    """All of them by name, in an order in which each comes after what it needs."""
    plain = state.plain_environment()
    django = state.environment()
    base = ("postgres", "redis", "opa")
    every = [
        Program(
            "postgres",
            postgres.command(state),
            plain,
            prepare=postgres.initialise,
            ready=postgres.ready,
            stop=signal.SIGINT,  # "fast": ends sessions and writes everything; SIGTERM would wait for them
            patience=30.0,
            user_namespace=True,
        ),
        Program("redis", redis.command(state), plain, prepare=redis.configure, ready=redis.ready),
        Program("opa", opa.command(state), plain, prepare=opa.build, ready=opa.ready),
        Program("sandboxd", sandboxd.command(state), plain, prepare=sandboxd.tidy, ready=sandboxd.ready, patience=20.0),
        Program(
            "prepare", _launch("prepare", state), state.environment(owner=True), base, once=True, done=prepare.prepared
        ),
        Program("witness", witness.command(state), plain, prepare=witness.found, ready=witness.ready),
        Program("sequencer", _sequencer(), state.sequencer_environment(), ("prepare", "witness")),
        Program("worker", processes.worker(), django, ("prepare", "sandboxd")),
        Program("beat", processes.beat(state.run / "beat-schedule"), django, ("prepare",)),
        Program("web", processes.web("127.0.0.1", state.ports.web), django, ("prepare",), ready=_web_ready),
        Program("seed", _launch("seed", state), django, ("sequencer",), once=True, done=prepare.seeded),
    ]
    return {program.name: program for program in every}


def _launch(verb: str, state: State) -> tuple[str, ...]:
    return (str(PYTHON), "-m", "tools.launch", verb, "--var", str(state.var))


def welcome(state: State) -> Program:
    """The demo's run, after everything else, told to whoever started it."""
    argv = _launch("welcome", state)
    needs = ("web", "worker", "beat", "seed")
    return Program("welcome", argv, state.environment(), needs, once=True, to_terminal=True)


def _sequencer() -> tuple[str, ...]:
    return (str(PYTHON), "-m", "audit.sequencer")


def _web_ready(state: State) -> bool:
    try:
        with urllib.request.urlopen(f"{state.url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def dependents(name: str, every: Mapping[str, Program]) -> set[str]:
    """The programs that need `name`, directly or through others: they stop before it does."""
    direct = {program.name for program in every.values() if name in program.needs}
    return direct.union(*(dependents(other, every) for other in direct))
