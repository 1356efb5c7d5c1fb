"""The log refuses entries: nothing starts, endings go through at once and are appended late, in their order."""

import signal
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest

from sandbox_operator.client import LocalBackend
from tests.integration.faults.aftermath import rows
from tests.integration.faults.parts import refusals, refusing
from tests.integration.faults.watching import Watching
from tests.stack import Stack, eventually
from tests.work import entries, ok, problem, text

pytestmark = pytest.mark.faults


def test_while_the_log_refuses_nothing_starts_and_endings_go_through(work: Watching, faulty: Stack):
    """Taken out: append_or_journal (a plain append instead); cancel and close then failed with the log."""
    busy, number = work.busy()
    waiting = work.cell(busy, "print('ran')")
    idle = work.ready()["id"]
    folder = faulty.state.var / "journal"
    with refusing(faulty):
        problem(work.api.post("runs", json=work.wish(code="1", language="python")), 503, "not_recorded")
        problem(work.api.post(f"runs/{idle}/executions", json={"code": "1"}), 503, "not_recorded")
        assert ok(work.api.post(f"runs/{idle}/close"))["state"] == "closed"
        assert ok(work.api.post(f"runs/{busy}/cancel"))["state"] == "cancelled"
        serving = [one.run_id for one in LocalBackend(faulty.state.sandbox_socket).sandboxes() if one.run_id]
        assert serving == []
        written = [orjson.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
        names = {idle: "idle", busy: "busy"}
        assert [(entry["event"], names[entry["subject"].split(":")[1].split("/")[0]]) for entry in written] == [
            ("runs:run:closed", "idle"),
            ("runs:execution:ended", "busy"),
            ("runs:execution:ended", "busy"),
            ("runs:run:cancelled", "busy"),
        ]
    eventually(lambda: not list(folder.glob("*")), within=45)
    assert work.result(busy, number)["state"] == "interrupted"
    assert (cell := work.result(busy, waiting))["state"] == "interrupted"
    assert cell["outputs"] == []
    late = rows(
        faulty.state,
        "SELECT event, subject FROM audit_entry WHERE (convert_from(header, 'UTF8')::json -> 'facts' ->> 'late')::bool"
        " ORDER BY xid, n",
    )
    assert [(row["event"], row["subject"]) for row in late[-4:]] == [(one["event"], one["subject"]) for one in written]
    assert next(entry for entry in entries(faulty, f"run:{idle}") if entry["event"] == "runs:run:closed")["facts"][
        "late"
    ]
    assert work.one_shot("print(1)")["state"] == "succeeded"


def test_what_was_asked_for_before_does_not_start_while_the_log_refuses(work: Watching, faulty: Stack):
    """Taken out: the append of runs:execution:started; the cell then ran, and nothing on record said so."""
    run = work.ready()["id"]
    faulty.kill("worker", signal.SIGSTOP)
    number = work.cell(run, "print('ran')")
    waiting = work.run(code="print('ran')", language="python")["id"]
    before = refusals(faulty)
    with refusing(faulty):
        faulty.kill("worker", signal.SIGCONT)
        eventually(lambda: refusals(faulty) >= before + 2, within=45)
        assert work.get(run)["state"] == "ready"
        assert work.get(run)["executions"][0]["state"] == "queued"
        assert work.get(waiting)["state"] == "queued"
    assert text(work.result(run, number)) == "ran\n"
    assert text(work.result(waiting)) == "ran\n"


def test_an_outcome_waits_for_the_log(work: Watching, faulty: Stack):
    """Taken out: the second try to record an outcome; the run then ended as lost at its deadline."""
    run, number = work.busy("import time\nprint('begun', flush=True)\ntime.sleep(1)\nprint('over', flush=True)")
    before = refusals(faulty)
    with refusing(faulty):
        eventually(lambda: refusals(faulty) >= before + 2, within=45)
        assert work.get(run)["executions"][0]["state"] == "running"
    cell = work.result(run, number)
    assert (cell["state"], text(cell)) == ("succeeded", "begun\nover\n")


def test_no_file_leaves_before_its_release_is_signed(work: Watching, faulty: Stack):
    """Taken out: the wait in `release_as_file`; both files then left at once."""
    run = work.ready()["id"]
    assert work.done(run, "open('outputs/sum.txt', 'w').write('42')")["state"] == "succeeded"
    files = [f"runs/{run}/artifacts/sum.txt", f"runs/{run}/notebook"]
    faulty.stop("sequencer")
    # What the console shows, and a model reads, waits for nobody.
    assert work.result(run, 1)["state"] == "succeeded"
    with ThreadPoolExecutor() as pool:
        for answer in pool.map(work.api.get, files):
            problem(answer, 503, "request_not_signed")
    told = [entry for entry in entries(faulty, f"run:{run}") if entry["event"] == "audit:request:refused"]
    assert [entry["facts"]["code"] for entry in told] == ["request_not_signed"] * 2
    faulty.start("sequencer")
    assert work.api.get(files[0]).content == b"42"
    assert work.api.get(files[1]).json()["nbformat"] == 4
