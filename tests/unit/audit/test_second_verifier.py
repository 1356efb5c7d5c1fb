"""The document is enough: a verifier that was written from it says of every export what ours says."""

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.audit import second
from tests.unit.audit.bundles import Export, a_log, archive, key_lines
from tests.unit.audit.test_verifier_attacks import an_export, files, flipped
from tests.unit.audit.verifying import told


def holds(bundle: bytes, keys: str) -> bool:
    """What the second one says; one that it cannot even read does not hold."""
    try:
        second.verify(bundle, keys)
    except Exception:
        return False
    return True


def test_it_shares_no_code_with_ours() -> None:
    tree = ast.parse(Path(second.__file__).read_text())
    names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names}
    assert not [name for name in names if (name or "").split(".")[0] in {"audit", "tests", "platform", "tools"}]


@pytest.mark.parametrize(("first", "end", "step"), [(0, None, 65_536), (2, 19, 7), (5, 5, 4), (13, 14, 1), (8, 16, 3)])
def test_what_is_whole_is_verified(first: int, end: int | None, step: int) -> None:
    manifest = second.verify(Export(a_log(), first=first, end=end, step=step).make(), key_lines())
    assert manifest["range"][0] == first


def test_what_is_attacked_elsewhere_holds_before() -> None:
    assert holds(an_export(), key_lines())
    assert not holds(an_export(), key_lines().replace("/exports", "/others"))


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(1, 255))
def test_no_changed_byte_of_any_file_passes(data: st.DataObject, change: int) -> None:
    name = data.draw(st.sampled_from(sorted(name for name, content in files().items() if content)))
    at = data.draw(st.integers(0, len(files()[name]) - 1))
    assert not holds(archive(files() | {name: flipped(files()[name], at, change)}), key_lines())


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(1, 255))
def test_no_changed_byte_of_the_archive_passes(data: st.DataObject, change: int) -> None:
    at = data.draw(st.integers(0, len(an_export()) - 1))
    assert not holds(flipped(an_export(), at, change), key_lines())


@pytest.mark.parametrize("name", sorted(files()))
def test_no_removed_file_passes(name: str, tmp_path: Path) -> None:
    left = archive({each: content for each, content in files().items() if each != name})
    assert not holds(left, key_lines())
    assert told(tmp_path, left)["exit"] != 0
