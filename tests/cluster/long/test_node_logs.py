"""What a node keeps of a run: nothing in any log while it lives, and nothing at all when it is over."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.local import OnPods, claimed_by
from tests.cluster.node import Cluster
from tests.cluster.served import nothing_wrong, on_pods
from tests.cluster.workloads import Workloads
from tests.integration.faults.watching import Watching
from tests.stack import eventually

# Never written in one piece, so that only what a run does can put it there.
MARK = "".join(("m4rk", "-of-", "a-run"))
CELL = f"""# {MARK} in the code
import os, sys
print("{MARK} printed")
print("{MARK} as an error", file=sys.stderr)
os.write(1, b"{MARK} written\\n"); os.write(2, b"{MARK} written\\n")
for stream in (1, 2):
    for pid in (1, os.getppid()):
        try:
            open(f"/proc/{{pid}}/fd/{{stream}}", "w").write("{MARK} through another's stream")
        except OSError:
            pass
open("/workspace/outputs/{MARK}.txt", "w").write("{MARK} in a file")
raise RuntimeError("{MARK} raised")
"""


@pytest.fixture(scope="module")
def served(cluster: Cluster, python_image: str) -> Iterator[OnPods]:
    with on_pods(cluster, python_image, floor=1, ceiling=1, maximum=3, settings={}) as stack:
        yield stack


def test_nothing_of_a_run_is_in_the_nodes_logs_and_nothing_of_it_stays_there(served: OnPods) -> None:
    """Code, prompt, purpose, what was printed, raised and written, an uploaded file and its name, and bash's own words.

    Taken out: the null device as a kernel's standard error (it was the container's); what a cell raised was then in the
    pod's log.
    """
    with Watching(served) as work:
        file = work.upload(f"{MARK}.csv", f"{MARK},1\n".encode())
        origin = {"model": "m", "prompt": MARK}
        run = work.ready(purpose=MARK, files=[file["id"]])["id"]
        (pod,) = claimed_by(served.pods, run)
        assert work.done(run, CELL)["state"] == "failed"
        work.done(run, f"cat {MARK}.csv; echo {MARK}; {MARK}", "bash")
        work.done(run, f"print('{MARK}')", origin=origin)
        assert found_in(logs(served)) == set()
        work.cancel(run)
    nothing_wrong(served, idle=True)
    eventually(lambda: pod not in served.pods.names(), within=60)
    assert found_in(logs(served)) == set()
    eventually(lambda: found_in([served.pods.cluster.home, *inside(served, "run", "var")]) == set(), within=60)


def test_what_a_pod_prints_itself_is_found(served: OnPods, workloads: Workloads) -> None:
    """The search looks where logs are: a container's own output lies on the node."""
    half = len(MARK) // 2
    workloads.run("prints", f"print('{MARK[:half]}' + '{MARK[half:]}')")
    assert any("prints" in path for path in found_in(logs(served)))
    workloads.kubectl("delete", "pod", "prints")
    eventually(lambda: found_in(logs(served)) == set(), within=60)


def logs(served: OnPods) -> list[Path]:
    """Every folder in which a part of the node logs: containerd, kubelet and the rest; pods; what a machine has."""
    return [served.pods.cluster.home / "log", *inside(served, "var/log", "run/log", "run/containerd")]


def inside(served: OnPods, *folders: str) -> list[Path]:
    """Folders as the node sees them."""
    root = Path(f"/proc/{served.pods.cluster.site.machine.first.pid}/root")
    return [root / folder for folder in folders if (root / folder).exists()]


def found_in(folders: list[Path]) -> set[str]:
    """The files, names too, in which the mark is."""
    words = ["grep", "--recursive", "--files-with-matches", "--text", "--fixed-strings", "--devices=skip", MARK]
    done = subprocess.run([*words, *map(str, folders)], capture_output=True, text=True, check=False)
    named = [str(path) for folder in folders for path in folder.rglob(f"*{MARK}*")]
    return {*done.stdout.splitlines(), *named}
