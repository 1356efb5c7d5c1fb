"""Outputs are rebuilt outside: whatever comes in, only valid notebook outputs come out, or the channel is given up."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox_operator.agent.frames import ChannelError
from sandbox_operator.outputs import media_type, rebuild, size_of


def test_each_kind_is_rebuilt_without_what_it_should_not_have() -> None:
    assert rebuild({"output_type": "stream", "name": "stdout", "text": "x", "evil": 1}) == {
        "output_type": "stream",
        "name": "stdout",
        "text": "x",
    }
    assert rebuild({"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"], "data": {}}) == {
        "output_type": "error",
        "ename": "E",
        "evalue": "v",
        "traceback": ["t"],
    }
    assert rebuild({"output_type": "display_data", "data": {"text/html": ["<p>", "</p>"]}, "transient": {}}) == {
        "output_type": "display_data",
        "data": {"text/html": "<p></p>"},
        "metadata": {},
    }
    assert rebuild({"output_type": "execute_result", "data": {}, "metadata": {"a": 1}, "execution_count": 3}) == {
        "output_type": "execute_result",
        "data": {},
        "metadata": {"a": 1},
        "execution_count": 3,
    }


BAD: list[dict[str, Any]] = [
    {},
    {"output_type": "pyout"},
    {"output_type": ["stream"]},
    {"output_type": "stream", "name": "stdin", "text": ""},
    {"output_type": "stream", "name": "stdout"},
    {"output_type": "stream", "name": "stdout", "text": ["x"]},
    {"output_type": "error", "ename": "E", "evalue": "v"},
    {"output_type": "error", "ename": 1, "evalue": "v", "traceback": []},
    {"output_type": "error", "ename": "E", "evalue": "v", "traceback": [1]},
    {"output_type": "error", "ename": "E", "evalue": "v", "traceback": [""] * 5001},
    {"output_type": "display_data", "data": []},
    {"output_type": "display_data", "data": {"text/plain": 1}},
    {"output_type": "display_data", "data": {"text/plain": {"a": "b"}}},
    {"output_type": "display_data", "data": {"text": "x"}},
    {"output_type": "display_data", "data": {"text/html; charset=x": "x"}},
    {"output_type": "display_data", "data": {"text/html\r\nSet-Cookie: a": "x"}},
    {"output_type": "display_data", "data": {"TEXT/HTML": "x"}},
    {"output_type": "display_data", "data": {"evil/plain": "x"}},
    {"output_type": "display_data", "data": {"text/" + "x" * 200: "x"}},
    {"output_type": "display_data", "data": {f"text/x{n}": "" for n in range(33)}},
    {"output_type": "display_data", "data": {}, "metadata": []},
    {"output_type": "execute_result", "data": {}, "execution_count": "1"},
    {"output_type": "execute_result", "data": {}, "execution_count": True},
    {"output_type": "execute_result", "data": {}, "execution_count": -1},
]


@pytest.mark.parametrize("value", BAD, ids=str)
def test_what_is_no_output_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(ChannelError):
        rebuild(value)


def test_text_loses_what_cannot_be_stored() -> None:
    assert rebuild({"output_type": "stream", "name": "stdout", "text": "a\0b\ud800c"})["text"] == "a\ufffdb?c"


def test_json_loses_what_json_has_not() -> None:
    data = {"application/json": {"a": [float("inf"), 1.5, None, "\0"]}}
    assert rebuild({"output_type": "display_data", "data": data})["data"] == {
        "application/json": {"a": [None, 1.5, None, "\ufffd"]}
    }
    nested: Any = []
    for _ in range(100):
        nested = [nested]
    with pytest.raises(ChannelError, match="deep"):
        rebuild({"output_type": "display_data", "data": {"application/json": nested}})


def test_metadata_that_is_too_large_is_dropped() -> None:
    assert rebuild({"output_type": "display_data", "data": {}, "metadata": {"a": "x" * 20_000}})["metadata"] == {}


@pytest.mark.parametrize(
    "value, expected",
    [
        ("text/csv", "text/csv"),
        ("image/svg+xml", "image/svg+xml"),
        ("text/html; charset=utf-8", "application/octet-stream"),
        ("x/y\n", "application/octet-stream"),
        (None, "application/octet-stream"),
    ],
)
def test_a_media_type_is_plain_or_says_nothing(value: object, expected: str) -> None:
    assert media_type(value) == expected


def notebook_with(outputs: list[dict[str, Any]]) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "source": "",
        "execution_count": None,
        "outputs": outputs,
    }
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats() | st.text(max_size=20),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=10), below, max_size=4),
    max_leaves=12,
)
KEYS = ["output_type", "name", "text", "data", "metadata", "execution_count", "ename", "evalue", "traceback"]
TYPES = st.sampled_from(["stream", "error", "display_data", "execute_result"])
BUNDLES = st.dictionaries(st.sampled_from(["text/plain", "text/html", "application/json", "x"]), JSON, max_size=3)
VALUES = st.dictionaries(st.sampled_from(KEYS), JSON).flatmap(
    lambda value: st.builds(lambda kind, data: value | {"output_type": kind, "data": data}, TYPES, BUNDLES | JSON)
)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_whatever_comes_in_only_valid_outputs_come_out(value: dict[str, Any]) -> None:
    try:
        output = rebuild(value)
    except ChannelError:
        return
    json.dumps(output, allow_nan=False).encode()
    assert size_of(output) >= 0
    nbformat.validate(notebook_with([output]))
