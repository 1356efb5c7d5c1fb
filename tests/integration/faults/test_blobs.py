"""The store for files and outputs is full: nothing is kept by halves, and work goes on when there is room."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.faults.aftermath import orphaned_blobs
from tests.integration.faults.watching import Watching
from tests.stack import Stack, eventually
from tests.work import problem, text

pytestmark = pytest.mark.faults
ROOM = 2 << 20
PAGE = os.sysconf("SC_PAGE_SIZE")


@contextmanager
def small_disk(stack: Stack) -> Iterator[Path]:
    """A disk where the platform keeps contents, with what it kept so far and two megabytes of room."""
    if os.geteuid():
        pytest.skip("only root mounts a disk")
    folder = stack.state.var / "blobs"
    kept = folder.with_name("blobs-kept")
    folder.mkdir(exist_ok=True)
    folder.rename(kept)
    folder.mkdir(mode=0o700)
    taken = sum(-(-path.stat().st_size // PAGE) * PAGE for path in files(kept))
    options = f"size={taken + ROOM},mode=700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        subprocess.run(["cp", "-a", f"{kept}/.", folder], check=True)
        yield folder
    finally:
        subprocess.run(["cp", "-a", f"{folder}/.", kept], check=True)
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()
        kept.rename(folder)


def test_a_full_store_keeps_nothing_by_halves(work: Watching, faulty: Stack):
    """Taken out: the removal of what was half written; the fragment then lay there without a row.

    Taken out: reading an artifact to its end after the store refused it; the run then lost its sandbox.
    """
    run = work.ready()["id"]
    work.done(run, "kept = 7")
    with small_disk(faulty) as folder:
        before = files(folder)
        cell = work.done(run, f"import os\nopen('outputs/large', 'wb').write(os.urandom({2 * ROOM}))")
        assert (cell["state"], cell["ending"]["code"]) == ("failed", "blob_store_full")
        assert (cell["artifacts"], cell["outputs"]) == ([], [])
        answer = work.api.post(
            "files", data={"project": work.project}, files={"file": ("large.csv", os.urandom(2 * ROOM))}
        )
        problem(answer, 503, "blob_store_full")
        # Of all that only the cell's code was kept.
        assert len(files(folder) - before) == 1
        # Room is made: work goes on in the same sandbox.
        assert text(work.done(run, "print(kept)\n_ = open('outputs/small', 'w').write('x' * 1000)")) == "7\n"
        content = work.api.get(f"runs/{run}/artifacts/small")
        assert content.content == b"x" * 1000
        assert work.upload("small.csv", b"a,b\n1,2\n")["size"] == 8
    eventually(lambda: not orphaned_blobs(faulty.state))


def test_a_store_without_any_room_takes_no_code(work: Watching, faulty: Stack):
    run = work.ready()["id"]
    with small_disk(faulty) as folder:
        filler = folder / "filler"
        with pytest.raises(OSError, match="No space left"), filler.open("wb") as file:
            while True:
                file.write(bytes(4096))
        problem(work.api.post(f"runs/{run}/executions", json={"code": "1"}), 503, "blob_store_full")
        problem(work.api.post("runs", json=work.wish(code="1", language="python")), 503, "blob_store_full")
        filler.unlink()
        assert work.done(run, "1")["state"] == "succeeded"
    assert not orphaned_blobs(faulty.state)


def files(folder: Path) -> set[Path]:
    """Every file below."""
    return {path for path in folder.rglob("*") if path.is_file()}
