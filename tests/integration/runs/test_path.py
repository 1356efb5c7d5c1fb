"""The one path, end to end on real parts: upload, run, read, fix what the traceback shows, run again, all on record."""

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import get_args

import httpx
import nbformat
import pytest

from config.metrics import GovernancePart
from tests.stack import Stack, eventually
from tests.work import Work, entries, ok, problem, text

_ROWS = (
    b"%s,%d,%d\n" % (city, year, year * n) for year in range(2000, 2020) for n, city in ((1, b"Bern"), (2, b"Oslo"))
)
CSV = b"city,year,sold\n" + b"".join(_ROWS)


@pytest.fixture
def work(stack: Stack) -> Iterator[Work]:
    with Work(stack) as work:
        yield work


def test_an_analyst_fixes_what_the_traceback_shows(work: Work):
    file = work.upload("sales.csv", CSV)
    assert (file["size"], file["sha256"]) == (len(CSV), hashlib.sha256(CSV).hexdigest())
    run = work.ready(files=[file["id"]])

    wrong = work.done(
        run["id"], "import pandas as pd\nsales = pd.read_csv('sales.csv')\nsales.groupby('town').sold.sum()"
    )
    assert wrong["state"] == "failed"
    assert wrong["outputs"][-1]["ename"] == "KeyError"
    assert "town" in text(wrong)
    assert "----> 3" in text(wrong)

    right = work.done(
        run["id"],
        "import matplotlib.pyplot as plt\ntotal = sales.groupby('city').sold.sum()\ntotal.plot.bar()\nplt.show()\n"
        "total.to_csv('outputs/total.csv')\ntotal.to_frame()",
        origin={"model": "assistant-1", "prompt": "sum by city", "corrects": 1},
    )
    assert right["state"] == "succeeded", text(right)
    kinds = {kind for output in right["outputs"] if "data" in output for kind in output["data"]}
    assert {"image/png", "text/html", "text/plain"} <= kinds
    figure = next(o["data"]["image/png"] for o in right["outputs"] if "image/png" in o.get("data", {}))
    assert base64.b64decode(figure).startswith(b"\x89PNG")
    assert right["origin"] == {"kind": "model", "model": "assistant-1", "prompt": "sum by city", "corrects": 1}
    assert right["usage"]["wall_seconds"] > 0
    assert right["usage"]["peak_memory_bytes"] > 50 << 20

    (artifact,) = right["artifacts"]
    content = work.api.get(f"runs/{run['id']}/artifacts/{artifact['name']}")
    assert content.content == b"city,sold\nBern,40190\nOslo,80380\n"
    assert artifact["sha256"] == hashlib.sha256(content.content).hexdigest()
    assert content.headers["content-disposition"].startswith("attachment")

    closed = ok(work.api.post(f"runs/{run['id']}/close"))
    assert (closed["state"], closed["ending"]["code"]) == ("closed", "closed")
    problem(work.api.post(f"runs/{run['id']}/executions", json={"code": "1"}), 409, "already_finished")


def test_a_one_shot_closes_itself(work: Work):
    run = work.run(code="print(6 * 7)", language="python")
    cell = work.result(run["id"])
    assert (cell["state"], text(cell)) == ("succeeded", "42\n")
    ended = work.until(run["id"], "closed")
    assert ended["ending"]["code"] == "closed"
    assert ended["executions"] == [{"number": 1, "language": "python", "state": "succeeded"}]
    assert ok(work.api.get("runs", params={"state": "closed"}))["results"][0] == ended
    problem(work.api.post(f"runs/{run['id']}/executions", json={"code": "1"}), 409, "already_finished")


def test_languages_share_the_files_and_python_and_sql_the_data(work: Work):
    file = work.upload("sales.csv", CSV)
    run = work.ready(files=[file["id"]])["id"]
    table = work.done(run, "SELECT city, sum(sold) AS total FROM sales GROUP BY city ORDER BY city", "sql")
    assert table["state"] == "succeeded", text(table)
    data = table["outputs"][-1]["data"]
    assert "Bern" in data["text/plain"]
    assert "<table" in data["text/html"]
    work.done(run, "import pandas as pd\nrates = pd.DataFrame({'city': ['Bern'], 'rate': [0.5]})")
    joined = work.done(run, "SELECT max(sold * rate) AS most FROM sales JOIN rates USING (city)", "sql")
    assert "1009.5" in text(joined)
    work.done(run, "cd outputs && x=kept", "bash")
    assert text(work.done(run, "echo $x; pwd; wc -l < ../sales.csv", "bash")) == "kept\n/workspace/outputs\n41\n"
    wrong = work.done(run, "SELECT nothing FROM sales", "sql")
    assert wrong["state"] == "failed"
    assert "nothing" in text(wrong)
    assert work.done(run, "exit 3", "bash")["state"] == "failed"
    work.cancel(run)


