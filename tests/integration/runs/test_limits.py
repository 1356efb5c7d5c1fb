"""Every limit, run into through the API: what happens, what the analyst is told, and that nobody else feels it."""

import time
from typing import Any

import httpx
import pytest

from tests.integration.api.refusals import refused
from tests.stack import Stack
from tests.work import Work, ok, text

MIB = 1 << 20


def tells(ending: dict[str, str], limit: str, value: str) -> None:
    """Whether an ending names the limit, what it was, and how to ask for more."""
    assert limit in ending["message"], ending
    assert value in ending["message"], ending
    assert f'"limits": {{"{limit}":' in ending["remedy"], ending


def test_cpu(work: Work):
    """Two threads that burn what they get, for three seconds, get half a core: hashing lets go of Python's lock."""
    run = work.ready(limits={"cpu_cores": 0.5})["id"]
    code = """
import threading, time, hashlib
until = time.monotonic() + 3
def burn():
    data = bytes(1 << 20)
    while time.monotonic() < until:
        hashlib.sha256(data).digest()
threads = [threading.Thread(target=burn) for _ in range(2)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""
    usage = work.done(run, code)["usage"]
    assert usage["wall_seconds"] >= 3
    assert 0.1 < usage["cpu_seconds"] / usage["wall_seconds"] < 0.85
    work.cancel(run)


def test_memory(work: Work):
    run = work.ready(limits={"memory_bytes": 512 * MIB})["id"]
    cell = work.done(run, "hog = []\nwhile True:\n    hog.append(bytearray(16 << 20))")
    assert cell["state"] == "out_of_memory"
    assert cell["ending"]["code"] == "memory_exceeded"
    tells(cell["ending"], "memory_bytes", "512 MiB")
    ended = work.get(run)
    assert (ended["state"], ended["ending"]["code"]) == ("failed", "memory_exceeded")
    refused(work.api.post(f"runs/{run}/executions", json={"code": "1"}), 409, "already_finished")


def test_memory_by_other_doors(work: Work):
    """Memory of a child process, and files in the folder that is memory, count like the kernel's own."""
    for code, language in (
        ("python3 -c 'x = bytearray(900 << 20); print(len(x))'", "bash"),
        ("head -c 900M /dev/zero > /dev/shm/full; head -c 900M /dev/zero > /tmp/full; ls -s /tmp/full", "bash"),
    ):
        run = work.ready(limits={"memory_bytes": 512 * MIB})["id"]
        cell = work.done(run, code, language)
        assert cell["state"] in {"out_of_memory", "failed"} or "No space left" in text(cell)
        peak = cell["usage"]["peak_memory_bytes"]
        assert peak is None or peak <= 530 * MIB
        work.cancel(run)


def test_processes(work: Work, stack: Stack):
    """A fork bomb meets its limit inside; meanwhile the platform answers and another run works."""
    bomb = work.ready(limits={"processes": 32, "wall_seconds": 4})["id"]
    number = work.cell(bomb, ":(){ :|:& };:\nfor n in $(seq 200); do sleep 30 & done; wait", "bash")
    work.until(bomb, "executing")
    slowest = 0.0
    for _ in range(5):
        begun = time.monotonic()
        assert httpx.get(f"{stack.url}/healthz", timeout=5).status_code == 200
        assert httpx.get(f"{stack.url}/readyz", timeout=10).status_code == 200
        slowest = max(slowest, time.monotonic() - begun)
        time.sleep(0.1)
    assert slowest < 5
    assert text(work.one_shot("print(6 * 7)")) == "42\n"
    cell = work.result(bomb, number)
    assert cell["state"] in {"failed", "timed_out", "succeeded", "lost"}
    work.cancel(bomb)


def test_processes_are_counted(work: Work):
    run = work.ready(limits={"processes": 40})["id"]
    code = """
import os, time
made, why = 0, None
for _ in range(100):
    try:
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
    except OSError as error:
        why = error.errno
        break
    made += 1
print(made < 40, why)
"""
    assert text(work.done(run, code)) == "True 11\n"
    work.cancel(run)


