"""Build an environment image into the cache, in two layers: what is pinned, and the agent.

    python -m sandbox_operator.images.build NAME --cache DIR --output DIR --uv FILE --runsc FILE

The cache key of the base is its recipe and lock, that of the image is the base and the agent's source; so an agent that
changed rebuilds neither Debian nor the wheels. `--output` becomes a link to the folder that holds rootfs/, image.tar,
metadata.json and sbom.json.
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox_operator.images import oci, rootfs
from sandbox_operator.images.rootfs import BuildFailed, Material, Recipe, Say

HERE = Path(__file__).parent
AGENT = HERE.parent / "agent"
RUNTIME = {
    "User": "1000:1000",
    "WorkingDir": "/workspace",
    "Env": ["PATH=/usr/bin", "LANG=C.UTF-8", "PYTHONUNBUFFERED=1"],
    "Entrypoint": ["python3", "-m", "agent"],
}


def build(recipe: Recipe, *, cache: Path, uv: Path, runsc: Path, say: Say) -> Path:
    """Return the folder of the finished image, building what the cache lacks."""
    base = cache / f"base-{recipe.name}-{key(recipe_files(recipe))}"
    with locked(cache / f"{recipe.name}.lock"):
        if not base.exists():
            make_base(recipe, base, uv=uv, runsc=runsc, say=say)
        image = cache / f"{recipe.name}-{key([*recipe_files(recipe), *agent_files()])}"
        if not image.exists():
            say("the agent's layer and the archive")
            make_image(recipe, base, image, runsc=runsc)
    return image


def recipe_files(recipe: Recipe) -> list[Path]:
    """What decides the base: the recipe, the lock, and the code that carries them out."""
    return [recipe.folder / "recipe.toml", recipe.lock, HERE / "rootfs.py", HERE / "oci.py", HERE / "build.py"]


def agent_files() -> list[Path]:
    """The agent's source, as it goes into the image."""
    return sorted(path for path in AGENT.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def key(files: Iterable[Path]) -> str:
    """A digest of the files' names and contents."""
    digest = hashlib.sha256()
    for path in files:
        body = path.read_bytes()
        digest.update(f"{path.relative_to(HERE.parent)}\0{len(body)}\0".encode() + body)
    return digest.hexdigest()[:20]


def make_base(recipe: Recipe, base: Path, *, uv: Path, runsc: Path, say: Say) -> None:
    with finished(base) as part:
        root = part / "rootfs"
        root.mkdir()
        materials = rootfs.build_base(recipe, root, uv=uv, runsc=runsc, say=say)
        say("the layer")
        layer = oci.write_layer(root, part / "layer.tar")
        (part / "base.json").write_text(json.dumps({"digest": layer.digest, "materials": materials}))


def make_image(recipe: Recipe, base: Path, image: Path, *, runsc: Path) -> None:
    with finished(image) as part:
        root = part / "rootfs"
        # Hard links: nobody writes to either tree once it is made.
        shutil.copytree(base / "rootfs", root, symlinks=True, copy_function=os.link)
        inside = root / "opt/bailiwick/agent"
        for path in agent_files():
            goal = inside / path.relative_to(AGENT)
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, goal)
        scratch = part / "scratch"
        scratch.mkdir()
        compile_agent = rootfs.COMPILE.format(path="/opt/bailiwick/agent")
        rootfs.run_inside(runsc, root, scratch, ["python3", "-c", compile_agent])
        shutil.rmtree(scratch)
        describe(recipe, base, image, part)


def describe(recipe: Recipe, base: Path, image: Path, part: Path) -> None:
    """Write the archive, and beside it what the catalogue registers."""
    known = json.loads((base / "base.json").read_text())
    agent = oci.write_layer(part / "rootfs", part / "agent.tar", below="opt/bailiwick/agent")
    layers = [oci.Layer(base / "layer.tar", known["digest"]), agent]
    config = oci.make_config(layers, RUNTIME)
    manifest = oci.make_manifest(config, layers)
    oci.write_archive(part / "image.tar", manifest, config, layers, name=recipe.name)
    agent.path.unlink()
    digest = oci.digest_of(manifest)
    metadata = {
        "name": recipe.name,
        "digest": digest,
        "python_version": recipe.python_version,
        "platform": recipe.platform,
        "languages": list(recipe.languages),
        "sbom": known["materials"],
        "rootfs": str(image / "rootfs"),
        "archive": str(image / "image.tar"),
    }
    (part / "metadata.json").write_text(json.dumps(metadata, indent=1))
    (part / "sbom.json").write_text(json.dumps(make_sbom(recipe, digest, known["materials"]), indent=1))


def make_sbom(recipe: Recipe, digest: str, materials: Iterable[Material]) -> oci.JSON:
    """The bill of materials in CycloneDX 1.6."""
    root = {"type": "container", "name": recipe.name, "version": digest}
    kinds = {"deb": "pkg:deb/debian", "wheel": "pkg:pypi"}
    components = [
        {
            "type": "library",
            "name": item["package"],
            "version": item["version"],
            "purl": f"{kinds[item['kind']]}/{item['package']}@{item['version']}",
            "hashes": [{"alg": "SHA-256", "content": item["hash"].removeprefix("sha256:")}],
        }
        for item in materials
    ]
    fields = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
    return {**fields, "metadata": {"component": root}, "components": components}


@contextmanager
def finished(path: Path) -> Iterator[Path]:
    """A folder that appears at `path` whole or not at all."""
    part = path.with_name(path.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    yield part
    part.rename(path)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Only one build at a time on this cache; the others wait and find it done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def point(link: Path, goal: Path) -> None:
    """Make `link` a symbolic link to `goal` in one step."""
    link.parent.mkdir(parents=True, exist_ok=True)
    fresh = link.with_name(link.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(goal)
    fresh.replace(link)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    for option in ("--cache", "--output", "--uv", "--runsc"):
        parser.add_argument(option, type=lambda text: Path(text).absolute(), required=True)
    wanted = parser.parse_args()
    recipe = Recipe.load(HERE / wanted.name)
    try:
        image = build(
            recipe,
            cache=wanted.cache,
            uv=wanted.uv,
            runsc=wanted.runsc,
            say=lambda step: print(f"image {recipe.name}: {step}", flush=True),
        )
    except (BuildFailed, OSError) as failure:
        sys.exit(f"image {recipe.name}: {failure}")
    point(wanted.output, image)


if __name__ == "__main__":
    main()
