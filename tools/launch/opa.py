"""OPA with the bundle made from policies/: loopback, a token, and only the questions that policies/system/ allows."""

import hashlib
import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from tools.launch.state import BIN, ROOT, CannotStart, State, write_private

POLICIES = ROOT / "policies"


def bundle(state: State) -> Path:
    """Where the bundle is that it is given."""
    return state.var / "opa/bundle.tar.gz"


def build(state: State) -> None:
    """Make the bundle and the digest by which OPA knows the platform's token."""
    folder = state.var / "opa"
    folder.mkdir(mode=0o700, exist_ok=True)
    digest = hashlib.sha256(state.secret("opa").encode()).hexdigest()
    write_private(folder / "access.json", json.dumps({"opa_access": {"token_sha256": digest}}))
    call = [str(POLICIES / "build.sh"), str(bundle(state))]
    env = {**os.environ, "OPA": str(BIN / "opa")}
    done = subprocess.run(call, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotStart(
            f"{done.stderr.strip()}\nThe policies do not build; correct them until policies/check.sh passes."
        )


def command(state: State) -> tuple[str, ...]:
    """How it starts."""
    folder = state.var / "opa"
    listen = f"127.0.0.1:{state.ports.opa}"
    return (str(POLICIES / "serve.sh"), listen, str(bundle(state)), str(folder / "access.json"))


def ready(state: State) -> bool:
    """Whether it answers with its bundle active."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{state.ports.opa}/health?bundles", timeout=1) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
