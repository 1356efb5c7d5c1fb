"""PostgreSQL goes away under running work: its outcome is recorded when it is back, and what was recorded is kept."""

import pytest

from tests.integration.faults.aftermath import orphaned_blobs
from tests.integration.faults.parts import inside
from tests.integration.faults.watching import Watching
from tests.stack import Stack
from tests.work import problem, text

pytestmark = pytest.mark.faults
SHORT = "import time\nprint('begun', flush=True)\ntime.sleep(1)\nprint('done', flush=True)"


def test_an_outcome_waits_for_the_database(work: Watching, faulty: Stack):
    """Taken out: the second try to record an outcome; the run was then lost, and what it had printed too."""
    run, number = work.busy(SHORT)
    faulty.kill("postgres")
    problem(work.api.get(f"runs/{run}"), 503, "database_unavailable")
    faulty.start("postgres")
    cell = work.result(run, number)
    assert (cell["state"], text(cell)) == ("succeeded", "begun\ndone\n")
    assert text(work.done(run, "print('on')")) == "on\n"


def test_an_outcome_survives_an_orderly_restart_of_the_database(work: Watching, faulty: Stack):
    run, number = work.busy(SHORT)
    faulty.restart("postgres")
    cell = work.result(run, number)
    assert (cell["state"], text(cell)) == ("succeeded", "begun\ndone\n")


def test_what_was_recorded_is_kept_though_the_answer_was_lost(work: Watching, faulty: Stack):
    """Taken out: the look at the rows before contents are removed; the recorded outputs were then gone."""
    run = work.ready()["id"]
    cell = work.done(run, "print(1)")
    inside(faulty, "lost_answer", run)
    assert work.result(run)["outputs"] == cell["outputs"]
    assert not orphaned_blobs(faulty.state)
