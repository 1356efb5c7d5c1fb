"""Every limit, run into by a real program in a real sandbox."""

from __future__ import annotations

import itertools
import resource
import time
from collections.abc import Callable
from typing import Any

import nbformat
import pytest

from sandbox_operator.protocol import (
    Backend,
    Done,
    ExecuteRequest,
    Fate,
    OutputEvent,
    RequestRefused,
    SandboxLost,
)
from tests.integration.sandbox_operator.conftest import Opened

Open = Callable[..., Opened]
MIB = 1 << 20

SWALLOW = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    try:
        while True: pass
    except BaseException: pass
"""
HOG = "block = bytearray({mib} << 20)\nfor at in range(0, len(block), 4096): block[at] = 1\nprint('held')"
FORKS = """
import subprocess
children = []
try:
    for _ in range(500):
        children.append(subprocess.Popen(['sleep', '20']))
except BlockingIOError as error:
    print(len(children) < {limit}, error.errno)
finally:
    for child in children: child.kill()
    for child in children: child.wait()
"""
FILL = """
try:
    with open({path!r}, 'wb') as file:
        for _ in range({mib}): file.write(bytes(1 << 20))
except OSError as error:
    print(error.errno)
import os
os.remove({path!r})
"""


def notebook(outputs: list[dict[str, Any]]) -> dict[str, Any]:
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": "", "outputs": outputs, "execution_count": 1}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}


def test_a_memory_hog_ends_as_out_of_memory(opened: Open, backend: Backend) -> None:
    """Taken out: the memory limit of the control group. The hog then holds its 1.2 GiB and prints."""
    one = opened(memory_bytes=400 * MIB)
    with pytest.raises(SandboxLost) as lost:
        one.run(HOG.format(mib=1200))
    assert lost.value.fate is Fate.OUT_OF_MEMORY
    assert backend.fate(one.claim.handle) is Fate.OUT_OF_MEMORY


def test_memory_below_the_limit_is_given(opened: Open) -> None:
    assert opened(memory_bytes=1000 * MIB).text(HOG.format(mib=500)) == "held\n"


def test_an_endless_loop_times_out_and_the_session_goes_on(opened: Open) -> None:
    one = opened()
    one.run("kept = 1")
    started = time.monotonic()
    _, done = one.run("while True: pass", wall_seconds=1)
    assert done.status == "timed_out"
    assert 1 <= time.monotonic() - started < 2
    assert one.text("print(kept)") == "1\n"


def test_a_loop_that_will_not_be_interrupted_ends_within_a_second(opened: Open) -> None:
    """Taken out: the daemon's own deadline. The loop then ends with the session's patience, two seconds later."""
    one = opened()
    started = time.monotonic()
    with pytest.raises(SandboxLost) as lost:
        one.run(SWALLOW, wall_seconds=1)
    assert lost.value.fate is Fate.TIMED_OUT
    assert time.monotonic() - started < 2


def test_processes_are_limited_and_the_sandbox_lives(opened: Open) -> None:
    """Taken out: RLIMIT_NPROC. All 500 children then start and nothing is printed."""
    one = opened()
    assert one.text(FORKS.format(limit=128)) == "True 11\n"
    assert one.text("print('alive')") == "alive\n"


def test_a_fork_bomb_is_contained(opened: Open, backend: Backend) -> None:
    """Whatever becomes of its own sandbox, another one answers while it goes off."""
    bomb, other = opened(), opened()
    try:
        bomb.run("bomb() { bomb | bomb & }; bomb", "bash", wall_seconds=2)
    except SandboxLost as lost:
        assert lost.fate in (Fate.TIMED_OUT, Fate.OUT_OF_MEMORY)
    started = time.monotonic()
    assert other.text("print(6 * 7)") == "42\n"
    assert time.monotonic() - started < 3
    backend.destroy(bomb.claim.handle)


def test_a_full_disk_is_an_error_inside_and_takes_no_memory(opened: Open) -> None:
    """Taken out: the overlay's size. The whole 1.2 GiB then fit and no error is printed."""
    one = opened(memory_bytes=600 * MIB)
    assert one.text(FILL.format(path="/workspace/big", mib=1200)) == "28\n"
    assert one.text("print('alive')") == "alive\n"


def test_the_temporary_directory_is_limited(shared: Opened) -> None:
    """Taken out: the size of the tmpfs at /tmp. All 100 MiB then fit."""
    assert shared.text(FILL.format(path="/tmp/big", mib=100)) == "28\n"


