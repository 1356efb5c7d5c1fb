"""The control plane's image is made of what the platform is tested with."""

import json
import re

from sandbox_operator.images import build, rootfs
from sandbox_operator.images.rootfs import Recipe
from tools import control_plane
from tools.setup import ROOT


def test_its_wheels_are_those_of_the_platforms_lock() -> None:
    """Same versions, but for what the recipe leaves out and what only other machines need."""
    recipe = Recipe.load(control_plane.RECIPE)
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = [re.fullmatch(r"(\S+)==(\S+?)( ; (.+))? \\", line) for line in lines if "==" in line]
    here = {pin[1]: pin[2] for pin in pins if pin and "win32" not in (pin[4] or "")}
    image = {wheel["package"]: wheel["version"] for wheel in rootfs.locked_wheels(recipe)}
    assert set(recipe.omit) <= set(here)
    assert image == {name: version for name, version in here.items() if name not in (*recipe.omit, "tzdata")}


def test_the_console_is_in_the_bill_of_materials_by_its_locks_hashes() -> None:
    lock = json.loads((ROOT / "frontend/package.json").read_text())
    found = {item["package"]: item for item in control_plane.console()}
    assert set(lock["dependencies"]) <= set(found)
    assert not {"vite", "eslint", "vitest"} & set(found)
    assert all(re.fullmatch(r"sha512:[0-9a-f]{128}", item["hash"]) for item in found.values())


def test_hashes_are_named_by_their_kind() -> None:
    recipe = Recipe.load(control_plane.RECIPE)
    material = {"package": "react", "version": "19.0.0", "hash": "sha512:ab", "kind": "npm"}
    assert build.make_sbom(recipe, "sha256:cd", [material])["components"][0]["hashes"] == [
        {"alg": "SHA-512", "content": "ab"}
    ]
