"""The environment's image under another digest: the same files and one label. What an upgrade brings, in seconds."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

from sandbox_operator.images import oci
from tests.cluster.installation import REGISTRY
from tests.cluster.node import Cluster
from tools.launch.state import IMAGES

NAME = "python"


def load_second(cluster: Cluster, folder: Path, mark: str) -> tuple[str, Path]:
    """Give the node such an image; its reference there, and the metadata that the catalogue registers it by."""
    archive, digest = relabelled(IMAGES / NAME / "image.tar", folder, mark)
    reference = f"{REGISTRY}/{NAME}@{digest}"
    cluster.load(archive, reference)
    archive.unlink()
    metadata = json.loads((IMAGES / NAME / "metadata.json").read_text()) | {"digest": digest}
    path = folder / f"{mark}.json"
    path.write_text(json.dumps(metadata))
    return reference, path


def relabelled(archive: Path, folder: Path, mark: str) -> tuple[Path, str]:
    """A copy of an OCI archive whose config has a label more, and its digest."""
    with tarfile.open(archive) as tar:
        index = read(tar, "index.json")
        manifest = blob(tar, index["manifests"][0]["digest"])
        config = blob(tar, manifest["config"]["digest"])
        layers = []
        for layer in manifest["layers"]:
            path = folder / layer["digest"].partition(":")[2]
            source = tar.extractfile(place(layer["digest"]))
            assert source is not None
            with path.open("wb") as target:
                while chunk := source.read(1 << 20):
                    target.write(chunk)
            layers.append(oci.Layer(path, layer["digest"]))
    runtime = config["config"] | {"Labels": {"mark": mark}}
    made = oci.make_config(layers, runtime)
    described = oci.make_manifest(made, layers)
    copy = folder / f"{mark}.tar"
    oci.write_archive(copy, described, made, layers, name=mark)
    for one in layers:
        one.path.unlink()
    return copy, oci.digest_of(described)


def read(tar: tarfile.TarFile, name: str) -> dict[str, Any]:
    file = tar.extractfile(name)
    assert file is not None
    found: dict[str, Any] = json.load(file)
    return found


def blob(tar: tarfile.TarFile, digest: str) -> dict[str, Any]:
    return read(tar, place(digest))


def place(digest: str) -> str:
    return "blobs/" + digest.replace(":", "/")
