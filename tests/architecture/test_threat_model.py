"""Every test that the threat model leans on exists."""

import re

import pytest

from tests.architecture.source import ROOT

TEXT = (ROOT / "docs/threat-model.md").read_text()


def references() -> list[tuple[str, str]]:
    """File and test of each reference; `::name` goes on in the file named before it."""
    found, file = [], ""
    for path, test in re.findall(r"`(tests/[\w/]+\.py)?(?:::(\w+))?`", TEXT):
        file = path or file
        if path or test:
            found.append((file, test))
    return found


def test_there_are_references() -> None:
    assert len(references()) > 30


@pytest.mark.parametrize(("path", "test"), references())
def test_what_the_threat_model_leans_on_exists(path: str, test: str) -> None:
    source = (ROOT / path).read_text()
    assert f"def {test}(" in source if test else "def test_" in source


def test_every_boundary_is_attacked() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| boundary")]
    assert rows
    assert [row for row in rows if "`tests/" not in row] == []
