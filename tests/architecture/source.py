"""The source as trees, for tests that hold it to its own rules."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLATFORM = ROOT / "platform"
ROOMS = sorted(path.parent.name for path in PLATFORM.glob("*/apps.py"))


def trees(*folders: Path) -> Iterator[tuple[Path, ast.Module]]:
    """Each module below the folders, migrations left out."""
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT), ast.parse(path.read_text())


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def calls(node: ast.AST) -> set[str]:
    """Dotted names of everything that is called inside."""
    return {ast.unparse(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}


def decorators(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """The decorators' names, outermost first."""
    return [ast.unparse(decorator).partition("(")[0] for decorator in function.decorator_list]
