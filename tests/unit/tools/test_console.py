"""Building the console: what a build is named by, when there is one, and what is said when it cannot be made."""

import os
from pathlib import Path

import pytest

from tools import console
from tools.setup import Stop


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A frontend of three files with a cache of its own, and programs that only say what they were asked."""
    frontend = tmp_path / "frontend"
    (frontend / "src").mkdir(parents=True)
    for name in ("index.html", "package-lock.json", "src/main.ts"):
        (frontend / name).write_text(name)
    monkeypatch.setattr(console, "FRONTEND", frontend)
    monkeypatch.setattr(console, "DIST", frontend / "dist")
    monkeypatch.setattr(console, "MODULES", frontend / "node_modules")
    monkeypatch.setattr(console, "MADE_OF", ("index.html", "package-lock.json", "src"))
    monkeypatch.setenv("BAILIWICK_CACHE", str(tmp_path / "cache"))
    programs(tmp_path, monkeypatch)
    return frontend


def programs(folder: Path, monkeypatch: pytest.MonkeyPatch, node: str = "v20.19.4") -> None:
    """A node of that version, and an npm that builds a page and writes down each call."""
    bin_ = folder / "bin"
    bin_.mkdir(exist_ok=True)
    npm = f"""
        echo "$*" >> {folder}/calls
        case "$*" in
            ci*) mkdir -p node_modules ;;
            *build) mkdir -p "$CONSOLE_DIST" && echo page > "$CONSOLE_DIST/index.html" ;;
        esac"""
    for name, body in (("node", f"echo {node}"), ("npm", npm)):
        (bin_ / name).write_text(f"#!/bin/sh\n{body}\n")
        (bin_ / name).chmod(0o755)
    monkeypatch.setattr(console, "find", lambda program: str(bin_ / program))


def calls(clone: Path) -> list[str]:
    """What npm was asked, without its options."""
    made = clone.parent / "calls"
    return ["build" if "build" in line else "ci" for line in made.read_text().splitlines()]


def test_the_second_time_nothing_is_built(clone: Path) -> None:
    console.main("run")
    console.main("run")
    assert calls(clone) == ["ci", "build"]
    assert (clone / "dist/index.html").read_text() == "page\n"


def test_another_clone_takes_the_build_from_the_cache(clone: Path) -> None:
    console.main("run")
    built = (clone / "dist").rename(clone.parent / "elsewhere")
    console.main("run")
    assert calls(clone) == ["ci", "build"]
    assert (clone / "dist/index.html").read_bytes() == (built / "index.html").read_bytes()


def test_a_changed_source_is_built_and_a_changed_test_is_not(clone: Path) -> None:
    console.main("run")
    (clone / "src/main.test.ts").write_text("new")
    console.main("run")
    assert calls(clone) == ["ci", "build"]
    (clone / "src/main.ts").write_text("new")
    console.main("run")
    assert calls(clone) == ["ci", "build", "build"]


def test_the_packages_are_there_for_the_tests_even_when_the_build_is(clone: Path) -> None:
    console.main("run")
    (clone / "node_modules/.bailiwick-lock").unlink()
    console.main("test")
    assert calls(clone) == ["ci", "build", "ci"]


def test_who_empties_the_served_folder_leaves_the_cache_whole(clone: Path) -> None:
    console.main("run")
    for file in (clone / "dist").iterdir():
        file.unlink()
    console.main("run")
    assert calls(clone) == ["ci", "build"]
    assert (clone / "dist/index.html").read_text() == "page\n"


@pytest.mark.parametrize("version", ["v18.20.1", "v20.18.3", ""])
def test_an_old_node_stops_with_a_sentence(clone: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    programs(clone.parent, monkeypatch, version)
    with pytest.raises(Stop, match=r"Node 20\.19 or newer is needed to build the console and .* is .*; install it\."):
        console.main("run")


def test_no_node_at_all_stops_with_a_sentence(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "find", lambda program: None)
    with pytest.raises(Stop, match=r"Node is not on the PATH .* install Node 20\.19 or newer\."):
        console.main("run")


def test_every_source_of_the_real_build_is_there() -> None:
    """A file that moved would no longer count."""
    found = {path.relative_to(console.FRONTEND).parts[0] for path in console.sources()}
    assert found == set(console.MADE_OF)
    assert not [path for path in console.sources() if os.fspath(path).endswith(".test.ts")]
