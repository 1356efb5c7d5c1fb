"""Versions as PEP 440 orders them."""

import pytest

from lookup import versions


@pytest.mark.parametrize(
    ("used", "below", "meant"),
    [
        ("1.9", "1.10", True),
        ("1.10", "1.9", False),
        ("1.10", "1.10", False),
        ("1.10", "1.10.0", False),
        ("1.10rc1", "1.10", True),
        ("1.10.dev3", "1.10rc1", True),
        ("1.10.post1", "1.10", False),
        ("1.10+local", "1.10", False),
        ("1!0.1", "99", False),
        ("2024.1", "3", False),
        ("V1.0", "1.1", True),
        ("0", None, True),
        # What nobody can order is not let slip.
        ("not a version", "1.0", True),
        ("9" * 5000, "1.0", True),
    ],
)
def test_which_versions_are_below(used: str, below: str | None, meant: bool) -> None:
    """Taken out: `packaging`, for a comparison of texts; 1.9 was then not below 1.10."""
    assert versions.is_meant(used, below) is meant


@pytest.mark.parametrize(
    ("text", "spelled"), [("1.0.0-RC.1", "1.0.0rc1"), ("v2", "2"), ("1.0+ABC", "1.0+abc"), ("odd one", "odd one")]
)
def test_a_version_has_one_spelling(text: str, spelled: str) -> None:
    assert versions.normalised(text) == spelled
