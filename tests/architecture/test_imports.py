"""The directions between rooms, as import-linter holds them; see [tool.importlinter] in pyproject.toml."""

import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.source import PLATFORM, ROOT, trees


def lint(config: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PLATFORM), str(ROOT)])}
    command = [str(program), "--config", str(config), "--no-cache"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=240)


def test_every_import_goes_the_right_way() -> None:
    done = lint(ROOT / "pyproject.toml")
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_contracts_can_fail(tmp_path: Path) -> None:
    """A contract that the code breaks is found: doors do import identity."""
    broken = tmp_path / "contracts.toml"
    broken.write_text(
        '[tool.importlinter]\nroot_packages = ["doors", "identity"]\n'
        '[[tool.importlinter.contracts]]\nname = "x"\ntype = "forbidden"\n'
        'source_modules = ["doors"]\nforbidden_modules = ["identity"]\n'
    )
    assert lint(broken).returncode == 1


def test_platform_is_no_package() -> None:
    """A package named platform would shadow the standard library's."""
    assert not (PLATFORM / "__init__.py").exists()


def test_modules_are_named_for_what_they_hold() -> None:
    vague = {"utils", "helpers", "manager", "common", "base", "util", "misc"}
    named = {
        path.as_posix() for path, _ in trees(PLATFORM, ROOT / "audit", ROOT / "sandbox_operator") if path.stem in vague
    }
    assert named == set()
