"""Build the console, unless the cache has it for the present sources.

    python -m tools.console run|test

`run` leaves the build in frontend/dist; `test` the packages in frontend/node_modules too, for lint and unit tests.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.setup import ROOT, Stop, cache, call, find, step

FRONTEND = ROOT / "frontend"
DIST = FRONTEND / "dist"
MODULES = FRONTEND / "node_modules"
NODE_NEEDED = (20, 19)
# What a build is made of. Unit tests and the tools around it change nothing in it.
MADE_OF = (".npmrc", "index.html", "package.json", "package-lock.json", "postcss.config.js", "src", "vite.config.ts")


def main(kind: str) -> None:
    """Leave what `run` or `test` needs. Raises Stop with the sentence that says what to do."""
    digest = digest_of(sources())
    kept = cache() / "console" / digest
    if kind == "test" or not kept.exists():
        node = _node()
        packages(node)
        if not kept.exists():
            build(kept)
    serve(kept, digest)


def sources() -> Iterator[Path]:
    """Every file that a build is made of, in order."""
    for name in MADE_OF:
        path = FRONTEND / name
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in found if file.is_file() and ".test." not in file.name)


def digest_of(files: Iterator[Path]) -> str:
    """A name for what the files hold."""
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.relative_to(FRONTEND)} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:24]


def packages(node: str) -> None:
    """Make node_modules hold exactly what the lock pins."""
    stamp = MODULES / ".bailiwick-lock"
    lock = f"{digest_of(iter([FRONTEND / 'package-lock.json']))} {node}"
    if stamp.exists() and stamp.read_text() == lock:
        return
    with step("the console's packages from the lock"):
        call(
            [_npm(), "ci", "--prefer-offline", "--no-audit", "--no-fund"],
            log="console-packages",
            otherwise="check the network and npm's settings (npm config ls), then try again.",
            cwd=FRONTEND,
        )
        stamp.write_text(lock)


def build(kept: Path) -> None:
    """Build into the cache; what is under its name there is whole."""
    part = kept.with_name(f"{kept.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    with step("building the console"):
        call(
            [_npm(), "run", "--silent", "build"],
            log="console",
            otherwise="the sources do not build; correct what is named above and try again.",
            cwd=FRONTEND,
            env={"CONSOLE_DIST": str(part)},
        )
        try:
            part.rename(kept)
        except OSError:
            # Another setup was quicker, with the same sources.
            shutil.rmtree(part)


def serve(kept: Path, digest: str) -> None:
    """Put a copy of the build where the control plane serves it from: a tool that empties the folder harms no cache."""
    stamp = DIST / ".bailiwick-build"
    if stamp.exists() and stamp.read_text() == digest:
        return
    part = DIST.with_name(f"dist.{os.getpid()}.part")
    shutil.copytree(kept, part)
    (part / stamp.name).write_text(digest)
    shutil.rmtree(DIST, ignore_errors=True)
    part.rename(DIST)


def _node() -> str:
    """The version of Node. Raises Stop when it is missing or too old."""
    needed = ".".join(map(str, NODE_NEEDED))
    node = find("node")
    if node is None:
        raise Stop(f"Node is not on the PATH and is needed to build the console; install Node {needed} or newer.")
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if tuple(int(part) for part in re.findall(r"\d+", said)[:2]) < NODE_NEEDED:
        raise Stop(
            f"Node {needed} or newer is needed to build the console and {node} is {said or 'broken'}; install it."
        )
    return said


def _npm() -> str:
    npm = find("npm")
    if npm is None:
        raise Stop("npm is not on the PATH and is needed to build the console; install it with Node.")
    return npm


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "run")
    except Stop as stop:
        sys.exit(f"bailiwick: {stop}")
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"bailiwick: {error.filename or 'a file'}: {error.strerror}; free or correct it and try again.")
