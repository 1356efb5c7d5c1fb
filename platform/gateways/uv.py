"""uv: resolves pins to wheels with hashes, and unpacks wheels. Nothing of a package runs here: sdists are refused."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.environment import settings
from config.errors import Refused, Unavailable

# What of the machine's environment uv gets to see: how to reach its index. None of ours, and no switch that would make
# it lenient (UV_NO_VERIFY_HASHES and the like).
_KEPT: Final = re.compile(
    r"PATH|HOME|LANG|LC_ALL|TMPDIR|SSL_CERT_(FILE|DIR)|(HTTPS?|ALL|NO)_PROXY|(https?|all|no)_proxy"
    r"|UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL|FIND_LINKS|NATIVE_TLS|SYSTEM_CERTS|OFFLINE|HTTP_TIMEOUT)"
    r"|UV_INDEX_[A-Z0-9_]+_(USERNAME|PASSWORD)"
)
# As BAILIWICK_PACKAGE_INDEX_URL: packages come from BAILIWICK_PACKAGE_FIND_LINKS alone.
NO_INDEX: Final = "none"
_PIN: Final = re.compile(r"([a-z0-9][a-z0-9.-]*)==([A-Za-z0-9.!+_-]+)( --hash=sha256:[0-9a-f]{64})+")
_HASH: Final = re.compile(r"sha256:[0-9a-f]{64}")
_NO_WHEEL: Final = re.compile(
    r"([A-Za-z0-9._-]+)==(\S+) has no (?:usable wheels|wheels with a matching|platform-specific wheels)"
)
_NO_VERSION: Final = re.compile(r"there (?:is|are) no versions? of ([A-Za-z0-9._-]+)==(\S+)")
_NOT_FOUND: Final = re.compile(
    r"([A-Za-z0-9._-]+) was not found in (?:the package registry|the provided package locations|the cache)"
)
_CONFLICT: Final = re.compile(r"requirements are unsatisfiable|are incompatible|cannot be used")
_MISMATCH: Final = re.compile(r"Hash mismatch for `([^`\s]{1,200})`")


@dataclass(frozen=True)
class Target:
    """Whom the wheels are for."""

    python_version: str
    platform: str


@dataclass(frozen=True)
class Pin:
    """One wheel, by name, version and the hashes that the index gave for that version."""

    name: str
    version: str
    hashes: tuple[str, ...]


def resolve(target: Target, requirements: Sequence[str], constraints: Sequence[str]) -> tuple[Pin, ...]:
    """Everything that the requirements need, with hashes, sorted by name.

    Raises Refused (`package_unknown`, `package_has_no_wheel`, `packages_conflict`), Unavailable
    (`package_index_unavailable`).
    """
    with tempfile.TemporaryDirectory(prefix="bailiwick-resolve-") as work:
        folder = Path(work)
        (folder / "asked.txt").write_text("".join(f"{line}\n" for line in requirements))
        (folder / "image.txt").write_text("".join(f"{line}\n" for line in constraints))
        done = _uv(
            *("compile", "asked.txt", "--constraints", "image.txt", "--output-file", "pins.txt", "--generate-hashes"),
            *("--no-header", "--no-annotate", "--quiet", *_for(target)),
            folder=folder,
        )
        if done.returncode:
            raise _unresolved(done.stderr)
        return _pins((folder / "pins.txt").read_text())


def install(target: Target, pins: Sequence[Pin], into: Path) -> None:
    """Unpack exactly these wheels, each checked against its hashes, into a folder.

    Raises Refused (`package_hash_mismatch` and those of `resolve`), Unavailable (`package_index_unavailable`); `into`
    may then hold a part and is the caller's to remove.
    """
    with tempfile.TemporaryDirectory(prefix="bailiwick-install-") as work:
        folder = Path(work)
        lines = (f"{pin.name}=={pin.version} {' '.join(f'--hash={each}' for each in pin.hashes)}\n" for pin in pins)
        (folder / "pins.txt").write_text("".join(lines))
        done = _uv(
            *("install", "--requirements", "pins.txt", "--target", str(into), "--require-hashes", "--no-deps"),
            *("--link-mode", "copy", "--quiet", *_for(target)),
            folder=folder,
        )
        if done.returncode:
            raise _not_installed(done.stderr)


def _for(target: Target) -> list[str]:
    return ["--python-version", target.python_version, "--python-platform", target.platform]


def _uv(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    given = settings()
    call = [str(given.uv), "pip", *arguments, "--only-binary", ":all:", "--python", sys.executable]
    if given.package_index_url is not None and given.package_index_url.get_secret_value() == NO_INDEX:
        call.append("--no-index")
    call += ["--no-config", "--no-python-downloads", "--no-sources", "--color", "never", "--no-progress"]
    try:
        return subprocess.run(
            call,
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=given.package_timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(
            "package_index_unavailable",
            f"packages: the package index did not answer within {given.package_timeout_seconds} seconds.",
            remedy="Try again, or ask for fewer packages.",
        ) from None
    except OSError:
        raise Unavailable(
            "package_index_unavailable",
            "packages: uv could not be started, so no package can be resolved.",
            remedy="A platform admin sets BAILIWICK_UV to the path of uv.",
        ) from None


def _environment() -> Mapping[str, str]:
    given = settings()
    kept = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
    kept["UV_CACHE_DIR"] = str(given.var / "cache" / "uv")
    if given.package_index_url is not None or given.package_find_links is not None:
        kept = {name: value for name, value in kept.items() if not re.match("UV_.*(INDEX|FIND_LINKS)", name)}
    if given.package_index_url is not None:
        # By the environment, because an index's URL can hold a password and everybody can read command lines.
        url = given.package_index_url.get_secret_value()
        kept |= {} if url == NO_INDEX else {"UV_DEFAULT_INDEX": url}
    if given.package_find_links is not None:
        kept["UV_FIND_LINKS"] = given.package_find_links.get_secret_value()
    return kept


def _pins(text: str) -> tuple[Pin, ...]:
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        words = " ".join(line.split())
        if not words:
            continue
        match = _PIN.fullmatch(words)
        if match is None:
            raise Unavailable("package_index_unavailable", "packages: uv gave a list that is not one of exact pins.")
        found.append(Pin(match[1], match[2], tuple(sorted(set(_HASH.findall(words))))))
    return tuple(sorted(found, key=lambda pin: pin.name))


def _unresolved(said: str) -> Refused | Unavailable:
    """The refusal that uv's error stands for. Its text is matched, never shown: it can hold the index's address."""
    text = " ".join(said.split())
    if match := _NO_WHEEL.search(text):
        name, version = match[1], match[2].rstrip(",")
        return Refused(
            "package_has_no_wheel",
            f"packages: {name} {version} has no wheel for this environment, and source packages are not built: "
            "building one would run its code on the platform.",
            remedy=f"Ask for a version of {name} that has a wheel, or for an environment image that has it.",
        )
    if match := _NO_VERSION.search(text):
        name, version = match[1], match[2].rstrip(",")
        return Refused(
            "package_unknown",
            f"packages: there is no version {version} of {name} for this environment.",
            remedy=f"Ask for a version of {name} that exists.",
        )
    if match := _NOT_FOUND.search(text):
        return Refused(
            "package_unknown",
            f"packages: there is no package {match[1]} in the package index.",
            remedy="Check the name.",
        )
    if _CONFLICT.search(text):
        return Refused(
            "packages_conflict",
            "packages: those asked for, and what they need, do not go together with each other or with the image.",
            remedy="Ask for other versions; those in the image are listed with the environment.",
        )
    return Unavailable(
        "package_index_unavailable",
        "packages: the package index cannot be asked now.",
        remedy="Try again; if it stays so, ask a platform admin.",
    )


def _not_installed(said: str) -> Refused | Unavailable:
    if match := _MISMATCH.search(said):
        return Refused(
            "package_hash_mismatch",
            f"packages: what the index gave for {match[1]} is not what was decided on: its hash differs. "
            "Nothing of it was installed.",
            remedy="Do not try again before a platform admin has looked at the package index.",
        )
    return _unresolved(said)
