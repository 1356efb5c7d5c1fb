"""The demo's witness of the log, with a folder of its own. Where it counts, somebody else runs one elsewhere."""

import hashlib
import os
import secrets
import socket
from pathlib import Path

from audit.notes import VerifierKey
from audit.signing import LocalSigner
from audit.witness import Cosigner
from audit.witness import State as Kept
from tools.launch.state import PYTHON, State, write_private


def found(state: State) -> None:
    """Make its key and its memory, once, and together: one whose memory is lost needs another key.

    What names the log's key and the witness's address is written at each start.
    """
    folder = state.witness
    if not folder.exists():
        part = folder.with_name(f".{folder.name}.{os.getpid()}")
        part.mkdir(mode=0o700)
        write_private(part / "key", secrets.token_hex(32))
        Kept(part / "state", _vkey(state, part), init=True).close()
        part.rename(folder)
    meta = VerifierKey(f"{state.secret('log_origin')}/meta", LocalSigner.from_file(state.keys / "log_key").public)
    write_private(folder / "logs", f"{meta}\n")
    write_private(folder / "policy", f"witness demo {_vkey(state, folder)} http://{_listen(state)}\nquorum demo\n")


def _name(state: State) -> str:
    return f"witness.localhost/{hashlib.sha256(state.secret('log_origin').encode()).hexdigest()[:16]}"


def _vkey(state: State, folder: Path) -> str:
    return Cosigner(_name(state), bytes.fromhex((folder / "key").read_text())).vkey


def _listen(state: State) -> str:
    return f"127.0.0.1:{state.ports.witness}"


def command(state: State) -> tuple[str, ...]:
    """How it starts, once `found` has made what it names."""
    folder = state.witness
    files = ("--key", str(folder / "key"), "--logs", str(folder / "logs"), "--state", str(folder / "state"))
    return (str(PYTHON), "-m", "audit.witness", "--name", _name(state), *files, "--listen", _listen(state))


def ready(state: State) -> bool:
    """Whether it answers."""
    try:
        with socket.create_connection(("127.0.0.1", state.ports.witness), timeout=1):
            return True
    except OSError:
        return False
