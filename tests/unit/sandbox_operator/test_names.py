"""Which names a file may have, on either side of the channel."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from sandbox_operator.agent.names import name_fault
from sandbox_operator.protocol import Hole, ProbeReport
from sandbox_operator.spec import DEFAULT_LIMITS, Handle, Limits


@pytest.mark.parametrize("name", ["a", "a.csv", "a b.csv", "räw.csv", "a/b/c.txt", ".hidden", "..a", "a..", "日本"])
def test_a_plain_name_is_fine(name: str) -> None:
    assert name_fault(name) is None


@pytest.mark.parametrize(
    "name, why",
    [
        ("", "empty"),
        ("../x", "plain relative"),
        ("a/../b", "plain relative"),
        ("/etc/passwd", "plain relative"),
        ("a//b", "plain relative"),
        ("a/", "plain relative"),
        (".", "plain relative"),
        ("a\0b", "control"),
        ("a\x1b[2J", "control"),
        ("a\x7f", "control"),
        ("a\\b", "backslash"),
        ("x" * 256, "part longer"),
        ("ä" * 200, "part longer"),
        ("a/" * 600 + "a", "longer than 1024"),
        ("\ud800", "Unicode"),
    ],
)
def test_any_other_name_says_why_not(name: str, why: str) -> None:
    assert why in str(name_fault(name))


def test_a_handle_is_its_own_text() -> None:
    handle = Handle.make("local", "0123456789abcdef")
    assert Handle.parse(str(handle)) == handle
    assert Handle.make("local", "0123456789abcdef") != handle


@pytest.mark.parametrize("text", ["", "local:a", "local:a:b:c", "LOCAL:a:b", "local:../x:b", "local:a:b\n", "local:a:"])
def test_no_other_text_is_a_handle(text: str) -> None:
    with pytest.raises(ValueError, match="handle"):
        Handle.parse(text)


@pytest.mark.parametrize("name", list(Limits.__dataclass_fields__))
@pytest.mark.parametrize("value", [-1, float("nan")])
def test_no_limit_may_be_less_than_nothing(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=name):
        replace(DEFAULT_LIMITS, **{name: value})


def test_only_what_is_kept_may_be_none_at_all() -> None:
    none: set[str] = set()
    for name in Limits.__dataclass_fields__:
        with suppress(ValueError):
            assert getattr(replace(DEFAULT_LIMITS, **{name: 0}), name) == 0
            none.add(name)
    assert none == {"output_artifact_bytes", "artifact_count", "artifact_bytes"}


def test_only_a_complete_report_without_holes_is_contained() -> None:
    assert ProbeReport("full", 3, True).contained
    assert not ProbeReport("full", 3, False).contained
    assert not ProbeReport("full", 3, True, (Hole("a", "b", "c"),)).contained
