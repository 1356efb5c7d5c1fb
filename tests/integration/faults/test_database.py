"""PostgreSQL goes away under running work: its outcome is recorded when it is back."""

import pytest

from tests.integration.faults.watching import Watching
from tests.stack import Stack
from tests.work import text

pytestmark = pytest.mark.faults


def test_an_outcome_waits_for_the_database(work: Watching, faulty: Stack):
    run, number = work.busy("import time\nprint('begun', flush=True)\ntime.sleep(1)\nprint('done')")
    faulty.kill("postgres")
    said = list(faulty.log("worker"))
    assert said is not None
    faulty.start("postgres")
    cell = work.result(run, number)
    assert (cell["state"], text(cell)) == ("succeeded", "begun\ndone\n")
    assert text(work.done(run, "print('on')")) == "on\n"
