"""The image that holds a pod open."""

import signal
import subprocess
from pathlib import Path

from tests.cluster.images import make_pause


def test_the_program_waits_until_it_is_told_to_end(tmp_path: Path) -> None:
    make_pause(tmp_path)
    child = subprocess.Popen([tmp_path / "root/pause"])
    try:
        assert child.poll() is None
    finally:
        child.terminate()
    assert child.wait(5) == -signal.SIGTERM


def test_the_image_is_the_same_each_time(tmp_path: Path) -> None:
    archives = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        archives.append(make_pause(tmp_path / name).read_bytes())
    assert archives[0] == archives[1]