def test_disk(work: Work):
    run = work.ready(limits={"disk_bytes": 64 * MIB})["id"]
    code = """
import errno
try:
    with open('full', 'wb') as file:
        for _ in range(200):
            file.write(bytes(1 << 20))
except OSError as error:
    print(error.errno == errno.ENOSPC)
import os
print(os.path.getsize('full') <= 64 << 20)
os.remove('full')
print(open('again', 'w').write('there is room again') > 0)
"""
    cell = work.done(run, code)
    assert text(cell) == "True\nTrue\nTrue\n"
    work.cancel(run)


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("while True: pass", "python"),
        (
            "import time\nwhile True:\n    try:\n        time.sleep(60)\n    except BaseException:\n        pass",
            "python",
        ),
        ("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass", "python"),
        ("SELECT count(*) FROM range(100000000000) a, range(1000) b", "sql"),
        ("trap '' INT TERM; while true; do :; done", "bash"),
        ("'a' * (1 << 28) in 'b' * (1 << 29)\nimport re; re.match('(a+)+b', 'a' * 60)", "python"),
    ],
    ids=["plain", "swallows-the-interrupt", "ignores-the-signal", "sql", "bash", "in-c-code"],
)
def test_wall_seconds(work: Work, code: str, language: str):
    """Stopped within a second of the limit, however it resists; the run goes on when the interrupt was enough."""
    run = work.ready(limits={"wall_seconds": 2})["id"]
    begun = time.monotonic()
    cell = work.done(run, code, language)
    assert cell["state"] == "timed_out", (cell["state"], text(cell))
    tells(cell["ending"], "wall_seconds", "2 s")
    assert 1.9 < (cell["usage"]["wall_seconds"] or 2) < 3.0
    assert time.monotonic() - begun < 6
    after = work.get(run)
    if after["state"] in {"ready", "executing"}:
        assert text(work.done(run, "print('lives')")) == "lives\n"
    else:
        assert (after["state"], after["ending"]["code"]) == ("failed", "wall_time_exceeded")
        assert "ignored the interrupt" in after["ending"]["message"]
    work.cancel(run)


def test_life_seconds(work: Work):
    """A run's whole life ends while it waits for code, and while it executes."""
    idle = work.ready(limits={"life_seconds": 4})["id"]
    # Long enough to begin in, however busy the machine is: a cell that has not begun is told another reason.
    busy = work.ready(limits={"life_seconds": 10})["id"]
    number = work.cell(busy, "import time\ntime.sleep(50)")
    ended = _ended(work, idle)
    assert (ended["state"], ended["ending"]["code"]) == ("expired", "life_exceeded")
    assert "life_seconds" in ended["ending"]["message"]
    cell = work.result(busy, number, within=30)
    assert cell["state"] == "interrupted"
    tells(cell["ending"], "life_seconds", "10 s")
    assert _ended(work, busy)["state"] == "expired"


def test_idle_seconds(work: Work):
    run = work.ready(limits={"idle_seconds": 3})["id"]
    # Work that takes longer than the limit counts, and the time starts anew after it.
    assert work.done(run, "import time\ntime.sleep(3.5)")["state"] == "succeeded"
    time.sleep(1)
    assert work.done(run, "print('was not idle')")["state"] == "succeeded"
    ended = _ended(work, run)
    assert (ended["state"], ended["ending"]["code"]) == ("expired", "idle_exceeded")
    tells(ended["ending"], "idle_seconds", "3 s")
    assert work.api.get(f"runs/{run}/notebook").status_code == 200


def _ended(work: Work, run: str, within: float = 15.0) -> dict[str, Any]:
    deadline = time.monotonic() + within
    while (found := work.get(run))["ended_at"] is None:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    return found


def test_output_bytes(work: Work):
    """Head and tail are shown with a note on the gap; the whole text is an artifact."""
    run = work.ready(limits={"output_bytes": 4096})["id"]
    cell = work.done(run, "for n in range(20000):\n    print(n)")
    assert (cell["state"], cell["truncated"]) == ("succeeded", True)
    said = text(cell)
    assert said.startswith("0\n1\n2\n")
    assert said.endswith("19998\n19999\n")
    assert "are left out here" in said
    assert len(said) < 4096 + 300
    (artifact,) = cell["artifacts"]
    assert (artifact["name"], artifact["media_type"]) == ("output-1.txt", "text/plain")
    whole = work.api.get(f"runs/{run}/artifacts/output-1.txt").text
    assert whole == "".join(f"{n}\n" for n in range(20000))
    short = work.done(run, "print('short')")
    assert (short["truncated"], short["artifacts"], text(short)) == (False, [], "short\n")
    work.cancel(run)


