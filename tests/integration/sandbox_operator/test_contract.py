"""What every backend promises. Another one runs these tests with fixtures of its own in the place of this folder's."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import nbformat
import pytest

from sandbox_operator.protocol import (
    Backend,
    Ending,
    ExecuteRequest,
    Fate,
    Fenced,
    ImageUnknown,
    OutputEvent,
    RequestRefused,
    SandboxLost,
    SessionBusy,
)
from sandbox_operator.spec import Handle
from tests.integration.sandbox_operator.conftest import Opened, make_spec
from tests.integration.sandbox_operator.daemons import wait_until

Open = Callable[..., Opened]


def test_a_claim_says_what_it_gave(shared: Opened) -> None:
    claim = shared.claim
    assert claim.probe.contained and claim.probe.checks > 15
    assert Handle.parse(str(claim.handle)) == claim.handle
    assert set(claim.enforced) | set(claim.not_enforced) >= {"cpu_cores", "memory_bytes", "processes", "disk_bytes"}
    assert claim.gvisor_version


def test_state_is_kept_between_executions(shared: Opened) -> None:
    shared.run("kept = 41")
    outputs, done = shared.run("kept + 1")
    assert outputs == [
        {
            "output_type": "execute_result",
            "data": {"text/plain": "42"},
            "metadata": {},
            "execution_count": done.execution_count,
        }
    ]
    assert (done.status, done.truncated, done.full_text) == ("ok", False, None)


def test_usage_is_measured_outside(shared: Opened, lag: float) -> None:
    """Of two pieces of work, as a clock in the sandbox takes a processor that it waits for to be its own."""
    code = f"for _ in range(NUMBER): pass\nimport time; time.sleep({lag})"
    (_, little), (_, much) = (shared.run(code.replace("NUMBER", number)) for number in ("3_000_000", "30_000_000"))
    assert 0 < little.usage.cpu_seconds < much.usage.cpu_seconds / 3 < 20
    assert much.usage.wall_seconds > little.usage.wall_seconds > 0
    assert 20 << 20 < much.usage.peak_memory_bytes <= 1 << 30


def test_what_a_sandbox_uses_now_rises_and_falls_while_a_cell_runs(opened: Open, backend: Backend, lag: float) -> None:
    """Taken out: reading the present figure (the peak in its place). It then never falls."""
    one = opened()
    before = backend.usage(one.claim.handle)

    def held() -> int:
        return backend.usage(one.claim.handle).memory_bytes

    code = "import time; print('idle', flush=True); hold = b'x' * (300 << 20); print('held', flush=True)\n"
    code += f"time.sleep({1 + lag}); del hold; print('freed', flush=True); time.sleep({3 + lag})"
    seen = {}
    for event in one.session.execute(ExecuteRequest(1, "python", code, 30, 10_000, 10_000)):
        if isinstance(event, OutputEvent):
            said = event.output["text"].split()[-1]
            if said == "held":
                wait_until(lambda: held() > before.memory_bytes + (280 << 20), "it rises", seconds=0.5 + lag)
            seen[said] = backend.usage(one.claim.handle)
            if said == "freed":
                wait_until(lambda: held() < seen["held"].memory_bytes - (250 << 20), "it falls", seconds=5)
    one.session.artifacts()
    after = backend.usage(one.claim.handle)
    assert seen["held"].memory_bytes > before.memory_bytes + (280 << 20)
    assert after.peak_memory_bytes >= seen["held"].memory_bytes
    assert after.cpu_seconds > before.cpu_seconds and after.wall_seconds > before.wall_seconds


def test_files_that_were_written_are_disk_and_not_memory(opened: Open, backend: Backend, disk_lag: float) -> None:
    """Taken out: leaving cached files out. The 300 MiB then look like memory that is gone."""
    one = opened()
    before = backend.usage(one.claim.handle)
    one.run("with open('big', 'wb') as file:\n    for _ in range(300): file.write(b'x' * (1 << 20))")

    def written() -> int:
        return backend.usage(one.claim.handle).disk_bytes - before.disk_bytes

    wait_until(lambda: written() > 290 << 20, "it is disk", seconds=0.5 + disk_lag)
    after = backend.usage(one.claim.handle)
    assert after.memory_bytes < before.memory_bytes + (100 << 20)


def test_asking_what_it_uses_keeps_no_sandbox_from_being_idle(opened: Open, backend: Backend) -> None:
    one = opened(idle_seconds=1)
    asked = 0
    with pytest.raises(SandboxLost) as lost:
        while asked < 200:
            backend.usage(one.claim.handle)
            asked += 1
            time.sleep(0.05)
    assert lost.value.fate is Fate.IDLE


def test_an_error_has_its_whole_traceback(shared: Opened) -> None:
    outputs, done = shared.run("def inner():\n    return 1 / 0\n\ninner()")
    assert done.status == "error"
    error = outputs[-1]
    assert (error["output_type"], error["ename"], error["evalue"]) == ("error", "ZeroDivisionError", "division by zero")
    assert "return 1 / 0" in "\n".join(error["traceback"])


def test_rich_outputs_are_notebook_outputs(shared: Opened) -> None:
    code = "import matplotlib.pyplot as plt, pandas as pd\nplt.plot([1, 3, 2])\nplt.show()\npd.DataFrame({'a': [1]})"
    outputs, done = shared.run(code)
    figure, table = outputs
    assert figure["output_type"] == "display_data" and figure["data"]["image/png"].startswith("iVBOR")
    assert table["output_type"] == "execute_result" and "<table" in table["data"]["text/html"]
    cell: dict[str, Any] = {"cell_type": "code", "id": "a", "metadata": {}, "source": code, "outputs": outputs}
    cell["execution_count"] = done.execution_count
    nbformat.validate({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})


def test_the_images_packages_import_without_a_word(shared: Opened) -> None:
    """Taken out for a try: /dev/shm. joblib then warns at every import of scikit-learn that it works serially."""
    packages = (
        "duckdb, matplotlib, numpy, openpyxl, pandas, pyarrow, scipy.stats, seaborn, sklearn.ensemble, statsmodels.api"
    )
    assert shared.run(f"import {packages}")[0] == []


def test_processes_share_work(shared: Opened) -> None:
    code = "import multiprocessing\nwith multiprocessing.Pool(2) as pool:\n    print(pool.map(abs, [-1, -2]))"
    assert shared.text(code) == "[1, 2]\n"


def test_output_that_is_not_utf8_becomes_text(shared: Opened) -> None:
    assert shared.text("import os\nos.write(1, b'\\xff\\xfe ok\\n')").endswith(" ok\n")
    assert shared.text("print('\\ud800 lone')").endswith(" lone\n")
    assert "\0" not in shared.text("print('nul \\0 inside')")


def test_sql_sees_files_and_dataframes(shared: Opened) -> None:
    shared.session.put_file("sales 2024.csv", [b"region,amount\nnorth,10\nsouth,32\n"], 32)
    shared.run("import pandas as pd\nrates = pd.DataFrame({'region': ['north', 'south'], 'rate': [2, 1]})")
    query = 'SELECT sum(amount * rate) AS total FROM "sales 2024" JOIN rates USING (region)'
    outputs, done = shared.run(query, "sql")
    assert done.status == "ok", outputs
    assert "52" in outputs[-1]["data"]["text/plain"] and "<table" in outputs[-1]["data"]["text/html"]
    outputs, done = shared.run("SELECT nothing FROM nowhere", "sql")
    assert done.status == "error" and outputs[-1]["ename"] == "CatalogException"
    assert "agent" not in "\n".join(outputs[-1]["traceback"])


def test_sql_shows_the_head_of_a_large_result(shared: Opened) -> None:
    outputs, done = shared.run("SELECT * FROM range(200000)", "sql")
    assert done.status == "ok" and "first 100,000 rows" in outputs[0]["text"]


def table(shown: Opened, code: str) -> dict[str, Any]:
    """The table that a cell shows as data."""
    outputs, done = shown.run(code)
    assert done.status == "ok", outputs
    found: dict[str, Any] = outputs[-1]["data"]["application/vnd.bailiwick.table+json"]
    return found


def test_a_dataframe_comes_as_data_too(shared: Opened) -> None:
    shown = table(
        shared,
        "import pandas as pd\n"
        "pd.DataFrame({'n': [1, 2], 'x': [0.5, float('nan')], 'day': pd.to_datetime(['2024-02-29', None]), "
        "'who': ['<b>', None], 'ok': [True, False], 'odd': [1j, {1: 2}]})",
    )
    assert [(column["name"], column["type"]) for column in shown["columns"]] == [
        ("n", "integer"), ("x", "number"), ("day", "datetime"), ("who", "string"), ("ok", "boolean"), ("odd", "string"),
    ]  # fmt: skip
    assert shown["rows"][1][:5] == [2, None, None, None, False] and shown["rows"][0][3] == "<b>"
    assert (shown["total_rows"], shown["total_columns"]) == (2, 6)
    counted = table(shared, "pd.Series([3, 4], index=['a', 'b'], name='n')")
    assert counted["rows"] == [["a", 3], ["b", 4]]
    twice = table(shared, "pd.DataFrame([[1, 2]], columns=['a', 'a'])")
    assert [column["name"] for column in twice["columns"]] == ["a", "a"] and twice["rows"] == [[1, 2]]
    grouped = table(shared, "pd.DataFrame({'k': ['a', 'a'], 'v': [1, 3]}).groupby('k').agg(['min', 'max'])")
    assert [column["name"] for column in grouped["columns"]][1:] == ["v / min", "v / max"]


def test_a_large_table_loses_rows_until_it_fits_and_says_how_many_there_were(shared: Opened) -> None:
    shown = table(shared, "pd.DataFrame({'n': range(300_000), 'm': range(300_000)})")
    assert shown["total_rows"] == 300_000 and 1000 < len(shown["rows"]) < 100_000
    assert shown["rows"] == [[n, n] for n in range(len(shown["rows"]))]
    outputs, done = shared.run("pd.DataFrame({'a': ['x' * 2_000_000]})")
    assert done.status == "ok" and set(outputs[-1]["data"]) == {"text/plain", "text/html"}


def test_bash_keeps_its_state(shared: Opened) -> None:
    shared.run('cd /tmp; greeting=hello; say() { echo "$greeting $1"; }', "bash")
    assert shared.text("say world; pwd; cat", "bash") == "hello world\n/tmp\n"
    outputs, done = shared.run("false", "bash")
    assert (done.status, outputs[-1]["evalue"]) == ("error", "exit status 1")
    outputs, done = shared.run("exit 7", "bash")
    assert "status 7" in outputs[-1]["evalue"]
    assert shared.text("echo ${greeting:-gone}", "bash") == "gone\n"


def test_an_unknown_language_is_refused(shared: Opened) -> None:
    with pytest.raises(RequestRefused) as refused:
        shared.run("1", "cobol")
    assert refused.value.code == "unknown_language"
    assert shared.text("print('still here')") == "still here\n"


def test_asking_for_input_is_an_error(shared: Opened) -> None:
    outputs, done = shared.run("input()")
    assert (done.status, outputs[-1]["ename"]) == ("error", "StdinNotImplementedError")


def test_files_go_in_and_come_out_unchanged(shared: Opened) -> None:
    content = bytes(range(256)) * 4096
    shared.session.put_file("in/räw data.bin", [content[:70_000], content[70_000:]], len(content))
    shared.run("import shutil, pathlib\npathlib.Path('outputs/deep').mkdir()\n"
               "shutil.copy('in/räw data.bin', 'outputs/deep/räw data.bin')")  # fmt: skip
    listed = {item.name: item for item in shared.session.artifacts()}
    assert listed["deep/räw data.bin"].size == len(content)
    assert b"".join(shared.session.read_artifact("deep/räw data.bin")) == content


def test_a_listing_says_what_changed(shared: Opened) -> None:
    shared.run("open('outputs/one.csv', 'w').write('a'); open('outputs/two.csv', 'w').write('b')")
    assert {item.name for item in shared.session.artifacts() if item.changed} >= {"one.csv", "two.csv"}
    shared.run("open('outputs/two.csv', 'w').write('bb')")
    assert {item.name for item in shared.session.artifacts() if item.changed} == {"two.csv"}


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "a/../../x", "a//b", "", ".", "a\0b", "a\nb", "x" * 300, "a\\b", "\ud800"]
)
def test_a_bad_name_is_refused_before_it_is_sent(shared: Opened, name: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        shared.session.put_file(name, [b"x"], 1)
    assert refused.value.code == "bad_name"
    with pytest.raises(RequestRefused):
        list(shared.session.read_artifact(name))


def test_a_file_of_another_size_than_announced_is_refused_and_not_kept(shared: Opened) -> None:
    with pytest.raises(RequestRefused):
        shared.session.put_file("short.bin", [b"abc"], 4)
    assert shared.text("import os; print(os.path.exists('short.bin'))") == "False\n"


def test_what_is_not_a_plain_file_is_no_artifact(shared: Opened) -> None:
    shared.run(
        "import os\nos.symlink('/etc/passwd', 'outputs/passwd'); os.mkfifo('outputs/pipe')\n"
        "os.symlink('/etc', 'outputs/dir'); open('outputs/bad\\nname', 'w').close()\n"
        "os.close(os.open(b'outputs/\\xff', os.O_CREAT))"
    )
    listing = shared.session.artifacts()
    assert not {"passwd", "pipe", "dir", "dir/passwd", "bad\nname"} & {item.name for item in listing}
    reasons = {one.name: one.reason for one in listing.skipped}
    assert reasons["passwd"] == reasons["dir"] == "is a symbolic link"
    assert reasons["pipe"] == "is not a regular file"
    assert reasons["bad\\nname"] == "the name has control characters"
    for name in ("passwd", "pipe", "dir/passwd", "nowhere"):
        with pytest.raises(RequestRefused) as refused:
            list(shared.session.read_artifact(name))
        assert refused.value.code in ("not_a_file", "artifact_gone")
    shared.run("import shutil; shutil.rmtree('outputs'); os.mkdir('outputs')")


def test_an_interrupt_stops_the_cell_and_keeps_the_state(shared: Opened) -> None:
    shared.run("kept = 'yes'")
    timer = threading.Timer(0.5, shared.session.interrupt)
    timer.start()
    outputs, done = shared.run("import time\ntime.sleep(20)")
    timer.join()
    assert (done.status, outputs[-1]["ename"]) == ("interrupted", "KeyboardInterrupt")
    assert shared.text("print(kept)") == "yes\n"
    shared.session.interrupt()  # nothing runs: nothing happens
    assert shared.text("print(kept)") == "yes\n"


ENDLESS = [
    ("bash", "sleep 20"),
    ("bash", "while :; do :; done"),
    ("sql", "SELECT count(*) FROM range(100000000000) a, range(1000) b"),
]


@pytest.mark.parametrize("language, code", ENDLESS)
def test_an_interrupt_stops_other_languages_too(shared: Opened, language: str, code: str) -> None:
    timer = threading.Timer(0.5, shared.session.interrupt)
    timer.start()
    _, done = shared.run(code, language)
    timer.join()
    assert done.status == "interrupted" and done.usage.wall_seconds < 10
    assert shared.text("echo still", "bash") == "still\n"


@pytest.mark.parametrize("language, code", ENDLESS)
def test_the_wall_limit_ends_other_languages_too(opened: Open, language: str, code: str) -> None:
    """On a busy machine the interrupt may take longer than its grace; then the sandbox ends, still in time."""
    one = opened()
    started = time.monotonic()
    try:
        _, done = one.run(code, language, wall_seconds=1)
        assert done.status == "timed_out"
    except SandboxLost as lost:
        assert lost.fate is Fate.TIMED_OUT
    assert time.monotonic() - started < 2


def test_a_dead_kernel_is_an_error_and_a_new_one_starts(opened: Open) -> None:
    one = opened()
    one.run("gone = 1; open('kept.txt', 'w').write('x')")
    outputs, done = one.run("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    assert (done.status, outputs[-1]["ename"]) == ("error", "KernelDied")
    assert one.text("import os\nprint('gone' in globals(), os.path.exists('kept.txt'))") == "False True\n"


def test_a_session_ends_and_the_sandbox_lives_on(opened: Open) -> None:
    one = opened()
    one.run("kept = 5")
    one.session.close()
    again = replace_session(one, epoch=2)
    assert again.text("print(kept)") == "5\n"
    again.session.close()


def test_an_older_epoch_is_fenced_and_so_is_its_session(opened: Open, backend: Backend) -> None:
    one = opened()
    newer = replace_session(one, epoch=5)
    with pytest.raises(Fenced):
        backend.open(one.claim.handle, epoch=4)
    with pytest.raises(Fenced):
        one.run("1")
    assert newer.text("print('mine')") == "mine\n"
    newer.session.close()


def test_a_busy_sandbox_is_not_taken_from_its_session(opened: Open, backend: Backend) -> None:
    one = opened()
    code = "print(1, flush=True)\nimport time; time.sleep(2)"
    events = one.session.execute(ExecuteRequest(1, "python", code, 30, 1000, 1000))
    next(events)
    with pytest.raises(SessionBusy):
        backend.open(one.claim.handle, epoch=9)
    assert [type(event).__name__ for event in events] == ["Done"]


def test_a_handle_of_another_life_is_lost(opened: Open, backend: Backend) -> None:
    one = opened()
    stranger = replace(one.claim.handle, incarnation="0" * 32)
    with pytest.raises(SandboxLost) as lost:
        backend.open(stranger, epoch=1)
    assert lost.value.fate is Fate.UNKNOWN
    assert backend.destroy(stranger) == Ending(existed=False, cause=None)
    assert one.text("print('untouched')") == "untouched\n"


def test_destroy_ends_everything_and_may_be_repeated(opened: Open, backend: Backend) -> None:
    one = opened()
    assert backend.fate(one.claim.handle) is Fate.ALIVE
    assert backend.destroy(one.claim.handle) == Ending(existed=True, cause=Fate.DESTROYED)
    assert backend.destroy(one.claim.handle) == Ending(existed=False, cause=Fate.DESTROYED)
    assert backend.fate(one.claim.handle) is Fate.DESTROYED
    assert one.claim.handle not in {status.handle for status in backend.sandboxes()}
    with pytest.raises(SandboxLost):
        one.run("1")


def test_a_destroyed_sandbox_ends_its_execution_as_lost(opened: Open, backend: Backend) -> None:
    one = opened()
    timer = threading.Timer(0.5, lambda: backend.destroy(one.claim.handle))
    timer.start()
    with pytest.raises(SandboxLost) as lost:
        one.run("import time; time.sleep(20)")
    timer.join()
    assert lost.value.fate is Fate.DESTROYED


def test_a_sandbox_serves_one_run(opened: Open) -> None:
    first, second = opened(), opened()
    assert first.claim.handle != second.claim.handle
    first.run("open('secret.txt', 'w').write('mine')")
    assert second.text("import os; print(sorted(os.listdir('/workspace')))") == "['.tmp', 'outputs']\n"


def test_life_ends_when_it_was_said_to(opened: Open, backend: Backend) -> None:
    one = opened(life=5)
    wait_until(lambda: backend.fate(one.claim.handle) is not Fate.ALIVE, "it expires", seconds=10)
    assert backend.fate(one.claim.handle) is Fate.EXPIRED


def test_an_idle_sandbox_ends_and_a_busy_one_does_not(opened: Open, backend: Backend) -> None:
    one = opened(idle_seconds=1)
    assert one.text("import time; time.sleep(2.5); print('busy')") == "busy\n"
    wait_until(lambda: backend.fate(one.claim.handle) is not Fate.ALIVE, "it is idle", seconds=5)
    assert backend.fate(one.claim.handle) is Fate.IDLE


def test_another_digest_is_another_image(backend: Backend) -> None:
    with pytest.raises(ImageUnknown):
        backend.claim(replace(make_spec(), image_digest="sha256:other"), timeout=5)
    with pytest.raises(ImageUnknown):
        backend.claim(replace(make_spec(), environment="cobol"), timeout=5)


def test_health_counts_and_names_the_limits(backend: Backend, opened: Open) -> None:
    opened()
    health = backend.health()
    assert health.ok and health.claimed >= 1 and health.max >= health.claimed
    assert set(health.enforced).isdisjoint(health.not_enforced)


def replace_session(one: Opened, epoch: int) -> Opened:
    return Opened(one.backend, one.claim, one.backend.open(one.claim.handle, epoch=epoch))
