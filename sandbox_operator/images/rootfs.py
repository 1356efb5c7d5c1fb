"""The base of an image: Debian by mmdebstrap, wheels by uv, compiled inside a sandbox of its own."""

import fnmatch
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Material = dict[str, str]
Say = Callable[[str], None]

MOUNT_POINTS = ("proc", "sys", "dev", "run", "tmp")
LINKS = {
    "etc/localtime": "/usr/share/zoneinfo/Etc/UTC",
    "usr/bin/awk": "mawk",
    "usr/bin/python": "python3",
    "usr/bin/sh": "dash",
}
# Compiled files carry no time stamp, so that clamping times in the archive keeps them valid.
COMPILE = """
import compileall, py_compile
compileall.compile_dir({path!r}, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
"""


class BuildFailed(Exception):
    """The image cannot be built; the text says why and what to do."""


@dataclass(frozen=True)
class Recipe:
    """What recipe.toml and the files beside it say."""

    folder: Path
    name: str
    debian: str
    python_version: str
    platform: str
    packages: tuple[str, ...]
    drop: tuple[str, ...]
    keep_of_doc: str
    # The one ordinary user, uid 1000, and how host names are looked up (nsswitch.conf(5)).
    user: str
    home: str
    shell: str
    host_names: str
    # Empty directories to make, and what Python finds modules in.
    folders: tuple[str, ...]
    path: tuple[str, ...]
    languages: tuple[str, ...] = ()
    # Modules that are imported once, for what they cache.
    caches: tuple[str, ...] = ()
    # Packages of the platform's lock that tools/lock.sh leaves out.
    omit: tuple[str, ...] = ()

    @classmethod
    def load(cls, folder: Path) -> "Recipe":
        """Read the recipe in `folder`."""
        fields = tomllib.loads((folder / "recipe.toml").read_text())
        listed: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()
        }
        return cls(folder=folder, **listed)

    @property
    def lock(self) -> Path:
        return self.folder / "requirements.lock"


def build_base(recipe: Recipe, target: Path, *, uv: Path, runsc: Path, say: Say) -> list[Material]:
    """Fill the empty directory `target` with the root file system; returns every Debian package and wheel in it."""
    scratch = target.parent / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    say(f"Debian {recipe.debian} with Python {recipe.python_version}")
    debs = _debian(recipe, target, scratch)
    say(f"{len(locked_wheels(recipe))} pinned wheels")
    _wheels(recipe, target, uv)
    say("compiling and caching inside a sandbox")
    _arrange(recipe, target)
    for path in (f"/usr/lib/python{recipe.python_version}", "/opt/bailiwick/site"):
        compile_inside(runsc, target, scratch, path)
    for module in recipe.caches:
        argv = ["python3", "-c", f"import {module}"]
        run_inside(runsc, target, scratch, argv, env=["MPLCONFIGDIR=/opt/bailiwick/matplotlib"])
    shutil.rmtree(scratch)
    return debs + locked_wheels(recipe)


def _debian(recipe: Recipe, target: Path, scratch: Path) -> list[Material]:
    archive = scratch / "debian.tar"
    command = [
        "mmdebstrap",
        "--variant=extract",
        "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
        f"--include={','.join(recipe.packages)}",
        # The archives are gone from the result, so their digests are taken while they are there.
        '--extract-hook=cd "$1/var/cache/apt/archives" && sha256sum -- *.deb > "$1/materials"',
        recipe.debian,
        str(archive),
    ]
    if mirror := os.environ.get("BAILIWICK_DEBIAN_MIRROR"):
        command.append(mirror)
    _run(command, "Debian's packages could not be installed", "check the network and the Debian mirror, then try again")
    materials: list[Material] = []
    with tarfile.open(archive) as tar:
        for member in _kept(tar, recipe):
            if member.name == "materials":
                listing = tar.extractfile(member)
                materials = [_deb(line) for line in listing.read().decode().splitlines()] if listing else []
            else:
                tar.extract(member, target, filter=_plain)
    return materials


def _deb(line: str) -> Material:
    digest, name = line.split()
    package, version, _ = name.removesuffix(".deb").replace("%3a", ":").split("_")
    return {"package": package, "version": version, "hash": f"sha256:{digest}", "kind": "deb"}


def _kept(tar: tarfile.TarFile, recipe: Recipe) -> Iterator[tarfile.TarInfo]:
    for member in tar:
        member.name = member.name.removeprefix("./")
        # A pattern stands for the thing and all that is below it.
        parts = member.name.split("/")
        heads = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        dropped = any(fnmatch.fnmatchcase(head, pattern) for head in heads for pattern in recipe.drop)
        documentation = member.name.startswith("usr/share/doc/") and not member.isdir()
        if dropped or (documentation and parts[-1] != recipe.keep_of_doc):
            continue
        if member.isreg() or member.isdir() or member.issym() or member.islnk():
            yield member


