"""What can be seen in code without running it: an input to policy, never a boundary. Pure, and safe on hostile text."""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

# Parsing holds the interpreter, about a second for a megabyte; nobody writes a cell of this size by hand.
MAX_BYTES: Final = 256 << 10
MAX_IMPORTS: Final = 500
MAX_CHAIN: Final = 32

_CELL: Final = "<cell>"
_STARTS_PROGRAMS: Final = re.compile(
    r"(os|posix)\.(system|popen|startfile|fork|forkpty|exec[lv]p?e?|spawn[lv]p?e?|posix_spawnp?)"
    r"|subprocess(\..*)?|asyncio\.subprocess(\..*)?|asyncio\.create_subprocess_(exec|shell)"
    r"|pty(\..*)?|multiprocessing(\..*)?|concurrent\.futures(\.process(\..*)?|\.ProcessPoolExecutor)"
    r"|_posixsubprocess(\..*)?|get_ipython"
)
_RUNS_TEXT: Final = re.compile(
    r"(builtins\.)?(eval|exec|compile|__import__)|__builtins__|importlib\.(import_module|__import__)|runpy(\..*)?"
    r"|codeop(\..*)?|code(\..*)?|get_ipython"
)


@dataclass(frozen=True)
class Analysis:
    """What was seen. `parsed` is false for whatever could not be looked at; then the worst is assumed of it."""

    bytes: int
    lines: int
    parsed: bool = False
    imports: tuple[str, ...] = ()
    subprocess: bool = True
    dynamic_code: bool = True

    def as_input(self) -> dict[str, Any]:
        """The `code` of the input of `bailiwick.execution`."""
        return {
            "bytes": self.bytes,
            "lines": self.lines,
            "analysis": {
                "parsed": self.parsed,
                "imports": list(self.imports),
                "subprocess": self.subprocess,
                "dynamic_code": self.dynamic_code,
            },
        }


def analyse(code: str, language: str) -> Analysis:
    """Look at a cell. Only python is looked into; SQL starts no programs; of anything else the worst is assumed.

    Never raises. Python that does not parse here is `parsed=False`; notebook magics (`%`, `!`) are such.
    """
    size = len(code.encode("utf-8", "surrogatepass"))
    lines = code.count("\n") + (not code.endswith("\n") and size > 0)
    if language == "sql":
        return Analysis(size, lines, subprocess=False, dynamic_code=False)
    tree = _parsed(code) if language == "python" and size <= MAX_BYTES else None
    if tree is None:
        return Analysis(size, lines)
    seen = _look(tree)
    if seen is None:
        return Analysis(size, lines)
    imports, names = seen
    return Analysis(
        size,
        lines,
        parsed=True,
        imports=tuple(sorted(imports)),
        subprocess=any(map(_STARTS_PROGRAMS.fullmatch, imports | names)),
        dynamic_code=any(map(_RUNS_TEXT.fullmatch, imports | names)),
    )


def _parsed(code: str) -> ast.Module | None:
    _silence_warnings_about_cells()
    try:
        return ast.parse(code, filename=_CELL)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        # ValueError: NUL or lone surrogates. The others: nested too deep for the parser.
        return None


def _silence_warnings_about_cells() -> None:
    # Else "invalid escape sequence" lands in our log with somebody's code, or, as an error, stops the parse.
    known = any(
        action == "ignore" and category is Warning and module is not None and module.pattern == _CELL
        for action, _, category, module, _ in warnings.filters
    )
    if not known:
        warnings.filterwarnings("ignore", module=_CELL)


def _look(tree: ast.Module) -> tuple[set[str], set[str]] | None:
    """(modules and members imported, dotted names used), aliases resolved; None if there are too many to tell."""
    imports: set[str] = set()
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        for name, local, target in _imported(node):
            imports.add(name)
            aliases[local] = target
        if len(imports) > MAX_IMPORTS:
            return None
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            dotted = _dotted(node)
            if dotted is not None:
                head, dot, rest = dotted.partition(".")
                names.add(aliases.get(head, head) + dot + rest)
    return imports, names


def _imported(node: ast.AST) -> Iterator[tuple[str, str, str]]:
    """(what is imported, the local name, what the local name stands for) for an import statement."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            top = alias.name.partition(".")[0]
            yield alias.name, alias.asname or top, alias.name if alias.asname else top
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        yield module, "", ""
        for alias in node.names:
            if alias.name != "*":
                member = f"{module}.{alias.name}"
                yield member, alias.asname or alias.name, member


def _dotted(node: ast.Name | ast.Attribute) -> str | None:
    """`a.b.c` of an attribute chain that starts at a name; None for any other and for endless ones."""
    parts: list[str] = []
    at: ast.expr = node
    while isinstance(at, ast.Attribute) and len(parts) < MAX_CHAIN:
        parts.append(at.attr)
        at = at.value
    if not isinstance(at, ast.Name):
        return None
    return ".".join([at.id, *reversed(parts)])
