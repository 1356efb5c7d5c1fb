"""What must hold after every fault, read from the machine and the database and not from the platform's own word."""

import hashlib
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from psycopg.rows import dict_row

from sandbox_operator.client import LocalBackend
from sandbox_operator.protocol import SandboxStatus
from tests.stack import Stack
from tools.launch import postgres
from tools.launch.state import DATABASE, State

SETTLED_WITHIN = 60.0
LIVE = ("requested", "awaiting_approval", "queued", "starting", "ready", "executing")


def nothing_wrong(stack: Stack, *, idle: bool = False, within: float = SETTLED_WITHIN) -> None:
    """Wait until nothing is wrong, or fail with all that is. `idle`: no run lives, so no sandbox may serve one."""
    deadline = time.monotonic() + within
    while found := sorted(complaints(stack, idle=idle)):
        assert time.monotonic() < deadline, "still so:\n" + "\n".join(found)
        time.sleep(0.1)


def complaints(stack: Stack, *, idle: bool = False) -> Iterator[str]:
    """Everything that must not be, a sentence each."""
    listed = {one.handle.sandbox: one for one in LocalBackend(stack.state.sandbox_socket).sandboxes()}
    runs = rows(stack.state, "SELECT id::text, state, handle, deadline_at < now() AS late FROM runs_run")
    live = {run["id"]: run for run in runs if run["state"] in LIVE}
    yield from stuck(live, listed)
    yield from _left_over(stack.state, live, listed)
    yield from untrue(stack.state)
    yield from (f"journalled and not appended: {path.name}" for path in (stack.state.var / "journal").glob("*"))
    if idle:
        yield from (f"run {run_id} is still {run['state']}" for run_id, run in live.items())


def stuck(live: dict[str, Any], listed: dict[str, SandboxStatus]) -> Iterator[str]:
    """Runs past their deadline, and such whose sandbox is not among those listed by name."""
    for run_id, run in live.items():
        if run["late"]:
            yield f"run {run_id} is {run['state']} past its deadline"
        if run["state"] in ("ready", "executing") and run["handle"] not in {str(one.handle) for one in listed.values()}:
            yield f"run {run_id} is {run['state']} in a sandbox that is not there"


def _left_over(state: State, live: dict[str, Any], listed: dict[str, SandboxStatus]) -> Iterator[str]:
    for name, kinds in traces(state).items():
        if name not in listed:
            yield f"of sandbox {name}, which nobody owns, there is left: {', '.join(sorted(kinds))}"
    for name, sandbox in listed.items():
        if sandbox.run_id and str(sandbox.run_id) not in live:
            yield f"sandbox {name} serves run {sandbox.run_id}, which is over"


def traces(state: State) -> dict[str, set[str]]:
    """What this machine has of each sandbox of that daemon: processes, mounts, control groups, folders."""
    folder = (state.var / "sandboxes").resolve() / "sandboxes"
    found: dict[str, set[str]] = {}
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            for name in re.findall(rf"{folder}/([0-9a-f]+)", entry.read_bytes().decode(errors="replace")):
                found.setdefault(name, set()).add("a process")
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        if line.split()[4].startswith(f"{folder}/"):
            found.setdefault(line.split()[4].removeprefix(f"{folder}/").partition("/")[0], set()).add("a mount")
    for name in control_groups(state):
        found.setdefault(name, set()).add("a control group")
    for path in folder.iterdir() if folder.exists() else ():
        found.setdefault(path.name, set()).add("a folder")
    return found


def control_groups(state: State) -> list[str]:
    """The names of the control groups of that daemon's sandboxes."""
    parent = hashlib.sha256(str((state.var / "sandboxes").resolve()).encode()).hexdigest()[:12]
    top = Path("/sys/fs/cgroup")
    found = [*top.glob(f"bailiwick-{parent}/*"), *top.glob(f"*/bailiwick-{parent}/*")]
    return sorted({path.name for path in found if path.is_dir()})


def processes(state: State, sandbox: str) -> list[int]:
    """The processes of one sandbox, from outside."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if f"/sandboxes/{sandbox}/".encode() in entry.read_bytes():
                found.append(int(entry.parent.name))
    return found


def serving(stack: Stack, run_id: str) -> str:
    """The name of the sandbox that serves the run."""
    listed = LocalBackend(stack.state.sandbox_socket).sandboxes()
    return next(one.handle.sandbox for one in listed if str(one.run_id) == run_id)


_CELLS = """
SELECT r.id::text || '/' || e.number AS name, e.state, e.started_at IS NOT NULL AS began,
    'run:' || r.id || '/execution:' || e.number AS subject
FROM runs_execution e JOIN runs_run r ON r.id = e.run_id
"""
_ENTRIES = """
SELECT event, subject, convert_from(header, 'UTF8')::json ->> 'outcome' AS outcome,
    convert_from(header, 'UTF8')::json -> 'facts' ->> 'decision' AS decision
FROM audit_entry WHERE event LIKE 'runs:%%'
"""


def untrue(state: State) -> Iterator[str]:
    """Executions that ran twice, or are recorded as more than they did, or ran without a recorded allow."""
    entries = rows(state, _ENTRIES)
    started = Counter(entry["subject"] for entry in entries if entry["event"] == "runs:execution:started")
    finished = {entry["subject"]: entry["outcome"] for entry in entries if entry["event"] == "runs:execution:finished"}
    for cell in rows(state, _CELLS):
        begun = started[cell["subject"]]
        if begun != int(cell["began"]):
            yield f"execution {cell['name']} is {cell['state']} and was started {begun} times"
        if cell["state"] == "succeeded" and finished.get(cell["subject"]) != "succeeded":
            yield f"execution {cell['name']} is said to have succeeded, and the log does not say so"
        if cell["subject"] in finished and cell["state"] != finished[cell["subject"]]:
            yield f"execution {cell['name']} is {cell['state']}, and the log says {finished[cell['subject']]}"
    allowed = {str(one["id"]) for one in rows(state, "SELECT id FROM policy_decision WHERE outcome = 'allow'")}
    for entry in entries:
        if entry["event"] in ("runs:execution:started", "runs:run:starting") and entry["decision"] not in allowed:
            yield f"{entry['event']} of {entry['subject']} without a recorded allow"


def orphaned_blobs(state: State) -> set[str]:
    """Contents in the store that no row names."""
    folder = state.var / "blobs"
    # Before the rows: what is sealed and named between the two reads has its row.
    kept = {str(path.relative_to(folder)) for path in folder.glob("*/*")}
    return kept - {row["name"] for row in rows(state, "SELECT name FROM runs_blob")}


def rows(state: State, query: str, *values: Any) -> list[dict[str, Any]]:
    """The rows of a query, asked as the superuser."""
    with postgres.connect(state, DATABASE) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        found: list[dict[str, Any]] = cursor.execute(query, values).fetchall()
        return found
