"""Directories of installed closures: each appears whole or not at all, under its id, and is then read-only."""

import os
import shutil
import stat
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from config.environment import settings
from config.errors import Refused, Unavailable

MAX_BYTES: Final = 2 << 30
MAX_FILES: Final = 100_000
_FORGOTTEN_SECONDS: Final = 3600


def root() -> Path:
    """Where the closures lie."""
    return settings().var / "packages"


def installed(closure_id: str) -> Path | None:
    """The closure's directory, if it is there."""
    path = root() / closure_id
    return path if path.is_dir() else None


@contextmanager
def appearing(closure_id: str) -> Iterator[Path]:
    """A directory to fill, which becomes the closure's when the block ends well and is removed when it does not.

    Two that fill the same closure at once do not meet; the first to end wins. Raises Refused (`package_malformed`) for
    links and special files, Unavailable (`package_store_unavailable`) when the disk does not take it.
    """
    final, part = root() / closure_id, root() / f".part-{closure_id}-{uuid.uuid4().hex}"
    try:
        root().mkdir(mode=0o755, parents=True, exist_ok=True)
        _remove_forgotten()
        part.mkdir(mode=0o755)
        yield part
        _seal(part)
        _publish(part, final)
    except OSError as failure:
        raise Unavailable(
            "package_store_unavailable",
            f"packages: they could not be stored ({failure.strerror or 'disk error'}).",
            remedy="A platform admin makes room in the state directory.",
        ) from failure
    finally:
        _remove(part)


def _publish(part: Path, final: Path) -> None:
    # A directory must be writable to its owner to be renamed; it is closed right after.
    try:
        os.rename(part, final)
    except OSError:
        if not final.is_dir():
            raise
    else:
        final.chmod(0o555)


def _seal(part: Path) -> None:
    """Take away write permission, and what is of no use inside: uv's lock and scripts with our interpreter's path."""
    (part / ".lock").unlink(missing_ok=True)
    shutil.rmtree(part / "bin", ignore_errors=True)
    size = count = 0
    for folder, names, files in os.walk(part, topdown=False):
        for name in files:
            path = Path(folder, name)
            facts = path.lstat()
            if not stat.S_ISREG(facts.st_mode):
                raise _malformed("holds links or special files")
            size, count = size + facts.st_size, count + 1
            path.chmod(0o444)
        for name in names:
            if Path(folder, name).is_symlink():
                raise _malformed("holds links or special files")
        if Path(folder) != part:
            Path(folder).chmod(0o555)
    if size > MAX_BYTES or count > MAX_FILES:
        raise _malformed(f"has {size} bytes in {count} files; at most {MAX_BYTES} in {MAX_FILES} are taken")


def _malformed(what: str) -> Refused:
    return Refused(
        "package_malformed",
        f"packages: one of them {what}.",
        remedy="Ask for other packages, or for an environment image that has them.",
    )


def _remove(path: Path) -> None:
    if not path.is_dir():
        return
    for folder, _, _ in os.walk(path):
        os.chmod(folder, 0o755)
    shutil.rmtree(path, ignore_errors=True)


def _remove_forgotten() -> None:
    """Remove what a process that was killed left behind."""
    for part in root().glob(".part-*"):
        try:
            if time.time() - part.stat().st_mtime > _FORGOTTEN_SECONDS:
                _remove(part)
        except FileNotFoundError:
            continue