def _plain(member: tarfile.TarInfo, _: str) -> tarfile.TarInfo:
    """Strip owner and set-id bits; this is Debian's own archive, so links to absolute paths may stand."""
    mode = 0o755 if member.isdir() else member.mode & 0o755 | 0o444
    return member.replace(uid=os.geteuid(), gid=os.getegid(), uname="", gname="", mode=mode, deep=False)


def _wheels(recipe: Recipe, target: Path, uv: Path) -> None:
    command = [str(uv), "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    command += ["--link-mode", "copy", "--python-version", recipe.python_version, "--python-platform", recipe.platform]
    command += ["--target", str(target / "opt/bailiwick/site"), "--requirements", str(recipe.lock)]
    _run(
        command, "the image's wheels could not be installed", "check the network and the package index, then try again"
    )


def locked_wheels(recipe: Recipe) -> list[Material]:
    """The wheels of the lock. There is one hash for each, which the installer demands: so these bytes and no others."""
    materials = []
    for pin, option in zip(*[iter(recipe.lock.read_text().splitlines())] * 2, strict=True):
        package, version = pin.removesuffix(" \\").split("==")
        digest = option.strip().removeprefix("--hash=")
        materials.append({"package": package, "version": version, "hash": digest, "kind": "wheel"})
    return materials


def _files(recipe: Recipe) -> dict[str, str]:
    """What is in files that Debian's scripts, which never ran, would have written."""
    return {
        "etc/passwd": "root:x:0:0:root:/root:/usr/sbin/nologin\n"
        f"{recipe.user}:x:1000:1000:{recipe.user}:{recipe.home}:{recipe.shell}\n"
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
        "etc/group": f"root:x:0:\n{recipe.user}:x:1000:\nnogroup:x:65534:\n",
        "etc/hosts": "127.0.0.1 localhost\n",
        "etc/resolv.conf": "",
        "etc/nsswitch.conf": f"passwd: files\ngroup: files\nhosts: {recipe.host_names}\n",
        "usr/lib/python3/dist-packages/bailiwick.pth": "".join(f"{place}\n" for place in recipe.path),
    }


def _arrange(recipe: Recipe, target: Path) -> None:
    for name in (*MOUNT_POINTS, *recipe.folders):
        (target / name).mkdir(parents=True, exist_ok=True)
    for name, text in _files(recipe).items():
        path = target / name
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o644)
    for name, goal in LINKS.items():
        path = target / name
        path.unlink(missing_ok=True)
        path.symlink_to(goal)
    (target / "tmp").chmod(0o1777)
    # The installer's own, which everybody might write to.
    (target / "opt/bailiwick/site/.lock").unlink(missing_ok=True)


def compile_inside(runsc: Path, rootfs: Path, scratch: Path, path: str) -> None:
    """Compile the Python files below `path` by the image's own Python."""
    run_inside(runsc, rootfs, scratch, ["python3", "-c", COMPILE.format(path=path)])


def run_inside(runsc: Path, rootfs: Path, scratch: Path, argv: Sequence[str], env: Sequence[str] = ()) -> None:
    """Run a program of the image in a sandbox without network, on its writable root: never on the machine."""
    bundle = scratch / "bundle"
    bundle.mkdir(exist_ok=True)
    capabilities = {kind: ["CAP_DAC_OVERRIDE"] for kind in ("bounding", "effective", "permitted")}
    process = {"args": list(argv), "cwd": "/", "env": ["PATH=/usr/bin", *env], "user": {"uid": 0, "gid": 0}}
    spec = {
        "ociVersion": "1.0.0",
        "process": {**process, "capabilities": capabilities},
        "root": {"path": str(rootfs), "readonly": False},
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"},
        ],
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount")]},
    }
    (bundle / "config.json").write_text(json.dumps(spec))
    # Host names of sandboxes are long paths' digests: several builds may run on one machine.
    name = "image-" + hashlib.sha256(str(scratch).encode()).hexdigest()[:16]
    command = [str(runsc), "--root", str(scratch / "state"), "--platform=systrap", "--network=none", "--overlay2=none"]
    command += ["--ignore-cgroups", *(["--rootless"] if os.geteuid() else []), "run", "--bundle", str(bundle), name]
    _run(
        command,
        "the image's own Python failed while it was compiled",
        "see the lines above, and run `make clean` first",
    )


def _run(command: Sequence[str], failure: str, remedy: str) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        lines = "\n".join(done.stdout.strip().splitlines()[-20:])
        raise BuildFailed(f"{lines}\n{failure} ({command[0]} ended with {done.returncode}); {remedy}.")
