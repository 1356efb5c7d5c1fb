"""An image that looks to the operator like a sandbox's: its agent makes the socket and waits, and needs no memory.

Two programs of a few bytes of x86-64, in the place of Python, an agent and its kernel.
"""

from __future__ import annotations

import struct
from pathlib import Path

from sandbox_operator.images import oci
from sandbox_operator.kubernetes.names import AGENT_SOCKET

BASE, HEADERS = 0x400000, 64 + 56
# socket(AF_UNIX, SOCK_STREAM, 0); bind(it, address, 110); for ever: pause(). The address follows the code.
AGENT = bytes.fromhex(
    "bf01000000 be01000000 31d2 b829000000 0f05 89c7 488d3515000000 ba6e000000 b831000000 0f05 b822000000 0f05 ebf7"
)
# exit(access(path, F_OK)). The path follows the code.
TEST = bytes.fromhex("488d3d12000000 31f6 b815000000 0f05 89c7 b83c000000 0f05")


def make_image(folder: Path, mark: str) -> tuple[Path, str]:
    """Archive and digest; images with other marks have other digests."""
    programs = {
        "agent": AGENT + struct.pack("<H108s", 1, AGENT_SOCKET.encode()),
        "usr/bin/test": TEST + AGENT_SOCKET.encode() + b"\0",
    }
    root = folder / f"root-{mark}"
    for name, code in programs.items():
        program = root / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_bytes(make_program(code))
        program.chmod(0o755)
    layer = oci.write_layer(root, folder / f"layer-{mark}.tar")
    config = oci.make_config([layer], {"Entrypoint": ["/agent"], "Env": [f"MARK={mark}"], "User": "1000:1000"})
    manifest = oci.make_manifest(config, [layer])
    archive = folder / f"{mark}.tar"
    oci.write_archive(archive, manifest, config, [layer], name=mark)
    return archive, oci.digest_of(manifest)


def make_program(code: bytes) -> bytes:
    """An ELF executable of one readable segment that begins with its headers."""
    size = HEADERS + len(code)
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    header = ident + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, BASE + HEADERS, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, BASE, BASE, size, size, 0x1000)
    return header + segment + code
