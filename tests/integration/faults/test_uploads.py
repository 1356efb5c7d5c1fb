"""The control plane dies while a file comes in pieces: no acknowledged byte is lost, and nothing is left unnamed."""

import hashlib
import os
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from doors.slices import SLICE
from tests import tus
from tests.integration.faults.aftermath import orphaned_blobs
from tests.integration.faults.watching import Watching
from tests.stack import Stack, eventually
from tests.work import ok
from tools.launch.state import PYTHON, ROOT

pytestmark = pytest.mark.faults
SWEEP = """
import django; django.setup()
from django.utils import timezone
from runs import actions
actions.discard_unnamed(timezone.now(), 1000)
"""


def sweep(stack: Stack) -> None:
    """What the hourly sweep does a day later, now."""
    env = {**os.environ, **stack.state.environment(), "DJANGO_SETTINGS_MODULE": "config.settings"}
    paths = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
    subprocess.run([str(PYTHON), "-c", SWEEP], env={**env, "PYTHONPATH": paths}, cwd=ROOT, check=True, timeout=60)


@pytest.mark.parametrize("at", [1, 3, 4])
def test_no_acknowledged_byte_is_lost(work: Watching, faulty: Stack, at: int):
    """Killed after the first slice, in the middle, and while the whole is put together."""
    content = os.urandom(4 * SLICE + 100)
    upload = ok(tus.begin(work.api, work.project, "killed.bin", len(content)), 201)["id"]
    acknowledged = 0

    def killed() -> Iterator[bytes]:
        nonlocal acknowledged
        yield content[: at * SLICE]
        with Watching(faulty) as other:
            acknowledged = eventually(lambda: tus.standing(other.api, upload) == at * SLICE and at * SLICE)
        if at < 4:
            faulty.kill("web")
        yield content[at * SLICE :]
        faulty.kill("web")

    with pytest.raises(httpx.HTTPError), faulty.api("analyst") as client:
        tus.proceed(client, upload, 0, killed())
    faulty.up()
    stands = tus.standing(work.api, upload)
    assert stands >= acknowledged
    if stands < len(content):
        answer = tus.proceed(work.api, upload, stands, content[stands:])
        assert answer.status_code == 204, answer.text
    file = ok(work.api.get(f"uploads/{upload}"))["file"]
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    # What was sealed and not recorded is found by the sweep; what is named stays.
    sweep(faulty)
    assert orphaned_blobs(faulty.state) == set()
    assert file["id"] in {each["id"] for each in ok(work.api.get("files"))["results"]}
    run = work.ready(files=[file["id"]])["id"]
    work.cancel(run)
