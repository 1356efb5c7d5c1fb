"""An OCI image layout as one deterministic tar archive (OCI image-spec v1.1: image-layout, manifest, config)."""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JSON = dict[str, Any]
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


@dataclass(frozen=True)
class Layer:
    """A stored layer: an uncompressed tar, so its digest is also its diff id."""

    path: Path
    digest: str

    @property
    def size(self) -> int:
        return self.path.stat().st_size


def write_layer(root: Path, path: Path, *, below: str = ".") -> Layer:
    """Archive `root`/`below`, sorted, owned by root, with no times: the same files give the same bytes."""
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for name in sorted(_names(root, below)):
            _add(tar, root, name)
    with path.open("rb") as stored:
        return Layer(path, "sha256:" + hashlib.file_digest(stored, "sha256").hexdigest())


def _names(root: Path, below: str) -> Iterable[str]:
    for folder, folders, files in os.walk(root / below):
        here = Path(folder).relative_to(root)
        yield from (str(here / name) for name in (*folders, *files))


def _add(tar: tarfile.TarFile, root: Path, name: str) -> None:
    path = root / name
    info = tar.gettarinfo(path, arcname=name)
    if info.islnk():  # hard links depend on how the cache laid the files out
        info.type = tarfile.REGTYPE
        info.linkname = ""
        info.size = path.lstat().st_size
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mtime = 0
    info.mode = info.mode & 0o1777
    if info.isreg():
        with path.open("rb") as body:
            tar.addfile(info, body)
    else:
        tar.addfile(info)


def make_config(layers: Iterable[Layer], runtime: JSON) -> bytes:
    """The image's config: platform, how to start it, and the layers' diff ids."""
    ids = [layer.digest for layer in layers]
    fields = {"architecture": "amd64", "os": "linux", "config": runtime, "rootfs": {"type": "layers", "diff_ids": ids}}
    return _canonical(fields)


def make_manifest(config: bytes, layers: Iterable[Layer]) -> bytes:
    """The manifest, whose digest is the image's."""
    described = [{"mediaType": LAYER, "digest": layer.digest, "size": layer.size} for layer in layers]
    head = {"mediaType": CONFIG, "digest": digest_of(config), "size": len(config)}
    return _canonical({"schemaVersion": 2, "mediaType": MANIFEST, "config": head, "layers": described})


def write_archive(path: Path, manifest: bytes, config: bytes, layers: Iterable[Layer], *, name: str) -> None:
    """Write the layout: `oci-layout`, `index.json` and the blobs by digest."""
    entry = {
        "mediaType": MANIFEST,
        "digest": digest_of(manifest),
        "size": len(manifest),
        "annotations": {"org.opencontainers.image.ref.name": name},
    }
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [entry]}
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        _bytes(tar, "oci-layout", _canonical({"imageLayoutVersion": "1.0.0"}))
        _bytes(tar, "index.json", _canonical(index))
        for blob in (manifest, config):
            _bytes(tar, _blob(digest_of(blob)), blob)
        for layer in layers:
            info = tarfile.TarInfo(_blob(layer.digest))
            info.size = layer.size
            info.mode = 0o644
            with layer.path.open("rb") as body:
                tar.addfile(info, body)


def digest_of(blob: bytes) -> str:
    """The digest in OCI's form."""
    return "sha256:" + hashlib.sha256(blob).hexdigest()


def _blob(digest: str) -> str:
    return "blobs/" + digest.replace(":", "/")


def _bytes(tar: tarfile.TarFile, name: str, body: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(body)
    info.mode = 0o644
    tar.addfile(info, io.BytesIO(body))


def _canonical(fields: JSON) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
