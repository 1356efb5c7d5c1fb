"""Setting up: what is read from locks and settings, and how a failing step stops."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tools import setup


def test_a_pin_is_taken_from_the_lock_with_its_hashes(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    lock.write_text("urllib3==2 \\\n    --hash=sha256:aa\nuv==0.9 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n")
    assert setup._pin("uv", lock) == "uv==0.9 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"


def test_a_package_that_is_not_pinned_stops_the_setup(tmp_path: Path) -> None:
    (tmp_path / "a.lock").write_text("uvicorn==1 \\\n    --hash=sha256:aa\n")
    with pytest.raises(setup.Stop, match=r"a\.lock does not pin uv"):
        setup._pin("uv", tmp_path / "a.lock")


def test_uv_hears_what_pip_was_told_unless_it_was_told_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_DEFAULT_TIMEOUT", "PIP_TRUSTED_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "one")
    monkeypatch.setenv("PIP_CERT", "two")
    monkeypatch.setenv("SSL_CERT_FILE", "three")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    assert setup.uv_environment() == {"UV_DEFAULT_INDEX": "one"}


@pytest.mark.parametrize("module", ["django", "celery", "audit", "config", "sandbox_operator"])
def test_what_a_process_imports_is_compiled_already(module: str) -> None:
    spec = importlib.util.find_spec(module)
    assert spec
    assert spec.cached
    assert Path(spec.cached).exists()


def test_a_step_that_fails_says_why_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "LOGS", tmp_path)
    with pytest.raises(setup.Stop, match=r"ended with status 3: free the disk, then try again"):
        call = [sys.executable, "-c", "print('no space'); raise SystemExit(3)"]
        setup.call(call, log="thing", otherwise="free the disk, then try again.")
    assert "no space" in capsys.readouterr().out


def test_a_program_that_is_missing_is_a_sentence_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "LOGS", tmp_path)
    with pytest.raises(setup.Stop, match=r"could not be started \(No such file or directory\): install it"):
        setup.call([tmp_path / "absent"], log="thing", otherwise="install it.")


@pytest.mark.parametrize(
    "program", [*setup.GO_PROGRAMS, *setup.CLUSTER_PROGRAMS], ids=lambda program: str(program.name)
)
def test_every_go_program_is_pinned_as_a_tool_of_its_module(program: setup.GoProgram) -> None:
    package = f"{program.module}/{program.package}".rstrip("/")
    assert f"tool {package}\n" in (text := (program.source / "go.mod").read_text()) or f"\t{package}\n" in text
    assert "{" not in setup._linker_flags(program)


def test_the_linker_is_told_the_pinned_version() -> None:
    (kubelet,) = (program for program in setup.CLUSTER_PROGRAMS if program.name == "kubelet")
    version = "k8s.io/component-base/version"
    assert setup._linker_flags(kubelet) == (
        f"-s -w -X {version}.gitVersion=v1.34.4 -X {version}.gitMajor=1 -X {version}.gitMinor=34"
    )


def test_without_a_new_python_the_bootstrap_stops_with_a_sentence(tmp_path: Path) -> None:
    for name in ("bash", "dirname"):
        (tmp_path / name).symlink_to(f"/bin/{name}" if Path(f"/bin/{name}").exists() else f"/usr/bin/{name}")
    done = subprocess.run(
        [setup.ROOT / "tools/bootstrap", "run"],
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("bailiwick: no Python 3.12 or newer was found")
    assert done.stderr.count("\n") == 1
