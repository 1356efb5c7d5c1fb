"""Everybody who plays a part in the tests of runs, by name: the demo's people and those made on top."""

import json
import os
import subprocess
from functools import cache

from tests.stack import Stack
from tests.work import Work
from tools.launch.state import PYTHON, ROOT

MODEL = "assistant-1"


class Cast:
    """Tokens by the name of their holder; `…_model` is the token of that person's model."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.tokens = {name: user["token"] for name, user in stack.users.items()} | _recruits(stack)

    def work(self, name: str) -> Work:
        """That person's requests."""
        return Work(self.stack, token=self.tokens[name])


@cache
def _recruits(stack: Stack) -> dict[str, str]:
    # A process of its own: Django in pytest's process works on another database.
    made = subprocess.run(
        [str(PYTHON), "-m", "tests.integration.runs.recruit", MODEL],
        env={**os.environ, **stack.state.environment()},
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
    )
    found: dict[str, str] = json.loads(made.stdout)
    return found
