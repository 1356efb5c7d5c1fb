"""`make run` from the launcher on: what dies comes back, what stops leaves nothing, what was there is found again."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from config.management.commands.demo_run import EVIDENCE
from tests.stack import eventually
from tools.launch.keeper import running, started_at
from tools.launch.state import PYTHON, ROOT, State

PARTS = ("postgres", "redis", "opa", "sandboxd", "witness", "sequencer", "web", "worker", "beat")


@dataclass
class Launched:
    """A launcher in a process of its own, and its state directory."""

    state: State
    process: "subprocess.Popen[str]"
    output: Path

    def said(self) -> str:
        return self.output.read_text()

    def pids(self) -> dict[str, int]:
        found = {name: running(name, self.state) for name in PARTS}
        return {name: pid for name, pid in found.items() if pid}

    def wait_for_welcome(self) -> None:
        eventually(lambda: "Stop with Ctrl-C" in self.said() or self.process.poll() is not None, within=120)
        assert self.process.poll() is None, self.said()


def launch(var: Path) -> Launched:
    output = var.parent / "output"
    env = {**os.environ, "BAILIWICK_WARM": "1", "BAILIWICK_VAR": str(var), "BAILIWICK_PORT": ""}
    with output.open("w") as file:
        command = [str(PYTHON), "-m", "tools.launch", "up"]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=file, stderr=file, text=True)
    return Launched(State(var), process, output)


@pytest.fixture(scope="module")
def launched() -> Iterator[Launched]:
    """One launcher for the tests below, in their order; the last ones stop it."""
    folder = Path(tempfile.mkdtemp(prefix="bailiwick-launch-"))
    one = launch(folder / "var")
    one.wait_for_welcome()
    yield one
    if one.process.poll() is None:
        one.process.terminate()
        one.process.wait(90)
    shutil.rmtree(folder)


def processes_of(state: State) -> set[str]:
    """Command lines that name the state directory, whoever started them."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and started_at(int(entry.name)):
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(state.var) in line:
                found.add(line)
    return found


def test_the_welcome_shows_the_run_and_its_record(launched: Launched) -> None:
    said = launched.said()
    for words in ("Gentoo", "Figure", "Decision     allow", "Revision     sha256:", "Audit entry", "Credentials"):
        assert words in said
    picture = (launched.state.var / "demo/body-mass-by-flipper-length.png").read_bytes()
    assert picture.startswith(b"\x89PNG")


def test_what_it_prints_exports_the_log_verifies_it_elsewhere_and_finds_a_changed_byte(launched: Launched) -> None:
    said = launched.said().partition("  Evidence ")[2].split("\n\n")[1]
    lines = [line.strip() for line in said.splitlines()]
    assert len(lines) == 6
    done = subprocess.run(["bash", "-c", "\n".join(lines)], cwd="/", capture_output=True, text=True, timeout=90)
    assert (done.returncode, done.stderr) == (10, ""), done
    verified, tampered = re.findall(r"^(VERIFIED|TAMPERED) ", done.stdout, re.M)
    assert (verified, tampered) == ("VERIFIED", "TAMPERED")
    assert "\nEntry 0 is not the one in the log." in done.stdout


def test_readme_shows_the_same_lines() -> None:
    section = (ROOT / "README.md").read_text().partition("## Evidence that leaves the building")[2].split("\n## ")[0]
    shown = re.findall(r"^    \$ (.*)", section, re.M)
    assert (shown[0].partition("; ")[2], *shown[1:]) == EVIDENCE


def test_credentials_are_the_owners_alone_and_work(launched: Launched) -> None:
    path = launched.state.var / "demo.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    demo = json.loads(path.read_text())
    assert set(demo["users"]) == {
        "analyst", "reviewer", "reviewer2", "policy_admin", "policy_admin2", "auditor", "platform_admin", "outsider",
    }  # fmt: skip
    for user in demo["users"].values():
        answer = httpx.get(f"{demo['url']}/api/v1/projects", headers={"Authorization": f"Bearer {user['token']}"})
        assert (answer.status_code, len(answer.json()["results"])) == (200, 1)


def test_every_part_listens_on_this_machine_alone(launched: Launched) -> None:
    inodes = set()
    for pid in launched.pids().values():
        for link in Path(f"/proc/{pid}/fd").iterdir():
            try:
                inodes.add(os.readlink(link).removeprefix("socket:[").removesuffix("]"))
            except OSError:
                continue
    listening = []
    for table, loopback in (("tcp", "0100007F"), ("tcp6", "00000000000000000000000001000000")):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                listening.append((fields[1].rpartition(":")[0], loopback))
    assert len(listening) == 4
    assert all(address == loopback for address, loopback in listening)


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_is_killed_comes_back(launched: Launched, name: str) -> None:
    before = launched.pids()
    os.kill(before[name], signal.SIGKILL)
    eventually(lambda: launched.pids().get(name) not in (None, before[name]), within=30)
    sign = launched.state.run / f"{name}.ready"
    eventually(sign.exists, within=60)
    url = launched.state.url
    eventually(lambda: _status(f"{url}/readyz") == 200, within=60)
    assert {other: pid for other, pid in launched.pids().items() if other != name} == {
        other: pid for other, pid in before.items() if other != name
    }


def _status(url: str) -> int:
    try:
        return httpx.get(url, timeout=10).status_code
    except httpx.HTTPError:
        return 0


def test_a_second_launcher_on_the_same_state_is_refused(launched: Launched) -> None:
    second = launch_here(launched.state.var)
    assert (second.returncode, second.stdout) == (1, "")
    assert "already runs from" in second.stderr
    assert "Traceback" not in second.stderr


def launch_here(var: Path) -> "subprocess.CompletedProcess[str]":
    command = [str(PYTHON), "-m", "tools.launch", "up"]
    env = {**os.environ, "BAILIWICK_VAR": str(var)}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_ctrl_c_leaves_nothing_and_the_next_start_finds_everything(launched: Launched) -> None:
    demo = (launched.state.var / "demo.json").read_text()
    run = (launched.state.var / "demo-run").read_text()
    launched.process.send_signal(signal.SIGINT)
    launched.process.wait(90)
    assert "its state is kept" in launched.said()
    assert processes_of(launched.state) == set()
    assert not list(launched.state.run.glob("*.pid"))

    again = launch(launched.state.var)
    launched.process = again.process
    again.wait_for_welcome()
    assert f"Governed run {run}, made at an earlier start" in again.said()
    assert (launched.state.var / "demo.json").read_text() == demo


def test_a_launcher_that_is_killed_leaves_nothing(launched: Launched) -> None:
    launched.process.kill()
    launched.process.wait()
    eventually(lambda: processes_of(launched.state) == set(), within=60)


def test_a_port_that_is_taken_stops_the_start_with_a_sentence(launched: Launched) -> None:
    command = [str(PYTHON), "-m", "tools.launch", "up"]
    env = {**os.environ, "BAILIWICK_VAR": str(launched.state.var), "BAILIWICK_PORT": "none"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == "bailiwick: BAILIWICK_PORT=none is not a port; set it to a number from 1 to 65535.\n"
