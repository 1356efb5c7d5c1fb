"""`make bench [ARGS="submit policy"]`: bring up a stack of its own, measure every row, print the table."""

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tools.launch.state import State

TIMES = 40
ROWS = ("submit", "cold", "density", "policy", "transfer", "console", "append", "proof", "export")
ENTRIES = 1_000_000


def main() -> None:
    """Print the rows asked for, all of them by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []])
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--entries", type=int, default=ENTRIES, help="in the larger log")
    options = parser.parse_args()
    wanted = set(options.rows or ROWS)
    folder = Path(tempfile.mkdtemp(prefix="bailiwick-bench-"))
    os.environ.update({"BAILIWICK_WARM": "4", "BAILIWICK_MAX_SANDBOXES": "12"})
    state = State.prepare(folder / "var")
    state.choose_ports({})
    os.environ.update({k: v for k, v in state.environment(owner=True).items() if k.startswith("BAILIWICK_")})
    try:
        _print(state, folder, wanted, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _print(state: State, folder: Path, wanted: set[str], options: argparse.Namespace) -> None:
    from tests.bench import rows
    from tests.bench.console import console
    from tests.bench.density import density
    from tests.bench.figures import HEAD, Row
    from tests.bench.log import Log
    from tests.bench.raw import Raw
    from tests.stack import Stack

    times = options.times
    printed: list[str] = []
    with Raw() as raw:
        stack = Stack(state).up()
        log = Log(stack, options.entries, _made(folder / "log"))
        measures: dict[str, Callable[[], Iterator[Row]]] = {
            "submit": lambda: rows.submit(stack, raw, times),
            "cold": lambda: rows.cold(stack, raw, max(5, times // 4)),
            "policy": lambda: rows.policy(stack, raw, times),
            "transfer": lambda: rows.transfer(stack, raw, max(3, times // 8), _made(folder / "transfer")),
            "console": lambda: console(stack, times, _made(folder / "console")),
            "append": log.append,
            "proof": log.proof,
            "export": log.export,
        }
        try:
            for name in (name for name in measures if name in wanted):
                print(f"measuring {name} …", flush=True)
                printed += [row.printed() for row in measures[name]()]
        finally:
            stack.close()
        if "density" in wanted:
            print("measuring density …", flush=True)
            printed += [row.printed() for row in density(raw, _made(folder / "density"))]
    print("\n".join(["", HEAD, *printed]))


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()
