"""The console's own unit tests, which Vitest runs: one test here, so that `make test` is every test."""

import subprocess

import pytest

from tools.console import FRONTEND
from tools.setup import find


@pytest.mark.timeout(600)
def test_the_consoles_unit_tests_pass() -> None:
    """All of them; their names and differences are in the output."""
    npm = find("npm")
    assert npm, "npm was not found; run `make setup`."
    done = subprocess.run(
        [npm, "run", "--silent", "test"],
        cwd=FRONTEND,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
