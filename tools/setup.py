"""Install what is missing, from the standard library alone: packages, virtual environment, Go programs, image,
console.

    tools/bootstrap run|test

Every step is skipped when what it makes is there for the present pins. Each says what it does and how long it takes;
one that fails ends everything with the reason and the remedy in a sentence, and the whole output in .tools/log/.
"""

import contextlib
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"
BIN = TOOLS / "bin"
LOGS = TOOLS / "log"
VENV = ROOT / ".venv"
STAMP = VENV / "bailiwick-lock"
OURS = ("audit", "platform", "sandbox_operator", "tests", "tools")
SEARCH = [*os.environ.get("PATH", "").split(":"), "/usr/local/go/bin", "/usr/sbin", "/sbin"]
GO_NEEDED = (1, 26)


class Stop(Exception):
    """The setup cannot go on; the text is the one sentence that says why and what to do."""


@dataclass(frozen=True)
class GoProgram:
    """A program built from a package of the module that tools/<folder>/go.mod pins.

    `variables` are set by the linker, of the pinned version's parts: {version}, {major}, {minor}.
    """

    name: str
    folder: str
    module: str
    package: str = ""
    variables: Mapping[str, str] = MappingProxyType({})

    @property
    def source(self) -> Path:
        return ROOT / "tools" / self.folder


def _kubernetes(name: str) -> GoProgram:
    version = "k8s.io/component-base/version"
    variables = {"gitVersion": "{version}", "gitMajor": "{major}", "gitMinor": "{minor}"}
    stamped = {f"{version}.{variable}": text for variable, text in variables.items()}
    return GoProgram(name, "kubernetes", "k8s.io/kubernetes", f"cmd/{name}", stamped)


GO_PROGRAMS = (
    GoProgram("opa", "opa", "github.com/open-policy-agent/opa"),
    GoProgram(
        "runsc", "gvisor", "gvisor.dev/gvisor", "runsc", {"gvisor.dev/gvisor/runsc/version.version": "{version}"}
    ),
)
# What the test cluster runs (tests/cluster).
CLUSTER_PROGRAMS = (
    GoProgram("containerd-shim-runsc-v1", "gvisor", "gvisor.dev/gvisor", "shim"),
    GoProgram("containerd", "containerd", "github.com/containerd/containerd/v2", "cmd/containerd"),
    GoProgram(
        "containerd-shim-runc-v2", "containerd", "github.com/containerd/containerd/v2", "cmd/containerd-shim-runc-v2"
    ),
    GoProgram("ctr", "containerd", "github.com/containerd/containerd/v2", "cmd/ctr"),
    GoProgram("etcd", "etcd", "go.etcd.io/etcd/server/v3"),
    *map(
        _kubernetes,
        ("kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubectl", "kubelet"),
    ),
    GoProgram("helm", "helm", "helm.sh/helm/v4", "cmd/helm"),
)
# What to install when a program is missing. Redis comes by the package that starts no service of its own.
DEBIAN = {"mmdebstrap": "mmdebstrap", "redis-check-rdb": "redis-tools"}
CLUSTER_DEBIAN = {"ip": "iproute2", "nft": "nftables", "runc": "runc"}
NETWORK_PLUGINS = Path("/usr/lib/cni")
# What the tests of the console drive: any of these, the first that is there.
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def cache() -> Path:
    """Where what was built outlives a clone."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("BAILIWICK_CACHE") or f"{home}/bailiwick").absolute()


def find(program: str) -> str | None:
    return shutil.which(program, path=":".join(SEARCH))


# --- Progress -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Show that something long goes on, and for how long: every second on a terminal, every 20 s elsewhere."""
    started, done = time.monotonic(), threading.Event()
    terminal = sys.stdout.isatty()

    def tick() -> None:
        while not done.wait(1 if terminal else 20):
            spent = f"{time.monotonic() - started:.0f} s"
            print(
                f"\r  {title} … {spent}" if terminal else f"  {title} … {spent}",
                end="" if terminal else "\n",
                flush=True,
            )

    print(f"  {title} …", end="" if terminal else "\n", flush=True)
    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    except BaseException:
        done.set()
        ticker.join()
        print(flush=True) if terminal else None
        raise
    done.set()
    ticker.join()
    print(f"{chr(13) if terminal else ''}  {title}: {time.monotonic() - started:.1f} s", flush=True)