def test_output_artifact_bytes(work: Work):
    limits = {"output_bytes": 1024, "output_artifact_bytes": 100_000}
    run = work.ready(limits=limits)["id"]
    cell = work.done(run, "for _ in range(40):\n    print('x' * 9999)\nprint('the end')")
    assert (cell["state"], cell["truncated"]) == ("succeeded", True)
    assert text(cell).endswith("the end\n")
    assert [(one["name"], one["size"]) for one in cell["artifacts"]] == [("output-1.txt", 100_000)]
    work.cancel(run)


def test_artifact_count_and_bytes(work: Work):
    run = work.ready(limits={"artifact_count": 3, "artifact_bytes": 1000})["id"]
    code = "for n in range(5):\n    open(f'outputs/{n}.txt', 'w').write('x')\n"
    cell = work.done(run, f"{code}open('outputs/big.txt', 'w').write('x' * 1001)")
    assert cell["state"] == "succeeded"
    assert [one["name"] for one in cell["artifacts"]] == ["0.txt", "1.txt", "2.txt"]
    reasons = {one["name"]: one["reason"] for one in cell["skipped_artifacts"]}
    assert set(reasons) == {"3.txt", "4.txt", "big.txt"}
    assert "artifact_count" in reasons["3.txt"]
    assert "3" in reasons["3.txt"]
    assert "artifact_bytes" in reasons["big.txt"]
    assert "1,000" in reasons["big.txt"]
    work.cancel(run)


@pytest.mark.parametrize("limit", ["artifact_count", "artifact_bytes"])
def test_a_run_may_ask_to_leave_no_files(work: Work, limit: str):
    run = work.ready(limits={limit: 0, "output_bytes": 1024})["id"]
    code = "open('outputs/a.txt', 'w').write('x'); open('outputs/empty.txt', 'w').close()\nprint('y' * 5000)"
    cell = work.done(run, code)
    assert (cell["state"], cell["truncated"]) == ("succeeded", True)
    reasons = {one["name"]: one["reason"] for one in cell["skipped_artifacts"]}
    # The text that did not fit has a limit of its own; as a file it counts.
    kept = [] if limit == "artifact_count" else ["output-1.txt"]
    assert [one["name"] for one in cell["artifacts"]] == kept
    assert set(reasons) == {"a.txt", "empty.txt", "output-1.txt"} - set(kept)
    assert set(reasons.values()) == {f"no files are kept of this run: {limit} is 0"}
    refused(work.api.get(f"runs/{run}/artifacts/a.txt"), 404, "not_found")
    work.cancel(run)


def test_a_run_may_ask_to_keep_no_full_text(work: Work):
    run = work.ready(limits={"output_artifact_bytes": 0, "output_bytes": 1024})["id"]
    cell = work.done(run, "open('outputs/a.txt', 'w').write('x')\nprint('y' * 5000 + 'the end')")
    assert (cell["state"], cell["truncated"], cell["skipped_artifacts"]) == ("succeeded", True, [])
    assert [one["name"] for one in cell["artifacts"]] == ["a.txt"]
    assert text(cell).endswith("the end\n")
    work.cancel(run)


def test_open_executions(work: Work):
    run = work.ready(limits={"open_executions": 2})["id"]
    first = work.cell(run, "import time\ntime.sleep(30)")
    work.until(run, "executing")
    work.cell(run, "1")
    body = refused(work.api.post(f"runs/{run}/executions", json={"code": "2"}), 409, "too_many_open_executions")
    assert "open_executions" in body["detail"]
    assert "2" in body["detail"]
    ok(work.api.post(f"runs/{run}/interrupt"))
    assert work.result(run, first)["state"] == "interrupted"
    work.result(run, 2)
    assert work.done(run, "3")["state"] == "succeeded"
    work.cancel(run)
