"""Other rules for a while: an organisation that has people look first, in another bundle of OPA's."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.functional.accounts import in_database
from tests.stack import Stack, eventually
from tests.work import Work
from tools.launch import opa
from tools.launch.programs import Program
from tools.launch.state import BIN, ROOT, State

RESTRICTED_IS_LOOKED_AT = """
review contains reason if {
	input.project.classification == "restricted"
	reason := {
		"code": "restricted_needs_review",
		"message": sprintf("project: %q is restricted, so people look at each of its runs first", [slug]),
		"remedy": "Wait for a reviewer, or use a project that is not restricted.",
	}
}
"""


@contextmanager
def restricted_runs_wait(stack: Stack, folder: Path, work: Work) -> Iterator[None]:
    """The shipped policies and one rule more; the person's project is restricted meanwhile."""
    copy = folder / "policies"
    shutil.copytree(opa.POLICIES, copy)
    with (copy / "run/run.rego").open("a") as rules:
        rules.write(RESTRICTED_IS_LOOKED_AT)

    def build(state: State) -> None:
        bundle = state.var / "opa/bundle.tar.gz"
        subprocess.run([copy / "build.sh", bundle], env={**os.environ, "OPA": str(BIN / "opa")}, check=True)

    project, shipped = work.project, stack.programs["opa"]
    _classify(stack, project, "restricted")
    try:
        _serve(stack, replace(shipped, prepare=build))
        _keep(stack)
        eventually(lambda: _answer(work) == "review")
        yield
    finally:
        _classify(stack, project, "internal")
        _serve(stack, shipped)
        eventually(lambda: _answer(work) == "allow")


def _serve(stack: Stack, program: Program) -> None:
    """OPA reads its bundle when it starts."""
    stack.stop("opa")
    stack.programs["opa"] = program
    stack.start("opa")


def _keep(stack: Stack) -> None:
    """As docs/operations.md says for each new bundle: what it decides is shown by it in later exports."""
    bundle = str(stack.state.var / "opa/bundle.tar.gz")
    environment = {**os.environ, **stack.state.environment()}
    command = [sys.executable, "manage.py", "keep_policy", "--bundle", bundle]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)


def _answer(work: Work) -> str:
    return str(work.api.post("runs/preview", json=work.wish()).json()["outcome"])


def _classify(stack: Stack, project: str, classification: str) -> None:
    in_database(stack, "UPDATE identity_project SET classification = %s WHERE id = %s", classification, project)
