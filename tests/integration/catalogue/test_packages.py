"""Packages: resolved by real uv to wheels with hashes, decided as a whole, installed whole or not at all."""

import os
import shutil
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import audit
from audit.models import Entry
from catalogue import actions, queries, store
from catalogue.models import Environment, PackageClosure
from config.errors import BailiwickError, Refused, Unavailable
from gateways import uv
from tests.integration.catalogue.wheels import make_sdist, make_wheel

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def refusal(call: Callable[..., Any], *arguments: Any) -> BailiwickError:
    with pytest.raises(BailiwickError) as caught:
        call(*arguments)
    return caught.value


def names(closure: PackageClosure) -> list[tuple[str, str, bool]]:
    return [(pin["name"], pin["version"], pin["requested"]) for pin in closure.pins]


def nothing_left() -> bool:
    return not store.root().exists() or not os.listdir(store.root())


def events() -> list[str]:
    return list(Entry.objects.using("reader").order_by("n").values_list("event", flat=True))


def forget_wheels() -> None:
    """Make uv fetch again: it keeps what it has fetched, hash and all."""
    shutil.rmtree(store.root().parent / "cache")


def test_from_the_real_index(environment: Environment, change_settings: Callable[..., None]) -> None:
    closure = actions.resolve(environment, ["Python_Slugify==8.0.4"])
    assert names(closure) == [("python-slugify", "8.0.4", True), ("text-unidecode", "1.3", False)]
    assert all(pin["hashes"] for pin in closure.pins)
    path = actions.install(closure)
    assert path is not None and (path / "slugify" / "__init__.py").is_file() and (path / "text_unidecode").is_dir()


def test_a_source_package_of_the_real_index_is_refused(
    environment: Environment, change_settings: Callable[..., None]
) -> None:
    """Taken out: `--only-binary :all:`; uv then built docopt by running its setup.py on this machine."""
    refused = refusal(actions.resolve, environment, ["docopt==0.6.2"])
    assert (refused.code, "docopt 0.6.2" in refused.message) == ("package_has_no_wheel", True)
    assert refused.remedy


def test_a_setup_script_is_never_run(environment: Environment, mirror: Path, tmp_path: Path) -> None:
    """Taken out: `--only-binary :all:`; the script then left its mark."""
    mark = tmp_path / "mark"
    make_sdist(
        mirror, "sourceonly", "1.0", f"open({str(mark)!r}, 'w').close()\nfrom setuptools import setup\nsetup()\n"
    )
    make_wheel(mirror, "wantsit", "1.0", requires=["sourceonly"])
    for asked in ("sourceonly==1.0", "wantsit==1.0"):
        refused = refusal(actions.resolve, environment, [asked])
        assert refused.code == "package_has_no_wheel" and "sourceonly" in refused.message
    assert not mark.exists() and not PackageClosure.objects.exists() and nothing_left()


def test_the_closure_is_everything_beyond_the_image(environment: Environment, mirror: Path) -> None:
    make_wheel(mirror, "top", "1.0", requires=["middle>=1", "built-in>=1"])
    make_wheel(mirror, "middle", "1.1", requires=["bottom"])
    make_wheel(mirror, "middle", "1.2", requires=["bottom"])
    make_wheel(mirror, "bottom", "0.1")
    make_wheel(mirror, "built_in", "1.5")
    make_wheel(mirror, "built_in", "1.6")
    closure = actions.resolve(environment, ["top==1.0", "middle==1.1"])
    assert names(closure) == [("bottom", "0.1", False), ("middle", "1.1", True), ("top", "1.0", True)]
    assert closure.asked == ["middle==1.1", "top==1.0"]
    assert queries.closure(closure.id).pins == closure.pins
    assert actions.resolve(environment, ["middle==1.1", "TOP==1.0"]).id == closure.id
    path = actions.install(closure)
    assert path is not None
    assert {each.name for each in path.iterdir()} == {
        *("bottom", "middle", "top"),
        *("bottom-0.1.dist-info", "middle-1.1.dist-info", "top-1.0.dist-info"),
    }
    assert events()[-2:] == ["catalogue:closure:resolved", "catalogue:closure:installed"]


def test_what_the_image_has_needs_nothing(environment: Environment, mirror: Path) -> None:
    make_wheel(mirror, "built_in", "1.5")
    closure = actions.resolve(environment, ["built-in==1.5"])
    assert closure.pins == [] and actions.install(closure) is None and nothing_left()


def test_what_the_image_has_is_not_replaced(environment: Environment, mirror: Path) -> None:
    """Taken out: the constraints from the image; `newer` then brought built-in 1.6 along."""
    make_wheel(mirror, "built_in", "1.5")
    make_wheel(mirror, "built_in", "1.6")
    make_wheel(mirror, "newer", "1.0", requires=["built-in>=1.6"])
    assert refusal(actions.resolve, environment, ["newer==1.0"]).code == "packages_conflict"
    asked = refusal(actions.resolve, environment, ["built-in==1.6"])
    assert asked.code == "packages_conflict" and "built-in 1.5" in asked.message


