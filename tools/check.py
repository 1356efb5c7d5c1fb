"""`make check`: every check that needs no running part, all of them even when one fails. Warnings are errors.

With --write the generated files are written instead of compared.
"""

import difflib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.launch.state import BIN, PYTHON, ROOT, State

MANAGE = (str(PYTHON), "manage.py")
TOOLS = PYTHON.parent
# Each generated file and the command that prints it.
GENERATED: Mapping[str, Sequence[str]] = {
    "docs/openapi.json": (*MANAGE, "spectacular", "--format", "openapi-json", "--fail-on-warn"),
    "docs/states.md": (*MANAGE, "states"),
}
NPM = ("npm", "--prefix", "frontend", "run", "--silent")
# Likewise, made from one of the files above as it lies there.
DERIVED: Mapping[str, Sequence[str]] = {"frontend/src/lib/api/schema.d.ts": (*NPM, "types:print")}
CHECKS: Mapping[str, Sequence[str]] = {
    "format": (str(TOOLS / "ruff"), "format", "--check", "--quiet", "."),
    "lint": (str(TOOLS / "ruff"), "check", "--quiet", "."),
    "types": (str(TOOLS / "mypy"), "--no-error-summary"),
    "imports": (str(TOOLS / "lint-imports"), "--no-logo"),
    "policies": (str(ROOT / "policies/check.sh"),),
    "settings": (*MANAGE, "check", "--fail-level", "WARNING"),
    "migrations": (str(PYTHON), "-m", "tools.migrations"),
    "console format": (*NPM, "format:check"),
    "console lint": (*NPM, "lint"),
    "console types": (*NPM, "typecheck"),
}


def main(write: bool) -> int:
    """Run every check; tells how many failed."""
    with tempfile.TemporaryDirectory() as folder:
        env = environment(Path(folder))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            checks = {} if write else {name: pool.submit(run, words, env) for name, words in CHECKS.items()}
            files = {name: pool.submit(run, words, env) for name, words in GENERATED.items()}
            failed = [name for name, check in checks.items() if not report(name, *check.result())]
            failed += [name for name, made in files.items() if not compare(name, *made.result(), write=write)]
            derived = {name: pool.submit(run, words, env) for name, words in DERIVED.items()}
            failed += [name for name, made in derived.items() if not compare(name, *made.result(), write=write)]
    print(f"{', '.join(failed)} failed." if failed else "All well.")
    return len(failed)


def environment(folder: Path) -> dict[str, str]:
    """Settings of a state that was never started: enough for what only reads the code."""
    state = State.prepare(folder / "var")
    state.choose_ports({})
    return {**state.environment(), "OPA": str(BIN / "opa"), "DJANGO_SETTINGS_MODULE": "config.settings"}


def run(words: Sequence[str], env: Mapping[str, str]) -> tuple[int, str, str, float]:
    """Status, standard output, standard error, seconds."""
    started = time.monotonic()
    done = subprocess.run(words, cwd=ROOT, env=dict(env), capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr, time.monotonic() - started


def report(name: str, status: int, output: str, errors: str, seconds: float) -> bool:
    """Print a line for the check, and what it said if it failed."""
    print(f"{'ok  ' if not status else 'FAIL'}  {name:20} {seconds:5.1f} s", flush=True)
    if status:
        print(output + errors, flush=True)
    return not status


def compare(name: str, status: int, output: str, errors: str, seconds: float, *, write: bool) -> bool:
    """Check that the file holds what the command prints, or make it so."""
    path = ROOT / name
    if status or write:
        if not status:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(output)
        return report(name, status, output, errors, seconds)
    present = path.read_text() if path.exists() else ""
    changes = difflib.unified_diff(present.splitlines(), output.splitlines(), name, "generated", lineterm="", n=1)
    differs = "\n".join(list(changes)[:40])
    return report(
        name, int(bool(differs)), differs, "\nThe file is not current; run `make docs`." if differs else "", seconds
    )


if __name__ == "__main__":
    sys.exit(main(write="--write" in sys.argv[1:]))
