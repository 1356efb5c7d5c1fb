"""A new image is rolled out under load: no run fails, and each run is on the image that its record names."""

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.local import ENVIRONMENT, OnPods
from tests.cluster.node import Cluster
from tests.cluster.second_image import load_second
from tests.cluster.served import nothing_wrong, on_pods, rows
from tests.integration.faults.watching import Watching
from tests.stack import eventually
from tests.work import text
from tools.launch.state import PYTHON, ROOT

ANALYSTS = 3


@pytest.fixture(scope="module")
def served(cluster: Cluster, python_image: str) -> Iterator[OnPods]:
    with on_pods(cluster, python_image, floor=3, ceiling=3, maximum=8, settings={"QUEUE_LENGTH": "20"}) as stack:
        yield stack


@pytest.mark.timeout(900)
def test_an_image_is_rolled_under_load_and_no_run_fails(served: OnPods, tmp_path: Path) -> None:
    """As an upgrade does it: the catalogue first, the sandboxes' environment then. One run lives through all of it.

    What this takes apart from pods is in tests/integration/faults/test_queue.py, with its defences taken out.
    """
    reference, metadata = load_second(served.pods.cluster, tmp_path, "second")
    digest = reference.partition("@")[2]
    old = served.pods.scene.image("first")["imageDigest"]
    over, told = threading.Event(), dict[str, list[str]]()
    with Watching(served) as work:
        long = work.ready()["id"]
        work.done(long, "kept = 7")
        analysts = [threading.Thread(target=work_on, args=(served, over, told, n)) for n in range(ANALYSTS)]
        for analyst in analysts:
            analyst.start()
        try:
            eventually(lambda: len(told) >= ANALYSTS, within=120)
            # Some wait in the queue when it happens, decided for the image that is about to go.
            waiting = [work.run(code="print('waited')", language="python")["id"] for _ in range(6)]
            register(served, metadata)
            served.pods.scene.change(ENVIRONMENT, image=reference, imageDigest=digest)
            before = len(told)
            eventually(lambda: rolled(served, digest) and len(told) >= before + 2 * ANALYSTS, within=400, every=1.0)
        finally:
            over.set()
            for analyst in analysts:
                analyst.join(180)
        for run in waiting:
            assert text(work.result(run, within=120)) == "waited\n"
        assert text(work.done(long, "print(kept)")) == "7\n"
        work.cancel(long)
    assert [said for said in told.values() if said != ["succeeded", "ran\n"]] == []
    found = rows(served, "SELECT state, image_digest, sandbox ->> 'image_digest' AS ran FROM runs_run")
    assert {run["state"] for run in found} == {"closed", "cancelled"}
    assert all(run["image_digest"] == run["ran"] for run in found)
    assert {run["ran"] for run in found} == {old, digest}
    nothing_wrong(served, idle=True)


def work_on(served: OnPods, over: threading.Event, told: dict[str, list[str]], number: int) -> None:
    """One analyst: run after run, as fast as they are served."""
    with Watching(served) as work:
        while not over.is_set():
            run = work.run(code="print('ran')", language="python")["id"]
            cell = work.result(run, within=170)
            told[run] = [cell["state"], text(cell)]


def rolled(served: OnPods, digest: str) -> bool:
    """Whether all warm sandboxes are of the new image, and the environment says so itself."""
    warm = served.pods.scene.warm(ENVIRONMENT)
    done = served.pods.scene.reason(ENVIRONMENT, "Rolled") == "RolledOut"
    return done and bool(warm) and {one.image_digest for one in warm} == {digest}


def register(served: OnPods, metadata: Path) -> None:
    """What the chart's migration does with a new image's metadata."""
    words = [str(PYTHON), "manage.py", "register_environment", "--metadata", str(metadata)]
    env = {**os.environ, **served.programs["web"].env}
    subprocess.run(words, cwd=ROOT, env=env, check=True, capture_output=True)