@pytest.mark.parametrize(
    ("asked", "code", "named"),
    [
        (["nowhere==1.0"], "package_unknown", "nowhere"),
        (["there==9.9"], "package_unknown", "there"),
        (["broken==1.0"], "package_unknown", "nowhere"),
        (["left==1.0", "right==1.0"], "packages_conflict", ""),
        (["there==1.0", "there==2.0"], "packages_conflict", "there"),
        (["otherpython==1.0"], "package_has_no_wheel", "otherpython"),
        (["there"], "package_not_pinned", "there"),
        (["there>=1.0"], "package_not_pinned", "there"),
    ],
)
def test_what_cannot_be_had_is_refused_by_name(
    environment: Environment, mirror: Path, asked: list[str], code: str, named: str
) -> None:
    make_wheel(mirror, "there", "1.0")
    make_wheel(mirror, "there", "2.0")
    make_wheel(mirror, "left", "1.0", requires=["there==1.0"])
    make_wheel(mirror, "right", "1.0", requires=["there==2.0"])
    make_wheel(mirror, "broken", "1.0", requires=["nowhere"])
    wheel = make_wheel(mirror, "otherpython", "1.0")
    wheel.rename(mirror / "otherpython-1.0-cp27-cp27m-manylinux1_x86_64.whl")
    refused = refusal(actions.resolve, environment, asked)
    assert isinstance(refused, Refused), refused
    assert (refused.code, named in refused.message) == (code, True), refused.message
    assert events()[-1] == "audit:request:refused"
    assert str(mirror) not in refused.message


def test_a_wheel_that_is_not_the_one_decided_on_is_never_installed(environment: Environment, mirror: Path) -> None:
    """Taken out: `--require-hashes`; the other wheel was then installed."""
    make_wheel(mirror, "honest", "1.0")
    closure = actions.resolve(environment, ["honest==1.0"])
    make_wheel(mirror, "honest", "1.0", files={"honest/evil.py": b"print('evil')\n"})
    forget_wheels()
    refused = refusal(actions.install, closure)
    assert (refused.code, "honest==1.0" in refused.message) == ("package_hash_mismatch", True)
    assert nothing_left() and events()[-1] == "audit:request:refused"
    # Nor at the second try, from what uv kept of the first.
    assert refusal(actions.install, closure).code == "package_hash_mismatch" and nothing_left()


def test_one_bad_wheel_of_many_leaves_nothing(environment: Environment, mirror: Path) -> None:
    for name in ("good", "fine", "bad"):
        make_wheel(mirror, name, "1.0")
    closure = actions.resolve(environment, ["good==1.0", "fine==1.0", "bad==1.0"])
    make_wheel(mirror, "bad", "1.0", files={"bad/more.py": b""})
    forget_wheels()
    assert refusal(actions.install, closure).code == "package_hash_mismatch"
    assert nothing_left()


@pytest.mark.parametrize(
    "path",
    ["../outside.py", "/tmp/outside-of-bailiwick.py", "pkg/../../outside.py", "pkg-1.0.data/data/../../outside.py"],
)
def test_a_wheel_cannot_write_outside(environment: Environment, mirror: Path, path: str) -> None:
    make_wheel(mirror, "pkg", "1.0", files={path: b"x = 1\n"})
    closure = actions.resolve(environment, ["pkg==1.0"])
    try:
        actions.install(closure)
    except BailiwickError:
        assert nothing_left()
    # uv unpacks into a folder of its own first, which is inside as well.
    inside = {store.root() / closure.id, *(store.root().parent / "cache" / "uv" / "archive-v0").glob("*")}
    found = [*store.root().parent.parent.rglob("outside*.py"), *Path("/tmp").glob("outside*.py")]
    assert not [each for each in found if not inside & set(each.parents)]


