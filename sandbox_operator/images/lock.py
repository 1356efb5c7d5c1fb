"""Turn uv's pylock.toml into a requirements lock with exactly one wheel, and so one hash, per package.

With one hash each, `--require-hashes` proves which bytes were installed, and the lock doubles as the list of materials.
"""

import sys
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename


def supported_tags(python: str, platform: str) -> list[Tag]:
    """The wheel tags that `python` ("3.11") on `platform` ("x86_64-manylinux_2_36") takes, best first."""
    major, minor = (int(part) for part in python.split("."))
    machine, _, libc = platform.partition("-")
    newest = int(libc.rsplit("_", 1)[1])
    platforms = [f"manylinux_2_{n}_{machine}" for n in range(newest, 4, -1)]
    platforms += [f"{old}_{machine}" for old in ("manylinux2014", "manylinux2010", "manylinux1", "linux")]
    cpython = list(cpython_tags((major, minor), platforms=platforms))
    return cpython + list(compatible_tags((major, minor), interpreter=f"cp{major}{minor}", platforms=platforms))


def best_wheel(package: dict[str, Any], ranks: dict[Tag, int]) -> str:
    """The SHA-256 of the wheel that the ranked tags prefer."""
    rated = []
    for wheel in package.get("wheels", []):
        name = wheel.get("name") or unquote(urlsplit(wheel["url"]).path).rsplit("/", 1)[-1]
        fitting = [ranks[tag] for tag in parse_wheel_filename(name)[3] if tag in ranks]
        if fitting:
            rated.append((min(fitting), wheel["hashes"]["sha256"]))
    if not rated:
        raise SystemExit(f"{package['name']} {package['version']} has no wheel for the image; pin another version.")
    return str(min(rated)[1])


def one_wheel_each(lock: dict[str, Any], python: str, platform: str) -> str:
    """The text of a requirements file: a pin and one hash for each package of a parsed pylock.toml."""
    ranks = {tag: rank for rank, tag in reversed(list(enumerate(supported_tags(python, platform))))}
    return "".join(
        f"{package['name']}=={package['version']} \\\n    --hash=sha256:{best_wheel(package, ranks)}\n"
        for package in sorted(lock["packages"], key=lambda package: str(package["name"]))
    )


if __name__ == "__main__":
    source, python, platform = sys.argv[1:]
    sys.stdout.write(one_wheel_each(tomllib.loads(Path(source).read_text()), python, platform))
