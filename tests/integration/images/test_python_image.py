"""The image `python` as it was built: what it claims is what it is."""

import dataclasses
import hashlib
import json
import os
import re
import stat
import tarfile
from pathlib import Path
from typing import Any

import pytest

from sandbox_operator.images import build, rootfs
from sandbox_operator.images.rootfs import BuildFailed, Recipe
from tools.launch.state import IMAGES, ROOT

IMAGE = IMAGES / "python"


@pytest.fixture(scope="module")
def metadata() -> dict[str, Any]:
    """What the catalogue registers."""
    fields: dict[str, Any] = json.loads((IMAGE / "metadata.json").read_text())
    return fields


def everything() -> list[Path]:
    root = IMAGE / "rootfs"
    return [Path(folder) / name for folder, folders, files in os.walk(root) for name in (*folders, *files)]


def test_the_digest_is_the_manifests_and_every_blob_is_what_its_name_says(metadata: dict[str, Any]) -> None:
    found = {}
    with tarfile.open(IMAGE / "image.tar") as tar:
        for member in tar:
            body = tar.extractfile(member)
            assert body is not None
            if member.name.startswith("blobs/sha256/"):
                found[member.name.rpartition("/")[2]] = hashlib.file_digest(body, "sha256").hexdigest()  # type: ignore[arg-type]
            elif member.name == "index.json":
                index = json.load(body)
    assert {name: digest for name, digest in found.items() if name != digest} == {}
    assert [item["digest"] for item in index["manifests"]] == [metadata["digest"]]
    assert metadata["digest"].removeprefix("sha256:") in found


def test_nothing_in_it_raises_rights_or_may_be_changed_by_others() -> None:
    wrong = []
    for path in everything():
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            continue
        sticky = stat.S_ISDIR(mode) and mode & stat.S_ISVTX
        if mode & (stat.S_ISUID | stat.S_ISGID) or (mode & stat.S_IWOTH and not sticky):
            wrong.append(path)
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            wrong.append(path)
    assert wrong == []


def test_there_is_no_installer_and_no_other_user_to_be() -> None:
    root = IMAGE / "rootfs"
    for name in ("apt", "apt-get", "dpkg", "su", "sudo", "mount", "passwd", "pip", "curl", "perl"):
        assert not list(root.glob(f"usr/*bin/{name}"))
    users = [line.split(":") for line in (root / "etc/passwd").read_text().splitlines()]
    assert {fields[0]: fields[6] for fields in users if not fields[6].endswith("nologin")} == {"sandbox": "/bin/bash"}
    assert [fields[2:4] for fields in users if fields[0] == "sandbox"] == [["1000", "1000"]]


def test_the_bill_of_materials_is_whole(metadata: dict[str, Any]) -> None:
    site = IMAGE / "rootfs/opt/bailiwick/site"
    installed = {
        (re.sub(r"[-_.]+", "-", name).lower(), version)
        for name, version in (path.name.removesuffix(".dist-info").rsplit("-", 1) for path in site.glob("*.dist-info"))
    }
    listed = {(item["package"], item["version"]) for item in metadata["sbom"] if item["kind"] == "wheel"}
    assert installed == listed
    debs = {item["package"] for item in metadata["sbom"] if item["kind"] == "deb"}
    assert {"libc6", "python3.11-minimal", "bash", "coreutils"} <= debs
    copyrights = {path.parent.name for path in (IMAGE / "rootfs/usr/share/doc").glob("*/copyright")}
    assert copyrights <= debs
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", item["hash"]) for item in metadata["sbom"])
    cyclone = json.loads((IMAGE / "sbom.json").read_text())
    assert {(item["name"], item["version"]) for item in cyclone["components"]} == {
        (item["package"], item["version"]) for item in metadata["sbom"]
    }


def test_the_agent_in_it_is_the_present_one() -> None:
    inside = IMAGE / "rootfs/opt/bailiwick/agent"
    sources = {name: path.read_bytes() for name, path in build.agent_files().items()}
    assert {name: (inside / name).read_bytes() for name in sources} == sources


def test_an_agent_that_changed_makes_another_image_of_the_same_base() -> None:
    image = build.environment(Recipe.load(ROOT / "sandbox_operator/images/python"))
    name = next(iter(image.files))
    changed = dataclasses.replace(image, files={**image.files, name: Path(__file__)})
    assert changed.base_key == image.base_key
    assert changed.key != image.key


def test_a_wheel_whose_hash_differs_is_not_installed(tmp_path: Path) -> None:
    # With the right hash the same call installs it: the hash alone is what is wrong.
    recipe = Recipe.load(ROOT / "sandbox_operator/images/python")
    pin = next(item for item in rootfs.locked_wheels(recipe) if item["package"] == "et-xmlfile")
    site = tmp_path / "root/opt/bailiwick/site"
    for digest, refused in (("sha256:" + "0" * 64, True), (pin["hash"], False)):
        folder = tmp_path / digest[-8:]
        folder.mkdir()
        (folder / "recipe.toml").write_text((recipe.folder / "recipe.toml").read_text())
        (folder / "requirements.lock").write_text(f"et-xmlfile=={pin['version']} \\\n    --hash={digest}\n")
        changed = Recipe.load(folder)
        if refused:
            with pytest.raises(BuildFailed, match="wheels could not be installed"):
                rootfs._wheels(changed, tmp_path / "root", ROOT / ".venv/bin/uv")
            assert not site.exists() or not list(site.glob("et_xmlfile*"))
        else:
            rootfs._wheels(changed, tmp_path / "root", ROOT / ".venv/bin/uv")
            assert list(site.glob("et_xmlfile*"))
