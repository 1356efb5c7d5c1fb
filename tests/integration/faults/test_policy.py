"""OPA goes away, hangs, comes back or gets another bundle: nothing new runs without its word, and what runs goes on."""

import json
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.faults.aftermath import rows
from tests.integration.faults.conftest import MOST
from tests.integration.faults.watching import Watching
from tests.stack import Stack, eventually
from tests.work import entries, problem, text
from tools.launch import opa

pytestmark = pytest.mark.faults
TICKING = "import time\nprint('begun', flush=True)\ntime.sleep(3)\nprint('done')"


@contextmanager
def down(stack: Stack) -> Iterator[str]:
    stack.kill("opa")
    yield "policy_unavailable"
    stack.start("opa")


@contextmanager
def hanging(stack: Stack) -> Iterator[str]:
    stack.kill("opa", signal.SIGSTOP)
    yield "policy_timeout"
    stack.kill("opa", signal.SIGCONT)


@pytest.mark.parametrize("fault", [down, hanging])
def test_without_opa_nothing_new_runs_and_running_work_goes_on(work: Watching, faulty: Stack, fault):
    """Taken out: the gateway's denial when OPA does not answer (an allow instead); new code was then accepted."""
    run, number = work.busy(TICKING)
    queued = work.cell(run, "print('next')")
    with fault(faulty) as code:
        refusal = problem(work.api.post("runs", json=work.wish(code="1", language="python")), 403, "policy_denied")
        assert [reason["code"] for reason in refusal["reasons"]] == [code]
        assert refusal["reasons"][0]["message"]
        refusal = problem(work.api.post(f"runs/{run}/executions", json={"code": "1"}), 403, "policy_denied")
        assert [reason["code"] for reason in refusal["reasons"]] == [code]
        assert_running(faulty, run, number)
    cell = work.result(run, number)
    assert cell["state"] == "succeeded"
    # Whether its turn came before OPA was back or after: it ran with an allow, or it was refused.
    after = work.result(run, queued)
    assert after["state"] in ("succeeded", "interrupted")
    assert text(work.done(run, "print('on')")) == "on\n"


def assert_running(stack: Stack, run: str, number: int) -> None:
    """Not even touched: what runs had its allow."""
    query = "SELECT e.state FROM runs_execution e WHERE run_id = %s AND number = %s"
    assert rows(stack.state, query, run, number)[0]["state"] in ("running", "succeeded")


def test_a_queued_run_is_decided_again_when_its_turn_comes(work: Watching, faulty: Stack):
    """Taken out: the question at the claim; the run then went on to a sandbox on its old decision."""
    held = [work.ready()["id"] for _ in range(MOST)]
    waiting = work.run(code="print(1)", language="python")["id"]
    eventually(lambda: "runs:run:requeued" in [entry["event"] for entry in entries(faulty, f"run:{waiting}")])
    work.until(waiting, "queued")
    faulty.kill("opa")
    work.cancel(held[0])
    run = work.end(waiting)
    assert (run["state"], run["ending"]["code"]) == ("denied", "policy_denied")
    assert [reason["code"] for reason in run["decision"]["reasons"]] == ["policy_unavailable"]
    assert work.result(waiting)["state"] == "interrupted"
    faulty.start("opa")
    assert work.one_shot("print(1)")["state"] == "succeeded"


def test_a_waiting_cell_is_decided_again_when_its_turn_comes(work: Watching, faulty: Stack):
    """Taken out: the look at the age and revision of the cell's decision; it then ran on the old one."""
    run, _ = work.busy(TICKING)
    waiting = work.cell(run, "print('ran')")
    faulty.kill("opa")
    cell = work.result(run, waiting)
    assert (cell["state"], cell["ending"]["code"]) == ("interrupted", "policy_denied")
    assert cell["outputs"] == []
    faulty.start("opa")
    assert text(work.done(run, "print('on')")) == "on\n"


@contextmanager
def other_policy(stack: Stack, folder: Path) -> Iterator[None]:
    """OPA decides by another revision, as it does after somebody gave it another bundle."""
    policies = shutil.copytree(opa.POLICIES, folder / "policies")
    limits = json.loads((policies / "limits.json").read_text())
    limits["limits"]["wall_seconds"]["default"] += 1
    (policies / "limits.json").write_text(json.dumps(limits))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opa, "POLICIES", policies)
        stack.restart("opa")
    try:
        yield
    finally:
        stack.restart("opa")


def test_a_new_revision_decides_nothing_before_the_log_is_signed(work: Watching, faulty: Stack, tmp_path: Path):
    """Taken out: the wait in `policy.actions.evaluate`; both were then accepted."""
    run = work.ready()["id"]
    faulty.stop("sequencer")
    # What is in force stays in force.
    assert work.done(run, "print(1)")["state"] == "succeeded"
    with other_policy(faulty, tmp_path):
        asked = {"runs": work.wish(code="1", language="python"), f"runs/{run}/executions": {"code": "1"}}
        with ThreadPoolExecutor() as pool:
            for answer in pool.map(lambda door: work.api.post(door, json=asked[door]), asked):
                refusal = problem(answer, 403, "policy_denied")
                assert [reason["code"] for reason in refusal["reasons"]] == ["policy_unpublished"]
        faulty.start("sequencer")
        assert work.one_shot("print(1)")["state"] == "succeeded"
        assert work.done(run, "print(2)")["state"] == "succeeded"