def test_a_missing_value_is_one_in_both_languages(work: Work):
    file = work.upload("measured.csv", b"place,mass\nBern,3\nBern,NA\nThun,n/a\nThun,\nThun,5\n")
    run = work.ready(files=[file["id"]])["id"]
    by_sql = work.done(run, "SELECT avg(mass) AS mean, count(mass) AS known FROM measured", "sql")
    assert by_sql["outputs"][-1]["data"]["text/plain"].split()[-2:] == ["4.0", "2"], text(by_sql)
    code = "import pandas as pd\nmass = pd.read_csv('measured.csv')['mass']\nprint(mass.mean(), mass.count())"
    assert text(work.done(run, code)).strip() == "4.0 2"
    work.cancel(run)


def test_a_run_can_be_downloaded_as_a_notebook(work: Work):
    run = work.ready()["id"]
    work.done(run, "print('first')")
    work.done(run, "1/0")
    work.done(run, "echo third", "bash")
    answer = work.api.get(f"runs/{run}/notebook")
    assert answer.status_code == 200, answer.text
    notebook = nbformat.reads(answer.text, as_version=4)
    nbformat.validate(notebook)
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert sources == ["print('first')", "1/0", "%%bash\necho third"]
    assert notebook.cells[1].outputs[0].text == "first\n"
    assert notebook.cells[2].outputs[0].ename == "ZeroDivisionError"
    work.cancel(run)


def governed(stack: Stack) -> dict[str, int]:
    page = httpx.get(f"{stack.url}/metrics", timeout=30).text
    counted = re.findall(r'^bailiwick_governance_seconds_count\{part="(\w+)"\} (\S+)$', page, re.MULTILINE)
    return {part: int(float(count)) for part, count in counted}


def test_governing_is_counted_where_it_happens(work: Work, stack: Stack):
    run = work.ready()["id"]
    before = governed(stack)
    work.done(run, "1 + 1")
    after = governed(stack)
    spent = {part: after[part] - before[part] for part in get_args(GovernancePart)}
    # Two requests; asked about the code and about its outputs; each answer recorded and on the log, and so are the
    # request, the start, the end and the release; one cell waited.
    least = {"identity": 2, "policy": 2, "record": 2, "audit": 6, "queue": 1}
    assert all(spent[part] >= count for part, count in least.items()), spent
    work.cancel(run)


def test_every_step_is_on_record(work: Work, stack: Stack):
    file = work.upload("data.csv", CSV)
    run = work.ready(files=[file["id"]])
    work.done(run["id"], "print(1)")
    ok(work.api.post(f"runs/{run['id']}/close"))
    about_run = entries(stack, f"run:{run['id']}")
    events = [entry["event"] for entry in reversed(about_run)]
    # A decision on the release of the outputs follows each look at them.
    steps = [event for event in events if not event.startswith(("runs:content", "policy:"))]
    assert steps == ["runs:run:requested", "runs:run:starting", "runs:run:started", "runs:run:closed"]
    about_cell = entries(stack, f"run:{run['id']}/execution:1")
    assert [entry["event"] for entry in reversed(about_cell)] == [
        "runs:execution:requested",
        "runs:execution:started",
        "runs:execution:finished",
    ]
    finished = about_cell[0]
    assert finished["outcome"] == "succeeded"
    assert finished["facts"]["image"] == run["environment"]["digest"] == run["sandbox"]["image_digest"]
    assert set(finished["commitments"]) == {"outputs"}
    assert set(about_cell[-1]["commitments"]) == {"code"}
    requested = next(entry for entry in about_run if entry["event"] == "runs:run:requested")
    assert set(requested["commitments"]) == {"file:0"}
    assert requested["facts"]["decision"] == run["decision"]["id"]
    decision = ok(work.api.get(f"decisions/{run['decision']['id']}"))
    assert (decision["outcome"], decision["revision"]) == ("allow", run["decision"]["revision"])
    assert decision["input"]["limits"]["memory_bytes"] == 1 << 30


