"""The daemon that owns this machine's sandboxes. For an ordinary user it is rootless and says what it lacks."""

import json
import os
import socket

from tools.launch.state import BIN, IMAGES, PYTHON, CannotStart, State


def tidy(state: State) -> None:
    """Make the folders that it is given."""
    for name in ("sandboxes", "packages"):
        (state.var / name).mkdir(mode=0o700, exist_ok=True)


def image() -> tuple[str, str]:
    """The root file system and the digest of the image `python`."""
    try:
        metadata = json.loads((IMAGES / "python/metadata.json").read_text())
    except FileNotFoundError:
        raise CannotStart("The environment image is not built; run `make setup`.") from None
    return metadata["rootfs"], metadata["digest"]


def command(state: State) -> tuple[str, ...]:
    """How it starts; BAILIWICK_WARM and BAILIWICK_MAX_SANDBOXES size its pool."""
    rootfs, digest = image()
    options = {
        "--socket": str(state.sandbox_socket),
        "--state-dir": str(state.var / "sandboxes"),
        "--packages-dir": str(state.var / "packages"),
        "--runsc": str(BIN / "runsc"),
        "--image": f"python={rootfs}:{digest}",
        "--warm": os.environ.get("BAILIWICK_WARM", "2"),
        "--max": os.environ.get("BAILIWICK_MAX_SANDBOXES", "16"),
    }
    flags = [word for pair in options.items() for word in pair]
    # What a sandbox must not reach is what the probe tries.
    ports = state.ports
    flags += [word for port in (ports.web, ports.redis, ports.opa) for word in ("--probe-port", str(port))]
    flags += ["--probe-path", str(state.var)]
    return (str(PYTHON), "-m", "sandbox_operator.daemon", *flags, *(["--rootless"] if os.geteuid() else []))


def ready(state: State) -> bool:
    """Whether it takes connections."""
    with socket.socket(socket.AF_UNIX) as talk:
        talk.settimeout(1)
        try:
            talk.connect(str(state.sandbox_socket))
        except OSError:
            return False
    return True
