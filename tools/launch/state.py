"""The state directory: its keys and passwords, its ports, and the environment that each part gets."""

import base64
import hashlib
import json
import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tools.setup import ROOT as ROOT
from tools.setup import uv_environment

BIN = ROOT / ".tools/bin"
IMAGES = ROOT / ".tools/images"
PYTHON = ROOT / ".venv/bin/python"
ROLES = ("owner", "app", "reader", "sequencer")
DATABASE = "bailiwick"
# A Unix socket's path fits in 107 bytes (unix(7)); names below this folder take up to 30.
LONGEST_FOLDER = 76


class CannotStart(Exception):
    """The launcher cannot go on; the text is the sentence that says why and what to do."""


def _token() -> str:
    return secrets.token_urlsafe(32)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


SECRETS: Mapping[str, Callable[[], str]] = {
    "secret_key": lambda: secrets.token_urlsafe(64),
    "master_key": _key,
    "database_superuser": _token,
    **{f"database_{role}": _token for role in ROLES},
    "redis": _token,
    "opa": _token,
    "metrics": _token,
    # The seed of the key that signs the log's checkpoints, and the name of this installation's logs.
    "log_key": lambda: secrets.token_hex(32),
    "log_origin": lambda: f"bailiwick.localhost/{secrets.token_hex(8)}",
}


@dataclass(frozen=True)
class Ports:
    """Where the parts listen, on loopback alone."""

    web: int
    redis: int
    opa: int
    # 0 in a state that an earlier version started last.
    witness: int = 0


@dataclass(frozen=True)
class State:
    """One state directory. Everything that a part must remember is below it."""

    var: Path

    @classmethod
    def prepare(cls, var: Path) -> "State":
        """Make the directory and what is missing in it; what is there stays as it is."""
        state = cls(var.absolute())
        for folder in (state.var, state.keys, state.run, state.log, state.sockets):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
        for name, make in SECRETS.items():
            path = state.keys / name
            if not path.exists():
                write_private(path, make())
        return state

    @property
    def keys(self) -> Path:
        return self.var / "keys"

    @property
    def run(self) -> Path:
        """What is only true while the parts run: process ids and signs of readiness."""
        return self.var / "run"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def witness(self) -> Path:
        """What the demo's witness keeps: somebody else's machine, where it counts."""
        return self.var / "witness"

    @cached_property
    def sockets(self) -> Path:
        """Where the Unix sockets lie: in the state directory, unless its path is too long for one."""
        near = self.var / "run"
        if len(os.fsencode(near)) <= LONGEST_FOLDER:
            return near
        name = hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"bailiwick-{os.geteuid()}-{name}"

    def secret(self, name: str) -> str:
        """The secret of that name in keys/."""
        return (self.keys / name).read_text()

    @property
    def ports(self) -> Ports:
        """The ports of the present or latest start."""
        try:
            return Ports(**json.loads((self.var / "ports.json").read_text()))
        except FileNotFoundError:
            raise CannotStart(f"{self.var} was never started; run `make run` first.") from None

    def choose_ports(self, wish: Mapping[str, str] = os.environ, *, usual: int = 0) -> Ports:
        """Take the ports that the environment names, else the latest ones, else free ones (`usual` for the web)."""
        path = self.var / "ports.json"
        latest = json.loads(path.read_text()) if path.exists() else {}
        taken: dict[str, int] = {}
        for name, variable in (
            ("web", "BAILIWICK_PORT"),
            ("redis", "BAILIWICK_REDIS_PORT"),
            ("opa", "BAILIWICK_OPA_PORT"),
            ("witness", "BAILIWICK_WITNESS_PORT"),
        ):
            taken[name] = _port(variable, wish.get(variable), latest.get(name) or (usual if name == "web" else 0))
        write_private(path, json.dumps(taken))
        return Ports(**taken)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports.web}"

    @property
    def sandbox_socket(self) -> Path:
        return self.sockets / "sandboxd.sock"

    def plain_environment(self) -> dict[str, str]:
        """What parts that are not Django need: no setting, and so no secret."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BAILIWICK_")}
        return {**kept, "OPA": str(BIN / "opa"), "PYTHONPATH": str(ROOT)}

    def sequencer_environment(self) -> dict[str, str]:
        """What the sequencer needs: its own role's password and the signing key, and nothing that opens contents."""
        settings = {
            "DATABASE_HOST": str(self.sockets),
            "DATABASE_PORT": "5432",
            "DATABASE_NAME": DATABASE,
            "DATABASE_SEQUENCER_PASSWORD": self.secret("database_sequencer"),
            "LOG_ORIGIN": self.secret("log_origin"),
            "LOG_KEY": str(self.keys / "log_key"),
            "LOG_KEPT": str(self.var / "checkpoints"),
            "LOG_WITNESSES": str(self.witness / "policy"),
        }
        return self.plain_environment() | {f"BAILIWICK_{name}": value for name, value in settings.items()}

    def environment(self, *, owner: bool = False) -> dict[str, str]:
        """The settings of a Django process. Only what migrates gets the owner's password."""
        ports = self.ports
        settings = {
            "DEMO": "true",
            "VAR": str(self.var),
            "SECRET_KEY": self.secret("secret_key"),
            "MASTER_KEY": self.secret("master_key"),
            "DATABASE_HOST": str(self.sockets),
            "DATABASE_PORT": "5432",
            "DATABASE_NAME": DATABASE,
            "DATABASE_APP_PASSWORD": self.secret("database_app"),
            "DATABASE_READER_PASSWORD": self.secret("database_reader"),
            "REDIS_URL": f"redis://:{self.secret('redis')}@127.0.0.1:{ports.redis}/0",
            "OPA_URL": f"http://127.0.0.1:{ports.opa}",
            "OPA_TOKEN": self.secret("opa"),
            "SANDBOX_SOCKET": str(self.sandbox_socket),
            "METRICS_TOKEN": self.secret("metrics"),
            "PUBLIC_URL": self.url,
            "PORT": str(ports.web),
            "UV": str(ROOT / ".venv/bin/uv"),
        }
        if owner:
            settings["DATABASE_OWNER_PASSWORD"] = self.secret("database_owner")
        chosen = {f"BAILIWICK_{name}": value for name, value in settings.items()}
        # What the user set stands, but for what only the launcher knows.
        theirs = {name: value for name, value in os.environ.items() if name not in chosen}
        path = f"{ROOT / '.venv/bin'}:{theirs.get('PATH', os.defpath)}"
        return {**theirs, **uv_environment(), **chosen, "PATH": path, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}


def _port(variable: str, wished: str | None, usual: int) -> int:
    if wished:
        if not wished.isdigit() or not 0 < int(wished) < 65536:
            raise CannotStart(f"{variable}={wished} is not a port; set it to a number from 1 to 65535.")
        if not _free(int(wished)):
            raise CannotStart(f"Port {wished} is taken by another program; stop it, or set {variable} to another port.")
        return int(wished)
    if usual and _free(usual):
        return usual
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    part.replace(path)
