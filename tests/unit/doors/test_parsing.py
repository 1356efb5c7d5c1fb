"""Strict input: each malformed body has its code, and each good one exactly one reading."""

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework import serializers

from config.environment import settings as environment
from config.errors import Invalid, TooLarge
from doors.parsing import StrictJSONParser, StrictSerializer, parse_object, validated

_TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed_json"),
        (b"{", "malformed_json"),
        (b"[1]", "malformed_json"),
        (b'"text"', "malformed_json"),
        (b"null", "malformed_json"),
        (b'{"a":NaN}', "malformed_json"),
        (b'{"a":Infinity}', "malformed_json"),
        (b"{'a':1}", "malformed_json"),
        (b'{"a":1}{"a":1}', "malformed_json"),
        (b'{"a":1,"a":2}', "malformed_json"),
        (b'{"b":{"a":1,"a":2}}', "malformed_json"),
        (b'{"a":"\\ud800"}', "malformed_json"),
        (b"[" * 100_000, "malformed_json"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "malformed_json"),
        (b'{"a":"\xff"}', "not_utf8"),
        ('{"a":"é"}'.encode("latin-1"), "not_utf8"),
        ('{"a":1}'.encode("utf-16"), "not_utf8"),
        (b'{"a":"x\\u0000y"}', "nul_character"),
        (b'{"a\\u0000":1}', "nul_character"),
        (b'{"a":[["\\u0000"]]}', "nul_character"),
        (b'{"a":[{"b":"\\u0000"}]}', "nul_character"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_each_malformed_body_has_its_code(body: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_object(body)
    assert (caught.value.status, caught.value.code) == (400, code)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(_TEXT, _TEXT | st.integers(-(2**53), 2**53) | st.lists(_TEXT, max_size=3), max_size=5))
def test_a_good_body_is_read_as_it_was_written(value: dict[str, Any]) -> None:
    assert parse_object(json.dumps(value).encode()) == value


def test_code_that_speaks_of_nul_is_no_nul() -> None:
    assert parse_object(rb'{"code":"print(\"\\u0000\")"}') == {"code": 'print("\\u0000")'}


def test_a_body_over_the_limit_names_the_limit() -> None:
    limit = environment().body_max_bytes
    with pytest.raises(TooLarge, match=f"limit of {limit} bytes"):
        StrictJSONParser().parse(io.BytesIO(b'{"a":"' + b"x" * limit + b'"}'))


class Inner(StrictSerializer):
    size = serializers.IntegerField()


class Outer(StrictSerializer):
    name = serializers.CharField()
    limits = Inner(required=False)


def test_unknown_fields_are_named_with_their_path() -> None:
    with pytest.raises(Invalid) as caught:
        validated(Outer(data={"name": "n", "nmae": "n", "b": 1}))
    assert caught.value.code == "unknown_field"
    assert caught.value.message == "b, nmae: not a field of this request."
    assert caught.value.remedy == "Known fields: name, limits."
    with pytest.raises(Invalid) as caught:
        validated(Outer(data={"name": "n", "limits": {"size": 1, "sizes": 2}}))
    assert caught.value.message == "limits.sizes: not a field of this request."


def test_known_fields_pass() -> None:
    assert validated(Outer(data={"name": "n", "limits": {"size": 1}})) == {"name": "n", "limits": {"size": 1}}
