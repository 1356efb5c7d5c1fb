"""Canonical JSON: the examples of RFC 8785 that the log admits, and what it does not admit."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.canonical import LARGEST, NotCanonical, canonical

_TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
_KEYS = st.text(st.characters(max_codepoint=127, exclude_characters="\x00"))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | _TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(_KEYS, inner),
)


def test_the_rfcs_example_of_strings() -> None:
    # RFC 8785, 3.2.2: the string example, without the floats that the log does not admit.
    value = {"string": '€$\u000f\nA\'B"\\\\"/', "literals": [None, True, False]}
    expected = '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical(value) == expected.encode()


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(_KEYS, _VALUES))
def test_the_bytes_are_what_the_slow_way_makes(value: dict[str, object]) -> None:
    slow = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical(value) == slow.encode()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        float("nan"),
        2**53,
        -(2**53),
        "a\x00b",
        "\ud800",
        b"bytes",
        {"é": 1},
        {1: 1},
        [{"deep": [1.0]}],
        pytest.param(object(), id="an object"),
    ],
    ids=repr,
)
def test_what_has_no_one_spelling_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical({"value": value})  # type: ignore[dict-item]


def test_the_place_is_named() -> None:
    with pytest.raises(NotCanonical, match=r"header\.facts\.sizes\[1\]: float is not allowed"):
        canonical({"facts": {"sizes": [1, 2.0]}})  # type: ignore[list-item]