def call(
    command: Sequence[str | Path],
    *,
    log: str,
    otherwise: str,
    cwd: Path = ROOT,
    env: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Run a program with its output in .tools/log/; if it fails, show the end of it and stop with `otherwise`."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{log}.log"
    words = [str(word) for word in command]
    with path.open("w") as output:
        try:
            done = subprocess.run(
                words,
                cwd=cwd,
                env={**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
            )
        except OSError as error:
            raise Stop(f"{words[0]} could not be started ({error.strerror}): {otherwise}") from error
    if done.returncode:
        tail = "\n".join(f"    {line}" for line in path.read_text(errors="replace").splitlines()[-12:])
        print(f"\n{tail}", flush=True)
        raise Stop(f"{Path(words[0]).name} ended with status {done.returncode}: {otherwise} (All of it: {path}.)")


# --- Steps ----------------------------------------------------------------------------------------------------------


def check_machine() -> None:
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise Stop(
            f"Bailiwick's sandboxes need Linux on x86_64 and this is {sys.platform} on {platform.machine()}; "
            "use another machine."
        )
    if shutil.disk_usage(ROOT).free < 6 * 1024**3:
        raise Stop(f"Less than 6 GB are free on the disk that holds {ROOT}; free some space and try again.")


def browser() -> str | None:
    """The browser that tests drive."""
    return next(filter(None, map(find, BROWSERS)), None)


def debian_packages(kind: str) -> None:
    """Install by apt what is missing."""
    programs = {**DEBIAN, **CLUSTER_DEBIAN} if kind == "test" else DEBIAN
    wanted = sorted({package for program, package in programs.items() if not find(program)})
    wanted += ["debian-archive-keyring"] if not KEYRING.exists() else []
    wanted += ["ca-certificates"] if not CERTIFICATES.exists() else []
    wanted += ["uidmap"] if os.geteuid() and not find("newuidmap") else []
    wanted += ["python3-venv"] if not _has_ensurepip() else []
    wanted += ["chromium"] if kind == "test" and not browser() else []
    wanted += ["containernetworking-plugins"] if kind == "test" and not NETWORK_PLUGINS.exists() else []
    if not wanted:
        return
    names = " ".join(wanted)
    if not find("apt-get"):
        raise Stop(
            f"This machine lacks {names} and has no apt-get; install what these Debian packages hold and try again."
        )
    become: list[str] = []
    if os.geteuid():
        if not find("sudo"):
            raise Stop(f"Debian packages are missing; run `apt-get install {names}` as root, then try again.")
        become = ["sudo", "--non-interactive"]
        if subprocess.run([*become, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
            become = ["sudo"]
            if subprocess.run([*become, "--validate"], check=False).returncode:
                raise Stop(f"Debian packages are missing; run `apt-get install {names}` as root, then try again.")
    quiet = [*become, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes"]
    with step(f"Debian packages: {names}"):
        # A source that is not needed here may be out of reach: what counts is whether the install works.
        with contextlib.suppress(Stop):
            call([*quiet, "update"], log="apt-update", otherwise="the package lists could not be read.")
        call(
            [*quiet, "install", "--no-install-recommends", *wanted],
            log="apt-install",
            otherwise=f"check the network and apt's sources, or run `apt-get install {names}` yourself, and try again.",
        )


def _has_ensurepip() -> bool:
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        return False
    return True


def redis_program() -> None:
    """Debian's tools package holds the server too, under another name; its first argument decides which it is."""
    server = find("redis-server") or find("redis-check-rdb")
    if server is None:
        raise Stop(
            "No redis-server was found after installing Debian's redis-tools; install Redis 7 or newer and try again."
        )
    link(BIN / "redis-server", Path(server))


def virtual_environment(lock: Path) -> None:
    """Make .venv hold exactly what `lock` pins."""
    accepted = [_stamp(ROOT / "requirements-dev.lock"), _stamp(lock)]
    if STAMP.exists() and STAMP.read_text() in accepted and (VENV / "bin/uv").exists():
        return
    with step("Python packages from the hash-pinned lock"):
        again = "check the network and the package index (PIP_* settings are honoured), then try again."
        if not _sound(VENV / "bin/python"):
            shutil.rmtree(VENV, ignore_errors=True)
            call(
                [sys.executable, "-m", "venv", VENV],
                log="venv",
                otherwise="install this Python's venv module and try again.",
            )
        python, uv = VENV / "bin/python", VENV / "bin/uv"
        if not uv.exists():
            pin = LOGS / "uv.txt"
            pin.write_text(_pin("uv", lock))
            pip: list[str | Path] = [
                python,
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--require-hashes",
                "--no-deps",
            ]
            call([*pip, "-r", pin], log="uv", otherwise=again)
        sync: list[str | Path] = [
            uv,
            "pip",
            "sync",
            "--python",
            python,
            "--require-hashes",
            "--link-mode",
            "copy",
            # Where Python keeps no bytecode (PYTHONDONTWRITEBYTECODE), every process would compile all of it anew.
            "--compile-bytecode",
            lock,
        ]
        call(sync, log="python-packages", otherwise=again, env=uv_environment())
        # Our packages lie in two folders, and no tool should have to be told.
        site = next(VENV.glob("lib/python3.*/site-packages"))
        (site / "bailiwick.pth").write_text(f"{ROOT}\n{ROOT / 'platform'}\n")
        STAMP.write_text(_stamp(lock))


def _stamp(lock: Path) -> str:
    return f"{hashlib.sha256(lock.read_bytes()).hexdigest()} compiled"


def bytecode() -> None:
    """Compile our own code, for the same reason; what is compiled already is passed over."""
    call(
        [VENV / "bin/python", "-m", "compileall", "-q", *OURS],
        log="bytecode",
        otherwise="correct the file that is named above and try again.",
    )


def _sound(python: Path) -> bool:
    probe = [str(python), "-c", "import sys; sys.exit(sys.version_info < (3, 12))"]
    try:
        return subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def _pin(package: str, lock: Path) -> str:
    found = re.search(rf"^{package}==.*(?:\n[ \t]+--hash.*)+", lock.read_text(), re.MULTILINE)
    if not found:
        raise Stop(f"{lock.name} does not pin {package}; run tools/lock.sh on a machine that is set up.")
    return found.group(0) + "\n"


def uv_environment() -> dict[str, str]:
    """What uv should know of the user's settings for pip, unless it was told itself."""
    same = {
        "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
        "PIP_EXTRA_INDEX_URL": "UV_INDEX",
        "PIP_FIND_LINKS": "UV_FIND_LINKS",
        "PIP_NO_INDEX": "UV_NO_INDEX",
        "PIP_DEFAULT_TIMEOUT": "UV_HTTP_TIMEOUT",
        "PIP_TRUSTED_HOST": "UV_INSECURE_HOST",
        "PIP_CERT": "SSL_CERT_FILE",
    }
    return {uv: os.environ[pip] for pip, uv in same.items() if os.environ.get(pip) and not os.environ.get(uv)}


def go_programs(kind: str) -> None:
    """Build what the go.mod files pin, unless the cache has it."""
    for program in (*GO_PROGRAMS, *(CLUSTER_PROGRAMS if kind == "test" else ())):
        key = hashlib.sha256(
            b"".join((program.source / name).read_bytes() for name in ("go.mod", "go.sum"))
        ).hexdigest()
        built = cache() / "go" / f"{program.name}-{key[:20]}" / program.name
        if not built.exists():
            _build(program, built)
        link(BIN / program.name, built)


def _build(program: GoProgram, built: Path) -> None:
    go = find("go")
    if go is None:
        raise Stop(f"Go is not on the PATH and is needed to build {program.name}; install Go 1.26 and try again.")
    said = subprocess.run([go, "env", "GOVERSION"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    if version < GO_NEEDED:
        raise Stop(
            f"Go 1.26 or newer is needed to build {program.name} and {go} is {said.strip() or 'broken'}; install it."
        )
    part = built.with_name(f"{program.name}.{os.getpid()}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    package = f"{program.module}/{program.package}".rstrip("/")
    with step(f"building {program.name} from its pinned Go module (a minute or two, once)"):
        call(
            [go, "build", "-mod=readonly", f"-ldflags={_linker_flags(program)}", "-o", part, package],
            log=f"go-{program.name}",
            otherwise="check the network and Go's module settings (GOPROXY, GOFLAGS), then try again.",
            cwd=program.source,
            env={"CGO_ENABLED": "0", "GOWORK": "off"},
        )
    part.replace(built)


def _linker_flags(program: GoProgram) -> str:
    pin = re.search(rf"{re.escape(program.module)} (v(\d+)\.(\d+)\.\S+)", (program.source / "go.mod").read_text())
    if not pin:
        raise Stop(f"tools/{program.folder}/go.mod does not pin {program.module}; restore the file and try again.")
    parts = {"version": pin[1], "major": pin[2], "minor": pin[3]}
    return " ".join(["-s -w", *(f"-X {name}={text.format(**parts)}" for name, text in program.variables.items())])


def environment_image() -> None:
    """Build the image `python`, or point at it in the cache."""
    build: list[str | Path] = [VENV / "bin/python", "-m", "sandbox_operator.images.build", "python"]
    build += ["--cache", cache() / "images", "--output", TOOLS / "images/python"]
    build += ["--uv", VENV / "bin/uv", "--runsc", BIN / "runsc"]
    with step("environment image `python` (Debian, wheels, agent; a minute or two, once)"):
        call(build, log="image-python", otherwise="see the sentence above.", env=uv_environment())


def console(kind: str) -> None:
    """Build the console, or copy it from the cache."""
    done = subprocess.run([VENV / "bin/python", "-m", "tools.console", kind], cwd=ROOT, check=False)
    if done.returncode:
        # It said why itself.
        sys.exit(done.returncode)


def control_plane_image() -> None:
    """Build the control plane's own image, or point at it in the cache."""
    build: list[str | Path] = [VENV / "bin/python", "-m", "tools.control_plane"]
    build += ["--cache", cache() / "images", "--output", TOOLS / "images/control-plane"]
    build += ["--uv", VENV / "bin/uv", "--runsc", BIN / "runsc"]
    with step("the control plane's image (Debian, wheels, sources; a minute, once)"):
        call(build, log="image-control-plane", otherwise="see the sentence above.", env=uv_environment())


def link(path: Path, goal: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.symlink_to(goal)
    fresh.replace(path)


def main(kind: str) -> None:
    """Do every step in order."""
    lock = ROOT / ("requirements.lock" if kind == "run" else "requirements-dev.lock")
    steps: list[Callable[[], None]] = [
        check_machine,
        lambda: debian_packages(kind),
        redis_program,
        lambda: virtual_environment(lock),
        bytecode,
        lambda: go_programs(kind),
        environment_image,
        lambda: console(kind),
        *([control_plane_image] if kind == "test" else []),
    ]
    LOGS.mkdir(parents=True, exist_ok=True)
    for do in steps:
        do()


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "run")
    except Stop as stop:
        sys.exit(f"bailiwick: {stop}")
    except KeyboardInterrupt:
        sys.exit("bailiwick: interrupted; the next run goes on from here.")
    except OSError as error:
        sys.exit(f"bailiwick: {error.filename or 'a file'}: {error.strerror}; free or correct it and try again.")