def test_a_file_that_does_not_fit_is_refused_and_the_channel_stays_in_step(opened: Open) -> None:
    one = opened(disk_bytes=32 * MIB)
    with pytest.raises(RequestRefused) as refused:
        one.session.put_file("big.bin", (bytes(MIB) for _ in range(64)), 64 * MIB)
    assert refused.value.code == "disk_full"
    one.session.put_file("small.bin", [b"x"], 1)
    assert one.text("import os; print(sorted(os.listdir()))") == "['.tmp', 'outputs', 'small.bin']\n"


def test_sql_spills_to_disk_before_its_memory_is_out(opened: Open) -> None:
    """Taken out: DuckDB's memory limit. The sandbox then ends as out_of_memory."""
    one = opened(memory_bytes=500 * MIB)
    fill = "CREATE TABLE big AS SELECT repeat(chr(65 + (hash(range) % 26)::INT), 100) || range AS s FROM range(5000000)"
    one.run(fill, "sql", wall_seconds=60)
    outputs, done = one.run("SELECT count(*) AS n FROM big", "sql")
    assert done.status == "ok" and "5000000" in outputs[-1]["data"]["text/plain"]


def test_cpu_is_limited(opened: Open) -> None:
    """Taken out: the CPU quota. Two busy processes then get what the machine has."""
    one = opened(cpu_cores=0.2)
    burn = (
        "import subprocess, time\nburners = [subprocess.Popen(['python3', '-Sc', 'while True: pass']) for _ in 'ab']\n"
    )
    _, done = one.run(burn + "time.sleep(4)\nfor child in burners: child.kill()")
    assert done.usage.cpu_seconds / done.usage.wall_seconds < 0.3


FLOODS = [
    ("python", "import sys\nfor _ in range(200): sys.stdout.write('x' * (1 << 20))"),
    ("bash", "yes 0123456789 | head -c 200000000"),
]


@pytest.mark.parametrize("language, code", FLOODS)
def test_a_flood_of_output_is_cut_at_its_source(opened: Open, language: str, code: str) -> None:
    """Taken out: Capture's cut in the agent. The session then ends as lost, because it checks the limits itself."""
    one = opened()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tail = "print('TAIL')" if language == "python" else "echo TAIL"
    outputs, done = one.run(f"{code}\n{tail}", language)
    assert done.status == "ok" and done.truncated and done.full_text is not None
    with done.full_text as full:
        assert done.full_text_cut and done.full_text_bytes == 8 * MIB == len(full.read())
    text = [output["text"] for output in outputs]
    assert sum(map(len, text)) < MIB + 200
    assert any("bytes of output are left out" in part for part in text)
    assert text[-1].endswith("TAIL\n")
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) < 64 << 10


LINES = [
    ("import subprocess, sys\n_ = subprocess.run([sys.executable, '-c', {loop!r}])", 60_000),
    ("{loop}", 5_000),
]


@pytest.mark.parametrize("code, lines", LINES, ids=["of a child", "of the cell"])
def test_flushed_lines_arrive_whole_in_order_and_while_they_are_printed(opened: Open, code: str, lines: int) -> None:
    """Taken out: the gathering of text in the agent. The 5,000 lines of the cell are then more than 5,000 frames, where
    some 200 were due; a child's lines come through a pipe, which gathers them too."""
    one = opened()
    code = code.format(loop=f"for n in range({lines}): print(n, flush=True)")
    request = ExecuteRequest(1, "python", code, wall_seconds=120, output_bytes=MIB, output_artifact_bytes=8 * MIB)
    came, text = [time.monotonic()], ""
    for event in one.session.execute(request):
        if isinstance(event, OutputEvent):
            came.append(time.monotonic())
            text += event.output["text"]
    assert text == "".join(f"{n}\n" for n in range(lines))
    assert isinstance(event, Done) and event.status == "ok" and not event.truncated
    # Live: on a machine without other work nothing waits for longer than a tenth of a second.
    assert max(later - before for before, later in itertools.pairwise(came)) < 2
    assert 5 < len(came) < 2 + 20 * (came[-1] - came[0])


def test_a_reader_that_falls_behind_loses_nothing(opened: Open) -> None:
    """Taken out: XPUB_NODROP in the kernel. What nobody reads is then dropped, the cell's own end too: it times out."""
    one = opened()
    code = "line = 'x' * 1500\nfor n in range(4500): print(n, line, flush=True)"
    request = ExecuteRequest(1, "python", code, wall_seconds=120, output_bytes=10 * MIB, output_artifact_bytes=MIB)
    text = ""
    for event in one.session.execute(request):
        if isinstance(event, OutputEvent):
            if not text:
                time.sleep(12)
            # The kernel may say on the other stream that a flush took long.
            text += event.output["text"] if event.output["name"] == "stdout" else ""
    assert [line.split()[0] for line in text.splitlines()] == [str(n) for n in range(4500)]
    assert isinstance(event, Done) and not event.truncated


