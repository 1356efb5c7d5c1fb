"""The languages that a cell may be written in. To add one is to add an entry here.

`kernel` names a Jupyter kernel; `wrap` turns a cell into what that kernel runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Kernel:
    argv: tuple[str, ...]  # {connection_file} is filled in
    warm: str = ""  # code that loads what most cells need


@dataclass(frozen=True)
class Language:
    kernel: str
    wrap: Callable[[str], str]


WARM = """
import importlib as _importlib
for _name in ("numpy", "pandas", "matplotlib.pyplot", "duckdb", "agent.cells"):
    _importlib.import_module(_name)
_importlib.import_module("agent.cells").warm()
del _importlib, _name
"""

KERNELS = {"python": Kernel(("python3", "-m", "agent.kernel", "-f", "{connection_file}"), WARM)}


def _call(function: str) -> Callable[[str], str]:
    return lambda code: f"__import__('agent.cells').cells.{function}({code!r}, globals())"


LANGUAGES = {
    "python": Language("python", lambda code: code),
    "sql": Language("python", _call("sql")),
    "bash": Language("python", _call("bash")),
}
