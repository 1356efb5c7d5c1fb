"""Images of a node: given by archive, since nothing in a cluster can reach a registry."""

import struct
import tempfile
from pathlib import Path

from sandbox_operator.images import oci
from tests.cluster.configuration import CONTAINERD, PAUSE
from tests.cluster.parts import Site

CODE = bytes.fromhex("b822000000 0f05 ebf7")  # again: pause(2); jump back
BASE, HEADERS = 0x400000, 64 + 56


class Images:
    """The images that containerd holds for kubelet."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def load(self, archive: Path, reference: str) -> None:
        """Import the one image of an OCI archive under that name. Raises RuntimeError."""
        if reference in self._names():
            return
        base = f"bailiwick.internal/import-{archive.stat().st_ino}"
        self._ctr("images", "import", "--local", "--base-name", base, archive)
        found = [name for name in self._names() if name.startswith(base)]
        if len(found) != 1:
            raise RuntimeError(f"{archive} holds {len(found)} images with a name, and must hold one.")
        self._ctr("images", "tag", found[0], reference)
        self._ctr("images", "rm", found[0])

    def load_pause(self) -> None:
        """The image of the container that holds a pod's namespaces open."""
        with tempfile.TemporaryDirectory(dir=self._site.home / "run") as folder:
            archive = make_pause(Path(folder))
            self.load(archive, PAUSE)

    def _names(self) -> list[str]:
        return self._ctr("images", "ls", "--quiet").decode().split()

    def _ctr(self, *words: str | Path) -> bytes:
        return self._site.machine.run(
            self._site.program("ctr"), "--address", CONTAINERD, "--namespace", "k8s.io", *words
        )


def make_pause(folder: Path) -> Path:
    """An image with one program, which waits for ever: 129 bytes of x86-64 need no package and no memory."""
    size = HEADERS + len(CODE)
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    header = ident + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, BASE + HEADERS, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, BASE, BASE, size, size, 0x1000)
    program = folder / "root/pause"
    program.parent.mkdir()
    program.write_bytes(header + segment + CODE)
    program.chmod(0o755)
    layer = oci.write_layer(program.parent, folder / "layer.tar")
    config = oci.make_config([layer], {"Entrypoint": ["/pause"]})
    manifest = oci.make_manifest(config, [layer])
    oci.write_archive(folder / "pause.tar", manifest, config, [layer], name="pause")
    return folder / "pause.tar"