def test_text_of_two_streams_and_displays_keep_their_order(shared: Opened) -> None:
    code = """
import sys
from IPython.display import display
for n in range(100):
    print('out', n, flush=True)
    print('err', n, file=sys.stderr, flush=True)
    display(n)
"""
    outputs, _ = shared.run(code)
    said = [output.get("text") or output["data"]["text/plain"] for output in outputs]
    assert "".join(said) == "".join(f"out {n}\nerr {n}\n{n}" for n in range(100))
    nbformat.validate(notebook(outputs))


def test_what_was_flushed_before_a_death_is_shown(opened: Open) -> None:
    """All but the very last, which the kernel's own sockets still held. Whether any wait for who reads them when the
    kernel dies is chance here: tests/unit/sandbox_operator/test_kernels.py has them wait."""
    code = "import os, signal\nfor n in range(500): print(n, flush=True)\n"
    outputs, done = opened().run(code + "os.kill(os.getpid(), signal.SIGKILL)")
    assert (done.status, outputs[-1]["ename"]) == ("error", "KernelDied")
    said = "".join(output["text"] for output in outputs[:-1]).split()
    assert said == [str(n) for n in range(len(said))] and len(said) >= 496


def test_text_without_what_no_text_may_hold_is_counted_as_it_is_shown(opened: Open) -> None:
    """A NUL becomes a sign of three bytes. Taken out: counting it so inside. The session then ends as lost."""
    outputs, done = opened().run("print('\\0' * 1_000_000)")
    assert done.status == "ok" and done.truncated and outputs[0]["text"].startswith("\N{REPLACEMENT CHARACTER}")
    assert done.full_text is not None
    done.full_text.close()


def test_text_over_the_limit_is_whole_in_the_full_text(shared: Opened) -> None:
    outputs, done = shared.run("for n in range(5000): print(n)", output_bytes=4000, output_artifact_bytes=100_000)
    assert done.truncated and not done.full_text_cut and done.full_text is not None
    with done.full_text as full:
        assert full.read().decode() == "".join(f"{n}\n" for n in range(5000))
    assert outputs[0]["text"].startswith("0\n1\n") and outputs[-1]["text"].endswith("4999\n")


def test_a_rich_output_over_the_limit_becomes_a_sentence(shared: Opened) -> None:
    code = "from IPython.display import HTML, display\ndisplay(HTML('x' * 3_000_000))\nprint('after')"
    outputs, done = shared.run(code)
    assert done.status == "ok"
    assert "over the output limit" in outputs[0]["text"] and outputs[-1]["text"] == "after\n"


def test_a_wide_table_and_many_outputs_stay_within_the_limit(shared: Opened) -> None:
    outputs, done = shared.run("import numpy as np, pandas as pd\npd.DataFrame(np.zeros((1, 1_000_000)))")
    assert done.status == "ok" and len(outputs[0]["data"]["text/html"]) < 100_000
    outputs, done = shared.run("from IPython.display import display\nfor n in range(2500): display(n)")
    assert done.status == "ok" and not done.truncated and len(outputs) < 2300
    told = "".join(output.get("text", "") for output in outputs)
    assert told.count("is left out: a cell shows 2,000 of them") == 500


def test_a_huge_traceback_is_cut(shared: Opened) -> None:
    outputs, done = shared.run("raise ValueError('x' * 5_000_000)")
    assert done.status == "error" and outputs[-1]["ename"] == "ValueError"
    assert len(str(outputs[-1])) < 300_000


def test_artifacts_over_their_limits_are_named_and_not_given(opened: Open) -> None:
    one = opened(artifact_count=3, artifact_bytes=1000)
    one.run(
        "for n in range(5): open(f'outputs/{n}.txt', 'w').write('x')\nopen('outputs/big.bin', 'wb').write(bytes(1001))"
    )
    listing = one.session.artifacts()
    assert [item.name for item in listing] == ["0.txt", "1.txt", "2.txt"]
    reasons = {item.name: item.reason for item in listing.skipped}
    assert reasons.keys() == {"3.txt", "4.txt", "big.bin"}
    assert "artifact_count, which is 3" in reasons["4.txt"] and "artifact_bytes, which is 1,000" in reasons["big.bin"]
    with pytest.raises(RequestRefused) as refused:
        list(one.session.read_artifact("big.bin"))
    assert refused.value.code == "artifact_too_large"


def test_ten_megabytes_of_code_run(shared: Opened) -> None:
    assert shared.text("text = '" + "x" * 10_000_000 + "'\nprint(len(text))") == "10000000\n"
