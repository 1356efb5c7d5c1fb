"""Pins and descriptions of images: what they must look like."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue import rules
from config.errors import Invalid, Refused

METADATA: dict[str, Any] = {
    "name": "python",
    "digest": f"sha256:{'a' * 64}",
    "python_version": "3.11",
    "platform": "x86_64-manylinux_2_36",
    "languages": ["python", "sql"],
    "sbom": [
        {"package": "bash", "version": "5.2", "hash": "sha256:1", "kind": "deb"},
        {"package": "Et_Xmlfile", "version": "2.0.0", "hash": "sha256:2", "kind": "wheel"},
    ],
    "rootfs": "/somewhere",
}


def code(call: Any, *arguments: Any) -> str:
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("humanize==4.9.0", ("humanize", "4.9.0")),
        (" Python_Slugify == 8.0.4 ", ("python-slugify", "8.0.4")),
        ("a.b-_c==1", ("a-b-c", "1")),
        ("x==1.0RC1", ("x", "1.0rc1")),
        ("x==1.0.post1", ("x", "1.0.post1")),
        ("x==01.02", ("x", "1.2")),
    ],
)
def test_a_pin_is_normalised(text: str, want: tuple[str, str]) -> None:
    assert rules.parsed_pin(text) == want


@pytest.mark.parametrize(
    "text",
    [
        "",
        "humanize",
        "humanize>=4",
        "humanize~=4.9",
        "humanize==4.*",
        "humanize==",
        "humanize===4.9.0",
        "==4.9.0",
        "humanize==4.9.0,<5",
        "humanize==4.9.0; python_version > '3'",
        "humanize==4.9.0 --hash=sha256:00",
        "humanize==4.9.0\n--index-url=http://evil",
        "humanize[extra]==4.9.0",
        "humanize @ file:///etc/passwd",
        "git+https://evil/x==1",
        "./humanize==1",
        "-r/etc/passwd==1",
        "--index-url==1",
        "humanize==latest",
        "humanize==1/../2",
        "a" * 101 + "==1",
        "x==" + "1" * 70,
        "hümanize==1",
        "humanize==\x00",
    ],
)
def test_what_is_no_exact_pin_is_refused(text: str) -> None:
    """Taken out: the pattern's anchors; an option of uv's then went through as a pin."""
    assert code(rules.parsed_pin, text) == "package_not_pinned"


@given(st.text())
def test_a_pin_is_one_word_for_uv(text: str) -> None:
    try:
        name, version = rules.parsed_pin(text)
    except Refused:
        return
    line = f"{name}=={version}"
    assert len(line.split()) == 1 and not line.startswith("-") and not set(line) & set(";@/#\\[]")


def test_pins_asked_for() -> None:
    assert rules.asked_pins(["B==2", "a==1", "a==1.0.0"][:2]) == {"b": "2", "a": "1"}
    assert rules.asked_pins(["a==1", "A==1"]) == {"a": "1"}
    assert code(rules.asked_pins, ["a==1", "a==2"]) == "packages_conflict"
    assert code(rules.asked_pins, [f"a{n}==1" for n in range(101)]) == "packages_too_many"


def test_the_image_stays_as_it_is() -> None:
    image = rules.image_wheels(METADATA["sbom"])
    assert image == {"et-xmlfile": "2.0.0"}
    rules.require_image_versions({"et-xmlfile": "2", "other": "1"}, image)
    assert code(rules.require_image_versions, {"et-xmlfile": "2.0.1"}, image) == "packages_conflict"


def test_a_closure_is_named_by_all_that_it_is() -> None:
    pins = [{"name": "a", "version": "1", "hashes": ["sha256:0"], "requested": True}]
    names = {
        rules.closure_id("sha256:1", ["a==1"], pins),
        rules.closure_id("sha256:2", ["a==1"], pins),
        rules.closure_id("sha256:1", ["a==1", "b==1"], pins),
        rules.closure_id("sha256:1", ["a==1"], [{**pins[0], "hashes": ["sha256:1"]}]),
        rules.closure_id("sha256:1", ["a==1"], [{**pins[0], "requested": False}]),
    }
    assert len(names) == 5 and all(len(name) == 64 for name in names)


def test_a_description_is_read() -> None:
    found = rules.described(METADATA)
    assert (found.name, found.languages) == ("python", ("python", "sql"))
    assert found.sbom[1] == {"hash": "sha256:2", "kind": "wheel", "package": "Et_Xmlfile", "version": "2.0.0"}


@pytest.mark.parametrize("field", ["name", "digest", "python_version", "platform", "languages", "sbom"])
@pytest.mark.parametrize("value", [None, "", 1, [], "NOT ONE", "-x", ["Not one"], [{"package": "x"}], "absent"])
def test_a_description_that_lacks_something_is_refused(field: str, value: Any) -> None:
    without = {key: each for key, each in METADATA.items() if key != field}
    with pytest.raises(Invalid) as caught:
        rules.described(without if value == "absent" else {**without, field: value})
    assert caught.value.code == "environment_metadata_invalid" and field in caught.value.message
