"""How many sandboxes with idle kernels live at once, and what all of them together cost."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sandbox_operator.client import LocalBackend
from tests.bench.figures import Row
from tests.bench.raw import Raw
from tests.stack import eventually
from tools.launch.sandboxd import image
from tools.launch.state import BIN, ROOT

WANTED = 100
MEMORY = 16 << 30
WATCHED_SECONDS = 20
_IDLE = "import time, pandas, numpy, matplotlib.pyplot, duckdb; time.sleep(4)"


def density(raw: Raw, folder: Path) -> Iterator[Row]:
    """Start a daemon with a pool of a hundred; measure from outside, with the kernel's own accounting."""
    rootfs, digest = image()
    socket = folder / "sandboxd.sock"
    argv = [
        sys.executable,
        "-m",
        "sandbox_operator.daemon",
        "--socket",
        str(socket),
        "--state-dir",
        str(folder / "state"),
    ]
    argv += [
        "--packages-dir",
        str(folder / "packages"),
        "--runsc",
        str(BIN / "runsc"),
        "--image",
        f"python={rootfs}:{digest}",
    ]
    argv += ["--warm", str(WANTED), "--max", str(WANTED)]
    for name in ("state", "packages"):
        (folder / name).mkdir(exist_ok=True)
    before = _available()
    daemon = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        backend = LocalBackend(socket)
        eventually(lambda: backend.health().warm >= WANTED, within=600, every=1.0)
        alive = backend.health().warm
        # They settle: the last of them has only just finished its imports.
        time.sleep(5)
        per_sandbox = (before - _available()) / alive
        cpu = _cpu_of(daemon.pid)
    finally:
        daemon.terminate()
        daemon.wait(120)
    fit = MEMORY / per_sandbox
    print(f"\n{alive} sandboxes alive; {per_sandbox / (1 << 20):.0f} MiB each, so {fit:.0f} fit in 16 GiB.")
    begun = time.perf_counter()
    raw.python(_IDLE)
    print(f"(one raw `runsc run` of the same imports, idle for 4 s: {time.perf_counter() - begun:.1f} s in all)")
    yield Row("sandboxes alive at once in 16 GiB, idle kernels", "≥ 100", [fit], [], f"{alive} were alive", "sandboxes")
    yield Row("their CPU together, in percent of one core", "≤ 20 %", [cpu], [], f"over {WATCHED_SECONDS} s", "%")


def _available() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no MemAvailable in /proc/meminfo")


def _ticks(root: int) -> int:
    """User and system time of a process and all that it started."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.name)] = int(fields[1])
        ticks[int(entry.name)] = int(fields[11]) + int(fields[12])
    total = 0
    for pid, spent in ticks.items():
        above: int | None = pid
        while above and above != root:
            above = parents.get(above)
        total += spent if above == root or _is_sandbox(pid) else 0
    return total


def _is_sandbox(pid: int) -> bool:
    # runsc gives its sandboxes to init once they run.
    try:
        return b"runsc-" in Path(f"/proc/{pid}/cmdline").read_bytes().partition(b"\0")[0]
    except OSError:
        return False


def _cpu_of(pid: int) -> float:
    first = _ticks(pid)
    time.sleep(WATCHED_SECONDS)
    return (_ticks(pid) - first) / os.sysconf("SC_CLK_TCK") / WATCHED_SECONDS * 100
