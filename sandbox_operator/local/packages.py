"""Fills a sandbox's /packages after the claim: the directory was mounted, empty, when the sandbox was warmed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from sandbox_operator.errors import RequestRefused


def fill(source: Path, target: Path, allowed: Sequence[Path]) -> None:
    """Link (or, on another file system, copy) the tree. Raises RequestRefused for a source outside `allowed`."""
    real = source.resolve()
    if not any(real.is_relative_to(root.resolve()) and real != root.resolve() for root in allowed) or not real.is_dir():
        raise RequestRefused("packages_refused", f"{source} is not a package directory of this daemon")
    try:
        shutil.copytree(real, target, symlinks=True, dirs_exist_ok=True, copy_function=os.link)
    except (shutil.Error, OSError):
        shutil.copytree(real, target, symlinks=True, dirs_exist_ok=True)