def test_links_are_not_installed(environment: Environment, mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken out: the check in store._seal; the sandbox was then given a link out of the directory."""
    make_wheel(mirror, "plain", "1.0")
    closure = actions.resolve(environment, ["plain==1.0"])
    real = uv.install

    def with_link(target: uv.Target, pins: Any, into: Path) -> None:
        real(target, pins, into)
        (into / "plain" / "passwd").symlink_to("/etc/passwd")

    monkeypatch.setattr(uv, "install", with_link)
    assert refusal(actions.install, closure).code == "package_malformed" and nothing_left()


def test_what_is_installed_is_read_only_and_whole(environment: Environment, mirror: Path) -> None:
    scripts = {"tool-1.0.dist-info/entry_points.txt": b"[console_scripts]\ntool = tool:main\n"}
    make_wheel(mirror, "tool", "1.0", files=scripts)
    path = actions.install(actions.resolve(environment, ["tool==1.0"]))
    assert path is not None
    everything = [path, *path.rglob("*")]
    modes = {stat.S_IMODE(each.stat().st_mode) for each in everything if each.is_dir()}
    assert modes == {0o555}
    assert {stat.S_IMODE(each.stat().st_mode) for each in everything if each.is_file()} == {0o444}
    assert not (path / "bin").exists() and not (path / ".lock").exists()
    assert not list(path.rglob("*.pyc"))


def test_many_at_once_install_it_once(environment: Environment, mirror: Path) -> None:
    """Taken out: the rename (installing in place); readers then saw a part, and installers one another's files."""
    from django.db import connection

    make_wheel(mirror, "shared", "1.0", files={f"shared/m{n}.py": b"x = 1\n" * 100 for n in range(200)})
    closure = actions.resolve(environment, ["shared==1.0"])
    final = store.root() / closure.id
    found: list[object] = []
    seen: set[int] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            if final.is_dir():
                seen.add(len(list(final.rglob("*.py"))))

    def go() -> None:
        try:
            found.append(actions.install(closure))
        except Exception as failure:
            found.append(failure)
        finally:
            connection.close()

    watcher = threading.Thread(target=watch)
    watcher.start()
    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    watcher.join()
    assert found == [final] * 4
    assert seen == {201}
    assert os.listdir(store.root()) == [closure.id]


def test_what_a_killed_process_left_is_removed(environment: Environment, mirror: Path) -> None:
    make_wheel(mirror, "later", "1.0")
    closure = actions.resolve(environment, ["later==1.0"])
    left, fresh = store.root() / ".part-old", store.root() / ".part-new"
    for part in (left, fresh):
        (part / "sub").mkdir(parents=True)
        (part / "sub" / "file").write_text("x")
        (part / "sub").chmod(0o555)
    os.utime(left, (1, 1))
    actions.install(closure)
    assert not left.exists() and fresh.exists()


def test_no_record_no_packages(environment: Environment, mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken out: the entry before the rename; the packages then stood without one."""
    make_wheel(mirror, "unlogged", "1.0")
    closure = actions.resolve(environment, ["unlogged==1.0"])

    def refuses(*_: Any, **__: Any) -> None:
        raise RuntimeError("the log is full")

    monkeypatch.setattr(audit, "append", refuses)
    with pytest.raises(RuntimeError):
        actions.install(closure)
    assert nothing_left()


def test_an_index_that_cannot_be_reached_says_so(
    environment: Environment, change_settings: Callable[..., None]
) -> None:
    change_settings(package_index_url=SecretStr("http://user:hidden@127.0.0.1:9/simple"), package_timeout_seconds=60)
    failed = refusal(actions.resolve, environment, ["anything==1.0"])
    assert isinstance(failed, Unavailable) and failed.code == "package_index_unavailable"
    assert "hidden" not in failed.message + failed.remedy


def test_an_index_that_is_slow_is_not_waited_for(
    environment: Environment, change_settings: Callable[..., None]
) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/simple"
        change_settings(package_index_url=SecretStr(url), package_timeout_seconds=1)
        failed = refusal(actions.resolve, environment, ["anything==1.0"])
    assert (failed.code, "1 seconds" in failed.message) == ("package_index_unavailable", True)


def test_uv_that_is_not_there_says_so(environment: Environment, change_settings: Callable[..., None]) -> None:
    change_settings(uv=Path("/nowhere/uv"))
    failed = refusal(actions.resolve, environment, ["anything==1.0"])
    assert failed.code == "package_index_unavailable" and "BAILIWICK_UV" in failed.remedy


def test_uv_sees_no_secret_of_ours(
    environment: Environment, change_settings: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out: the choice of variables; uv then had our database's password and a switch that turns hashes off."""
    fake = tmp_path / "uv"
    fake.write_text(f'#!/bin/sh\nenv > {tmp_path}/env\necho "$@" > {tmp_path}/arguments\nexit 2\n')
    fake.chmod(0o755)
    monkeypatch.setenv("UV_NO_VERIFY_HASHES", "1")
    monkeypatch.setenv("UV_INSECURE_HOST", "evil")
    monkeypatch.setenv("UV_INDEX_URL", "https://elsewhere/simple")
    change_settings(uv=fake, package_index_url=SecretStr("https://user:hidden@mirror/simple"))
    refusal(actions.resolve, environment, ["anything==1.0"])
    given = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines() if "=" in line)
    assert not [name for name in given if name.startswith("BAILIWICK") or "HASHES" in name or "INSECURE" in name]
    assert given["UV_DEFAULT_INDEX"] == "https://user:hidden@mirror/simple" and "UV_INDEX_URL" not in given
    # Command lines are everybody's to read.
    assert "hidden" not in (tmp_path / "arguments").read_text()


def test_a_full_disk_says_so(environment: Environment, mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_wheel(mirror, "big", "1.0")
    closure = actions.resolve(environment, ["big==1.0"])

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "_publish", full)
    failed = refusal(actions.install, closure)
    assert isinstance(failed, Unavailable) and failed.code == "package_store_unavailable"
    assert "No space left" in failed.message and nothing_left()
