"""Build an image into the cache, in two layers: what is pinned, and our own files.

    python -m sandbox_operator.images.build NAME --cache DIR --output DIR --uv FILE --runsc FILE

builds the environment image NAME, whose own files are the agent. The cache key of the base is its recipe and lock, that
of the image is the base and our files; so an agent that changed rebuilds neither Debian nor the wheels. `--output`
becomes a link to the folder that holds rootfs/, image.tar, metadata.json and sbom.json.
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox_operator.images import oci, rootfs
from sandbox_operator.images.rootfs import BuildFailed, Material, Recipe, Say
from sandbox_operator.inside import SANDBOX_UID, make_environment

HERE = Path(__file__).parent
AGENT = HERE.parent / "agent"
# Numerical libraries take one thread each, whatever the node has; a pod that may use more says so itself.
RUNTIME = {
    "User": f"{SANDBOX_UID}:{SANDBOX_UID}",
    "WorkingDir": "/workspace",
    "Env": [f"{key}={value}" for key, value in make_environment(threads=1).items()],
    "Entrypoint": ["/usr/bin/python3", "-m", "agent"],
}
PURLS = {"deb": "pkg:deb/debian", "wheel": "pkg:pypi", "go": "pkg:golang", "npm": "pkg:npm"}


@dataclass(frozen=True)
class Image:
    """What an image is made of: the base that the recipe pins, and our files below one folder of it."""

    recipe: Recipe
    below: str
    files: Mapping[str, Path]
    runtime: oci.JSON
    # What our files bring along that the recipe does not name.
    materials: tuple[Material, ...] = ()

    @property
    def base_key(self) -> str:
        """What decides the base: the recipe, the lock, and the code that carries them out."""
        recipe = self.recipe
        code = {path.name: path for path in (HERE / "rootfs.py", HERE / "oci.py", HERE / "build.py")}
        return key({"recipe.toml": recipe.folder / "recipe.toml", "requirements.lock": recipe.lock, **code})

    @property
    def key(self) -> str:
        """What decides the image."""
        said = json.dumps([self.base_key, self.below, self.runtime, self.materials])
        return hashlib.sha256(f"{said}{key(self.files)}".encode()).hexdigest()[:20]


def environment(recipe: Recipe) -> Image:
    """The image of an environment: what its recipe says, and the agent."""
    return Image(recipe, "opt/bailiwick/agent", agent_files(), RUNTIME)


def agent_files() -> dict[str, Path]:
    """The agent's source, as it goes into the image."""
    return files_below(AGENT)


def files_below(folder: Path) -> dict[str, Path]:
    """Every file below the folder by its path from there, without what Python compiled."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path for path in found}


def key(files: Mapping[str, Path]) -> str:
    """A digest of the files' names and contents."""
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        executable = os.access(path, os.X_OK)
        body = path.read_bytes()
        digest.update(f"{name}\0{executable:d}\0{len(body)}\0".encode() + body)
    return digest.hexdigest()[:20]


def build(image: Image, *, cache: Path, uv: Path, runsc: Path, say: Say) -> Path:
    """Return the folder of the finished image, building what the cache lacks."""
    recipe = image.recipe
    base = cache / f"base-{recipe.name}-{image.base_key}"
    with locked(cache / f"{recipe.name}.lock"):
        if not base.exists():
            make_base(recipe, base, uv=uv, runsc=runsc, say=say)
        built = cache / f"{recipe.name}-{image.key}"
        if not built.exists():
            say("the layer of our own files, and the archive")
            make_image(image, base, built, runsc=runsc)
    return built


def make_base(recipe: Recipe, base: Path, *, uv: Path, runsc: Path, say: Say) -> None:
    with finished(base) as part:
        root = part / "rootfs"
        root.mkdir()
        materials = rootfs.build_base(recipe, root, uv=uv, runsc=runsc, say=say)
        say("the layer")
        layer = oci.write_layer(root, part / "layer.tar")
        (part / "base.json").write_text(json.dumps({"digest": layer.digest, "materials": materials}))


def make_image(image: Image, base: Path, built: Path, *, runsc: Path) -> None:
    with finished(built) as part:
        root = part / "rootfs"
        # Hard links: nobody writes to either tree once it is made.
        shutil.copytree(base / "rootfs", root, symlinks=True, copy_function=os.link)
        for name, path in image.files.items():
            goal = root / image.below / name
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, goal)
            goal.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
        scratch = part / "scratch"
        scratch.mkdir()
        rootfs.compile_inside(runsc, root, scratch, f"/{image.below}")
        shutil.rmtree(scratch)
        describe(image, base, built, part)


def describe(image: Image, base: Path, built: Path, part: Path) -> None:
    """Write the archive, and beside it what the catalogue registers."""
    recipe = image.recipe
    known = json.loads((base / "base.json").read_text())
    ours = oci.write_layer(part / "rootfs", part / "ours.tar", below=image.below)
    layers = [oci.Layer(base / "layer.tar", known["digest"]), ours]
    config = oci.make_config(layers, image.runtime)
    manifest = oci.make_manifest(config, layers)
    oci.write_archive(part / "image.tar", manifest, config, layers, name=recipe.name)
    ours.path.unlink()
    digest = oci.digest_of(manifest)
    materials = [*known["materials"], *image.materials]
    metadata = {
        "name": recipe.name,
        "digest": digest,
        "python_version": recipe.python_version,
        "platform": recipe.platform,
        "languages": list(recipe.languages),
        "sbom": materials,
        "rootfs": str(built / "rootfs"),
        "archive": str(built / "image.tar"),
    }
    (part / "metadata.json").write_text(json.dumps(metadata, indent=1))
    (part / "sbom.json").write_text(json.dumps(make_sbom(recipe, digest, materials), indent=1))


def make_sbom(recipe: Recipe, digest: str, materials: Iterable[Material]) -> oci.JSON:
    """The bill of materials in CycloneDX 1.6."""
    root = {"type": "container", "name": recipe.name, "version": digest}
    components = [
        {
            "type": "library",
            "name": item["package"],
            "version": item["version"],
            "purl": f"{PURLS[item['kind']]}/{item['package']}@{item['version']}",
            "hashes": [_hash(item["hash"])],
        }
        for item in materials
    ]
    fields = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
    return {**fields, "metadata": {"component": root}, "components": components}


def _hash(digest: str) -> dict[str, str]:
    kind, _, content = digest.partition(":")
    return {"alg": {"sha256": "SHA-256", "sha512": "SHA-512"}[kind], "content": content}


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
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, parents=[arguments()]
    )
    parser.add_argument("name")
    wanted = parser.parse_args()
    build_to(environment(Recipe.load(HERE / wanted.name)), wanted)


def arguments() -> argparse.ArgumentParser:
    """Where the parts of a build are."""
    parser = argparse.ArgumentParser(add_help=False)
    for option in ("--cache", "--output", "--uv", "--runsc"):
        parser.add_argument(option, type=lambda text: Path(text).absolute(), required=True)
    return parser


def build_to(image: Image, wanted: argparse.Namespace) -> None:
    """Build the image and point `--output` at it; exits with the sentence that says why it cannot be."""
    name = image.recipe.name
    try:
        built = build(
            image,
            cache=wanted.cache,
            uv=wanted.uv,
            runsc=wanted.runsc,
            say=lambda step: print(f"image {name}: {step}", flush=True),
        )
    except (BuildFailed, OSError) as failure:
        sys.exit(f"image {name}: {failure}")
    point(wanted.output, built)


if __name__ == "__main__":
    main()