def test_an_interrupt_stops_the_cell_and_keeps_the_state(work: Work):
    run = work.ready()["id"]
    work.done(run, "kept = 5")
    number = work.cell(run, "import time\nprint('begun', flush=True)\ntime.sleep(50)")
    work.until(run, "executing")
    eventually(lambda: ok(work.api.get(f"runs/{run}/executions/{number}"))["state"] == "running")
    ok(work.api.post(f"runs/{run}/interrupt"))
    stopped = work.result(run, number, within=10)
    assert stopped["state"] == "interrupted"
    assert text(work.done(run, "print(kept)")) == "5\n"
    problem(work.api.post(f"runs/{run}/interrupt"), 409, "nothing_to_interrupt")
    work.cancel(run)


def test_cancelling_ends_what_runs(work: Work, stack: Stack):
    run = work.ready()["id"]
    number = work.cell(run, "import time\ntime.sleep(50)")
    work.until(run, "executing")
    assert ok(work.api.post(f"runs/{run}/cancel"))["state"] == "cancelled"
    assert work.result(run, number, within=5)["state"] == "interrupted"
    problem(work.api.post(f"runs/{run}/cancel"), 409, "already_finished")


def test_cells_run_in_order(work: Work):
    run = work.ready()["id"]
    numbers = [
        work.cell(run, f"import time; time.sleep(0.1)\nseen = [*globals().get('seen', []), {n}]") for n in range(5)
    ]
    assert numbers == [1, 2, 3, 4, 5]
    work.result(run, 5)
    assert text(work.done(run, "print(seen)")) == "[0, 1, 2, 3, 4]\n"
    work.cancel(run)


def test_a_refusal_is_on_the_record_of_its_project(work: Work, stack: Stack):
    run = work.ready()["id"]
    problem(work.api.post(f"runs/{run}/interrupt"), 409, "nothing_to_interrupt")
    refused = entries(stack, f"run:{run}")[0]
    assert (refused["event"], refused["facts"]["code"]) == ("audit:request:refused", "nothing_to_interrupt")
    work.cancel(run)
    problem(work.api.post("runs", json=work.wish(limits={"memory_byte": 1})), 400, "unknown_limit")
    with stack.api("auditor") as auditor:
        newest = next(each for each in ok(auditor.get("audit/entries"))["results"] if each["outcome"] == "refused")
    assert newest["facts"]["code"] == "unknown_limit"


def test_each_question_to_policy_is_recorded_once(work: Work, stack: Stack):
    run = work.run(code="1", language="python")
    work.result(run["id"])
    points = [entry["facts"]["point"] for entry in entries(stack, f"run:{run['id']}") if "point" in entry["facts"]]
    assert sorted(points) == ["execution", "release", "run"]


def test_who_waits_for_a_run_gets_its_result_at_once(work: Work):
    """One request, and the same once more: the answer is that run's."""
    wish, key = work.wish(code="print(6 * 7)", language="python"), {"Idempotency-Key": "waited-for"}
    answer = ok(work.api.post("runs", params={"wait": 30}, json=wish, headers=key), 201)
    assert (answer["state"], answer["result"]["state"], text(answer["result"])) == ("closed", "succeeded", "42\n")
    seen = ok(work.api.get(f"runs/{answer['id']}/executions/1"))
    # Each reading is a release of its own, and the receipt comes half a second after the end.
    for each in (seen, answer["result"]):
        del each["release"], each["receipt"]["state"]
    assert answer["result"] == seen
    again = work.api.post("runs", params={"wait": 30}, json=wish, headers=key)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert ok(again, 201)["id"] == answer["id"]
    assert "result" not in ok(work.api.post("runs", params={"wait": 30}, json=work.wish()), 201), "there is no code"


def test_who_waits_for_a_cell_gets_its_result_or_where_it_stands(work: Work):
    run = work.ready()["id"]
    add = f"runs/{run}/executions"
    done = ok(work.api.post(add, params={"wait": 30}, json={"code": "print('quick')"}), 201)
    assert (done["number"], done["state"], text(done)) == (1, "succeeded", "quick\n")
    slow = {"code": "import time\ntime.sleep(3)\nprint('slow')"}
    under_way = ok(work.api.post(add, params={"wait": 0.5}, json=slow), 201)
    assert (under_way["state"], under_way["outputs"], under_way["code"]) == ("running", [], slow["code"])
    assert set(ok(work.api.post(add, json={"code": "1"}), 201)) == {"number", "state"}
    assert text(work.result(run, 2)) == "slow\n"
