"""A sandbox that is not sealed serves nobody: the run ends, says so, and the log names what was reached."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sandbox_operator.client import LocalBackend
from tests.integration.faults.watching import Watching
from tests.stack import Stack, eventually
from tests.work import ENDED, entries
from tools.launch.state import PYTHON

# The probe at the claim is told to try a file that the image does have: as if a path of the machine had become visible
# after the sandbox was warmed. What kinds of holes the probe finds is shown with the daemon alone.
VISIBLE_AT_CLAIM = """
import sys
from sandbox_operator import daemon
from sandbox_operator import containment
make = containment.make_plan
containment.make_plan = lambda kind, *, paths, **others: make(
    kind, paths=[*paths, *(["/etc/passwd"] if kind == "brief" else [])], **others)
sys.exit(daemon.main())
"""


@pytest.fixture
def holed(faulty: Stack) -> Iterator[Stack]:
    sealed = faulty.programs["sandboxd"]
    faulty.stop("sandboxd")
    arguments = sealed.argv[sealed.argv.index("sandbox_operator.daemon") + 1 :]
    faulty.programs["sandboxd"] = replace(sealed, argv=(str(PYTHON), "-c", VISIBLE_AT_CLAIM, *arguments))
    faulty.start("sandboxd")
    backend = LocalBackend(faulty.state.sandbox_socket)
    eventually(lambda: backend.health().warm, within=30)
    yield faulty
    faulty.stop("sandboxd")
    faulty.programs["sandboxd"] = sealed
    faulty.start("sandboxd")


def test_a_probe_that_gets_through_fails_the_run(holed: Stack, work: Watching) -> None:
    """Taken out once: with the claim's probe ignored in the daemon, the run went on and printed."""
    run = work.run(code="print('ran')", language="python")["id"]
    ended = eventually(lambda: (now := work.get(run))["state"] in ENDED and now, within=30)
    assert (ended["state"], ended["ending"]["code"]) == ("failed", "containment_failed")
    assert "not sealed" in ended["ending"]["message"]
    cell = work.result(run)
    assert (cell["state"], cell["outputs"]) == ("interrupted", [])
    events = {entry["event"]: entry for entry in entries(holed, f"run:{run}")}
    assert "/etc/passwd" in events["runs:containment:failed"]["facts"]["holes"][0]
    assert events["runs:run:failed"]["outcome"] == "containment_failed"
    assert "runs:run:started" not in events
