"""What the daemon refuses to start with: one sentence, and what to do."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from sandbox_operator import daemon
from sandbox_operator.daemon import StartRefused
from sandbox_operator.local.pool import Image


def arguments(**changes: str) -> list[str]:
    values = {"--socket": "/s", "--state-dir": "/d", "--runsc": "/bin/sh", "--image": "python=/:sha256:ab"} | changes
    return [word for pair in values.items() for word in pair]


def test_an_image_has_a_name_a_root_and_a_digest() -> None:
    assert daemon.parse_image("python=/a/b:sha256:0f") == Image("python", Path("/a/b"), "sha256:0f")


@pytest.mark.parametrize("text", ["", "python", "python=/a", "python=a:sha256:0f", "PY=/a:sha256:0f", "a=/b:"])
def test_no_other_text_is_an_image(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="NAME="):
        daemon.parse_image(text)


@pytest.mark.parametrize(
    "changes, why",
    [
        ({"--runsc": "/no/such/runsc"}, "build it first"),
        ({"--image": "python=/no/such/root:sha256:ab"}, "build it first"),
        ({"--warm": "5", "--max": "4"}, "between 0 and --max"),
        ({"--warm": "-1"}, "between 0 and --max"),
    ],
)
def test_it_says_why_it_does_not_start(changes: dict[str, str], why: str) -> None:
    with pytest.raises(StartRefused, match=why):
        daemon.check(daemon.parse_arguments([*arguments(**changes), "--rootless"]))


def test_an_ordinary_user_has_to_accept_that_limits_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(StartRefused, match="--rootless"):
        daemon.check(daemon.parse_arguments(arguments()))
    daemon.check(daemon.parse_arguments([*arguments(), "--rootless"]))


def test_no_control_groups_is_a_sentence_not_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(parent: str, *, enabled: bool) -> None:
        raise OSError("read-only file system")

    monkeypatch.setattr(daemon, "Groups", fail)
    with pytest.raises(StartRefused, match=r"read-only file system.*--rootless"):
        daemon.make_machine(daemon.parse_arguments(arguments()), Path("/d"))


def test_no_option_opens_a_hole() -> None:
    options = vars(daemon.parse_arguments(arguments()))
    assert set(options) == {
        "socket",
        "state_dir",
        "runsc",
        "image",
        "warm",
        "max",
        "processes",
        "disk_bytes",
        "packages_dir",
        "probe_port",
        "probe_path",
        "rootless",
    }
