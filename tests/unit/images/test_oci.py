"""The same files give the same archive, whatever their times, owners and links."""

import hashlib
import json
import os
import tarfile
from pathlib import Path

from sandbox_operator.images import build, oci, rootfs
from sandbox_operator.images.rootfs import Recipe

IMAGES = Path(build.__file__).parent


def tree(root: Path) -> Path:
    (root / "bin").mkdir(parents=True)
    (root / "bin/tool").write_text("#!/bin/sh\n")
    (root / "bin/tool").chmod(0o4755)
    (root / "bin/same").symlink_to("tool")
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)
    return root


def test_a_layer_depends_on_contents_alone(tmp_path: Path) -> None:
    one, other = tree(tmp_path / "one"), tree(tmp_path / "other")
    os.utime(other / "bin/tool", (1, 1))
    os.link(other / "bin/tool", tmp_path / "elsewhere")
    assert oci.write_layer(one, tmp_path / "one.tar").digest == oci.write_layer(other, tmp_path / "other.tar").digest


def test_a_layer_holds_no_set_id_bit_and_belongs_to_root(tmp_path: Path) -> None:
    layer = oci.write_layer(tree(tmp_path / "root"), tmp_path / "layer.tar")
    with tarfile.open(layer.path) as tar:
        found = {member.name: (member.mode, member.uid, member.gid, member.mtime) for member in tar}
    assert found == {
        "bin": (0o755, 0, 0, 0),
        "bin/same": (0o777, 0, 0, 0),
        "bin/tool": (0o755, 0, 0, 0),
        "tmp": (0o1777, 0, 0, 0),
    }


def test_a_changed_byte_changes_the_layer(tmp_path: Path) -> None:
    root = tree(tmp_path / "root")
    before = oci.write_layer(root, tmp_path / "before.tar").digest
    (root / "bin/tool").write_text("#!/bin/SH\n")
    assert oci.write_layer(root, tmp_path / "after.tar").digest != before


def test_an_archive_is_a_layout_whose_digests_hold(tmp_path: Path) -> None:
    layer = oci.write_layer(tree(tmp_path / "root"), tmp_path / "layer.tar")
    config = oci.make_config([layer], {"User": "1000:1000"})
    manifest = oci.make_manifest(config, [layer])
    oci.write_archive(tmp_path / "image.tar", manifest, config, [layer], name="python")

    with tarfile.open(tmp_path / "image.tar") as tar:
        blobs = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]

    assert json.loads(blobs.pop("oci-layout")) == {"imageLayoutVersion": "1.0.0"}
    index = json.loads(blobs.pop("index.json"))
    assert [item["digest"] for item in index["manifests"]] == [oci.digest_of(manifest)]
    assert {name: "blobs/sha256/" + hashlib.sha256(body).hexdigest() for name, body in blobs.items()} == {
        name: name for name in blobs
    }
    described = json.loads(manifest)
    assert [item["digest"] for item in described["layers"]] == json.loads(config)["rootfs"]["diff_ids"]
    assert {described["config"]["digest"], layer.digest, oci.digest_of(manifest)} == {
        name.replace("blobs/sha256/", "sha256:") for name in blobs
    }


def test_each_locked_wheel_has_one_pin_and_one_hash() -> None:
    recipe = Recipe.load(IMAGES / "python")
    wheels = rootfs.locked_wheels(recipe)
    asked = {line.strip().replace("_", "-") for line in (recipe.folder / "requirements.in").read_text().splitlines()}
    assert asked <= {wheel["package"] for wheel in wheels}
    assert all(len(wheel["hash"]) == len("sha256:") + 64 for wheel in wheels)
    assert len({wheel["package"] for wheel in wheels}) == len(wheels)


def test_the_bill_of_materials_names_version_and_hash() -> None:
    recipe = Recipe.load(IMAGES / "python")
    material = {"package": "numpy", "version": "2.0.0", "hash": "sha256:ab", "kind": "wheel"}
    assert build.make_sbom(recipe, "sha256:cd", [material])["components"] == [
        {
            "type": "library",
            "name": "numpy",
            "version": "2.0.0",
            "purl": "pkg:pypi/numpy@2.0.0",
            "hashes": [{"alg": "SHA-256", "content": "ab"}],
        }
    ]
