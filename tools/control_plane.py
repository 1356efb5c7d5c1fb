"""Build the control plane's own image from the repository, unless the cache has it for the present sources.

    python -m tools.control_plane --cache DIR --output DIR --uv FILE --runsc FILE

The builder is that of environments (sandbox_operator.images). Our files are what `make setup` left: the sources, the
built console, OPA, and the bundle made of policies/.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from sandbox_operator.images.build import Image, arguments, build_to, files_below
from sandbox_operator.images.rootfs import Material, Recipe
from tools.setup import BIN, GO_PROGRAMS, ROOT

RECIPE = ROOT / "tools/images/control-plane"
APP = "opt/bailiwick/app"
FOLDERS = ("audit", "platform", "policies", "sandbox_operator", "frontend/dist")
FILES = ("LICENSE", "manage.py", "pyproject.toml")
RUNTIME = {
    "User": "1000:1000",
    "WorkingDir": f"/{APP}",
    "Env": [
        f"PATH=/usr/bin:/opt/bailiwick/site/bin:/{APP}/bin",
        "LANG=C.UTF-8",
        "PYTHONUNBUFFERED=1",
        "DJANGO_SETTINGS_MODULE=config.settings",
        f"OPA=/{APP}/bin/opa",
    ],
    "Entrypoint": ["python3", "-m"],
}


def image(bundle: Path) -> Image:
    """What the image is made of, with this policy bundle."""
    files = {f"{folder}/{name}": path for folder in FOLDERS for name, path in files_below(ROOT / folder).items()}
    files |= {name: ROOT / name for name in FILES}
    files |= {"bin/opa": BIN / "opa", "policies/bundle.tar.gz": bundle}
    return Image(Recipe.load(RECIPE), APP, files, RUNTIME, (opa(), *console()))


def opa() -> Material:
    """The policy engine, as its module is pinned."""
    program = next(program for program in GO_PROGRAMS if program.name == "opa")
    pin = re.search(rf"{re.escape(program.module)} (v\S+)", (program.source / "go.mod").read_text())
    assert pin
    with (BIN / "opa").open("rb") as built:
        digest = hashlib.file_digest(built, "sha256").hexdigest()
    return {"package": program.module, "version": pin.group(1), "hash": f"sha256:{digest}", "kind": "go"}


def console() -> list[Material]:
    """The packages that the built console may hold: those of its lock that are not for development alone."""
    lock = json.loads((ROOT / "frontend/package-lock.json").read_text())
    materials = []
    for path, package in sorted(lock["packages"].items()):
        if path and not package.get("dev") and package.get("integrity", "").startswith("sha512-"):
            digest = base64.b64decode(package["integrity"].removeprefix("sha512-")).hex()
            name = path.rpartition("node_modules/")[2]
            found = {"package": name, "version": package["version"], "hash": f"sha512:{digest}", "kind": "npm"}
            materials.append(found)
    return materials


def build_bundle(path: Path) -> None:
    """Make the bundle of policies/; exits with what is wrong with them."""
    call = [str(ROOT / "policies/build.sh"), str(path)]
    done = subprocess.run(
        call, env={**os.environ, "OPA": str(BIN / "opa")}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{done.stderr.strip()}\nThe policies do not build; correct them until policies/check.sh passes.")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, parents=[arguments()]
    )
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle.tar.gz"
        build_bundle(bundle)
        build_to(image(bundle), wanted)


if __name__ == "__main__":
    main()
