"""What analysis sees in code, and that no code harms it."""

import os
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs.analysis import MAX_BYTES, Analysis, analyse


def seen(code: str) -> tuple[set[str], bool, bool]:
    found = analyse(code, "python")
    assert found.parsed, code
    return set(found.imports), found.subprocess, found.dynamic_code


@pytest.mark.parametrize(
    ("code", "imports"),
    [
        ("x = 1", set()),
        ("import pandas as pd", {"pandas"}),
        ("import os.path, sys", {"os.path", "sys"}),
        ("from urllib import parse", {"urllib", "urllib.parse"}),
        ("from urllib.request import urlopen as u", {"urllib.request", "urllib.request.urlopen"}),
        ("from math import *", {"math"}),
        ("from . import x", {".", "..x"}),
        ("def f():\n    import socket", {"socket"}),
        ("try:\n    import ctypes\nexcept ImportError:\n    pass", {"ctypes"}),
        ("if False:\n  class A:\n    async def f(self):\n      import pty", {"pty"}),
    ],
)
def test_imports(code: str, imports: set[str]) -> None:
    assert seen(code)[0] == imports


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess",
        "from subprocess import run",
        "import os\nos.system('ls')",
        "import os as o\no.popen('ls')",
        "from os import system as s\ns('ls')",
        "from os import execvpe",
        "import os\nf = os.fork",
        "import os\nos.posix_spawnp('ls', [], {})",
        "import pty",
        "import multiprocessing.pool",
        "from multiprocessing import Pool",
        "import asyncio\nasyncio.create_subprocess_shell('ls')",
        "import concurrent.futures as c\nc.ProcessPoolExecutor()",
        "get_ipython().system('ls')",
        "lambda: __import__('x') or (lambda: os.system)()",
    ],
)
def test_starting_programs_is_seen(code: str) -> None:
    assert seen(code)[1]


@pytest.mark.parametrize(
    "code",
    [
        "import os\nos.path.join('a', 'b')",
        "import os\nos.environ.get('x')",
        "import os\nos.getpid()",
        "class A:\n    system = 1\nA.system",
        "system = 1\nprint(system)",
        "import concurrent.futures\nconcurrent.futures.ThreadPoolExecutor()",
        "import pandas as os\nos.system",
        "'os.system'",
    ],
)
def test_what_only_looks_alike_is_not(code: str) -> None:
    assert seen(code)[1:] == (False, False)


@pytest.mark.parametrize(
    "code",
    [
        "eval('1')",
        "exec('x = 1')",
        "compile('1', '', 'eval')",
        "__import__('os')",
        "f = eval",
        "import builtins\nbuiltins.exec('1')",
        "import builtins as b\nb.eval",
        "from builtins import eval as e\ne('1')",
        "import importlib\nimportlib.import_module('os')",
        "from importlib import import_module",
        "__builtins__['eval']",
        "get_ipython().run_cell('1')",
        "import runpy",
        "import code",
        "𝘦val('1')",
    ],
)
def test_running_text_is_seen(code: str) -> None:
    assert seen(code)[2]


@pytest.mark.parametrize(
    "code",
    [
        "import re\nre.compile('x')",
        "from re import compile\ncompile('x')",
        "df.eval('a + b')",
        "model.eval()",
        "'eval'",
    ],
)
def test_methods_of_the_same_name_are_not(code: str) -> None:
    assert not seen(code)[2]


@pytest.mark.parametrize(
    "code",
    [
        "def f(:",
        "!ls",
        "%pip install x",
        "%%bash\nls",
        "x = !ls",
        "  indented",
        "print 'x'",
        "\x00",
        "a\x00b",
        "\ud800",
    ],
)
def test_of_what_does_not_parse_the_worst_is_assumed(code: str) -> None:
    found = analyse(code, "python")
    assert (found.parsed, found.imports, found.subprocess, found.dynamic_code) == (False, (), True, True)


@pytest.mark.parametrize(
    ("language", "want"),
    [
        ("sql", Analysis(8, 1, subprocess=False, dynamic_code=False)),
        ("bash", Analysis(8, 1)),
        ("cobol", Analysis(8, 1)),
        ("", Analysis(8, 1)),
        ("Python", Analysis(8, 1)),
    ],
)
def test_only_python_is_looked_into(language: str, want: Analysis) -> None:
    assert analyse("SELECT 1", language) == want


