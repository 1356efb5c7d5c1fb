"""The launcher's verbs.

python -m tools.launch up [--var DIR]              start everything, show the demo, serve until Ctrl-C
python -m tools.launch keep NAME [--var DIR]       keep one program running (what the Procfile starts)
python -m tools.launch prepare|seed|welcome        the steps between: migrate; people; the demo's run
python -m tools.launch environment COMMAND…        run a command with the settings of a Django process
"""

import argparse
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from tools.launch.state import ROOT, CannotStart, State


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=("up", "keep", "prepare", "seed", "welcome", "environment"))
    parser.add_argument("words", nargs=argparse.REMAINDER)
    parser.add_argument("--var", type=Path, default=Path(os.environ.get("BAILIWICK_VAR") or ROOT / "var"))
    options = parser.parse_args(_options_first(sys.argv[1:]))
    try:
        state = State.prepare(options.var)
        globals()[f"_{options.verb}"](state, options.words)
    except CannotStart as reason:
        sys.exit(f"bailiwick: {reason}")
    except OSError as error:
        sys.exit(f"bailiwick: {error.filename or 'the system'}: {error.strerror}; free or correct it and start again.")
    except KeyboardInterrupt:
        sys.exit(130)


def _options_first(words: list[str]) -> list[str]:
    """`--var DIR` may stand anywhere but in a command to run."""
    if "--var" in words[1:] and words[0] != "environment":
        at = words.index("--var")
        return [*words[at : at + 2], *words[:at], *words[at + 2 :]]
    return words


def _up(state: State, words: list[str]) -> None:
    from tools.launch.up import up

    up(state)


def _keep(state: State, words: list[str]) -> None:
    from tools.launch.keeper import Keeper
    from tools.launch.programs import programs, welcome

    every = programs(state)
    every["welcome"] = welcome(state)
    Keeper(every[words[0]], every, state, int(os.environ.get("BAILIWICK_LAUNCHER", "0"))).keep()


def _prepare(state: State, words: list[str]) -> None:
    from tools.launch.prepare import prepare

    _step(lambda: prepare(state))


def _seed(state: State, words: list[str]) -> None:
    from tools.launch.prepare import seed

    _step(lambda: seed(state))


def _step(work: Callable[[], None]) -> None:
    try:
        work()
    except Exception as error:
        # The whole of it is for the log; who started the platform is told the last line.
        traceback.print_exc()
        sys.exit(f"The database could not be prepared: {type(error).__name__}: {' '.join(str(error).split())}")


def _welcome(state: State, words: list[str]) -> None:
    from django.core.management import CommandError

    from tools.launch.prepare import welcome

    try:
        welcome(state)
    except CommandError as reason:
        sys.exit(f"  {reason}")


def _environment(state: State, words: list[str]) -> None:
    os.execvpe(words[0], words, state.environment(owner=True))


if __name__ == "__main__":
    main()