@pytest.mark.parametrize(
    ("code", "size", "lines"),
    [("", 0, 0), ("a", 1, 1), ("a\n", 2, 1), ("\n", 1, 1), ("a\nb", 3, 2), ("ä = 1\n\n", 8, 2)],
)
def test_size(code: str, size: int, lines: int) -> None:
    found = analyse(code, "python")
    assert (found.bytes, found.lines) == (size, lines)


def test_the_form_for_policy() -> None:
    assert analyse("import os, abc\nos.system('ls')\n", "python").as_input() == {
        "bytes": 31,
        "lines": 2,
        "analysis": {"parsed": True, "imports": ["abc", "os"], "subprocess": True, "dynamic_code": False},
    }


def test_code_that_is_too_large_is_not_looked_into() -> None:
    assert analyse("x=1\n" * (MAX_BYTES // 4), "python").parsed
    assert not analyse("x=1\n" * (MAX_BYTES // 4) + "y", "python").parsed


def test_imports_without_number_are_not_counted() -> None:
    assert not analyse("\n".join(f"import m{n}" for n in range(600)), "python").parsed


# Each would end a process that parses without care: by the C stack, by recursion in the tree, by memory.
DEEP = {
    "brackets": "(" * 100_000 + ")" * 100_000,
    "lists": "[" * 5_000 + "]" * 5_000,
    "minus": "-" * 100_000 + "1",
    "not": "not " * 60_000 + "1",
    "power": "2**" * 60_000 + "1",
    "sum": "1+" * 100_000 + "1",
    "attributes": "a" + ".a" * 100_000,
    "calls": "f" + "()" * 100_000,
    "subscripts": "a" + "[0]" * 60_000,
    "lambdas": "lambda:" * 30_000 + "1",
    "conditions": "1 if 1 else " * 20_000 + "1",
    "elifs": "if 1:\n pass\n" + "elif 1:\n pass\n" * 15_000,
    "ifs": "".join(f"{' ' * n}if 1:\n" for n in range(90)) + " " * 90 + "pass",
    "braces in f-strings": "f'{" * 200 + "1" + "}'" * 200,
    "strings": "'a'" * 60_000,
    "comparisons": "1<" * 100_000 + "1",
    "awaits": "await " * 40_000 + "x",
    "stars": "*" * 200_000,
    "unclosed": "f(" * 100_000,
    "decorators": "@a\n" * 60_000 + "def f(): pass",
    "numbers": "9" * 200_000,
    "unicode": "\N{GREEK SMALL LETTER ALPHA}" * 100_000,
    "pattern": "match x:\n case " + "[" * 3_000 + "]" * 3_000 + ": pass",
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_code_harms_nobody(name: str) -> None:
    """Taken out: RecursionError, then MemoryError, then ValueError from the except clause; their cases then raised."""
    found = analyse(DEEP[name], "python")
    assert found.bytes == len(DEEP[name].encode())


def test_deep_code_harms_no_thread_either() -> None:
    """Workers are threads, whose C stack is smaller than the main thread's."""
    survived: list[str] = []

    def look() -> None:
        for name, code in DEEP.items():
            analyse(code, "python")
            survived.append(name)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert survived == list(DEEP)


def test_warnings_about_cells_are_not_printed() -> None:
    """Taken out: the filter; `invalid escape sequence` of the cell was then printed to the log."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from runs.analysis import analyse; print(analyse(r\"'\\d'; 1 is 1\", 'python').parsed)",
        ],
        env={**os.environ, "PYTHONPATH": "platform"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


@given(st.text(), st.sampled_from(["python", "sql", "bash", "x"]))
def test_no_text_harms_it(code: str, language: str) -> None:
    found = analyse(code, language).as_input()
    analysis = found["analysis"]
    assert isinstance(found["bytes"], int) and isinstance(found["lines"], int)
    assert all(isinstance(analysis[key], bool) for key in ("parsed", "subprocess", "dynamic_code"))
    assert all(isinstance(name, str) for name in analysis["imports"])


_NAME = st.from_regex(r"[a-z_][a-z0-9_]{0,10}", fullmatch=True).filter(str.isidentifier).map(lambda name: f"m{name}")


@given(st.lists(_NAME, min_size=1, max_size=10, unique=True))
def test_every_import_is_found(names: list[str]) -> None:
    code = "\n".join(f"import {name}" for name in names)
    assert set(analyse(code, "python").imports) == set(names)


@given(st.text(alphabet="()[]{}'\"\\ \n\t:=.,abif@*#%!fromimport", max_size=300))
def test_no_near_code_harms_it(code: str) -> None:
    analyse(code, "python")
