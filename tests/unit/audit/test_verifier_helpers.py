"""A large bundle is read by several processes: they find what one finds, and the first that is wrong is named."""

from pathlib import Path
from typing import Any

import pytest

from audit import verifier
from tests.unit.audit.bundles import Export, a_log, archive, unpacked
from tests.unit.audit.verifying import told


@pytest.fixture(autouse=True)
def _every_bundle_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "ALONE", 0)
    monkeypatch.setattr(verifier, "cpu_count", lambda: 2)


def _alone(folder: Path, bundle: bytes, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    with monkeypatch.context() as patch:
        patch.setattr(verifier, "ALONE", 1 << 62)
        return told(folder, bundle)


def _changed(files: dict[str, bytes], name: str, at: int) -> dict[str, bytes]:
    content = bytearray(files[name])
    content[at] ^= 1
    return files | {name: bytes(content)}


def test_they_tell_what_one_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = Export(a_log(), step=4).make()
    report = told(tmp_path, bundle)
    assert report["result"] == "verified"
    assert report == _alone(tmp_path, bundle, monkeypatch)


@pytest.mark.parametrize("places", [("16-20",), ("16-20", "4-8"), ("8-12", "12-16")])
@pytest.mark.parametrize("kind", ["entries", "payloads"])
def test_the_first_that_was_changed_is_named(
    kind: str, places: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out for a try: what a helper finds. Then the bundle is verified, changed entries and all."""
    files = unpacked(Export(a_log(), step=4).make())
    for place in places:
        if files.get(f"{kind}/{place}"):
            files = _changed(files, f"{kind}/{place}", 7)
    bundle = archive(files)
    report = told(tmp_path, bundle)
    assert report == _alone(tmp_path, bundle, monkeypatch)
    assert report["result"] != "verified"


def test_an_id_in_two_chunks_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken out for a try: the ids that helpers bring back."""
    log = a_log()
    log.entries[17] = log.entries[17].replace(_id_of(log.entries[17]), _id_of(log.entries[2]))
    bundle = Export(log, step=4).make()
    report = told(tmp_path, bundle)
    assert (report["result"], report["index"]) == ("tampered", 17)
    assert report == _alone(tmp_path, bundle, monkeypatch)


def _id_of(entry: bytes) -> bytes:
    return str(verifier.canonical(entry)["id"]).encode()


def test_a_file_that_is_another_when_they_open_it_is_not_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken out for a try: the comparison of manifests in `begin`. Another bundle's entries then pass for these."""
    other = Export(a_log(), step=5).make()
    keep = verifier.Bundle.__init__

    def swapped(self: verifier.Bundle, file: Any, keys: Any) -> None:
        keep(self, file, keys)
        Path(file.name).rename(tmp_path / "first.zip")
        (tmp_path / "bundle.zip").write_bytes(other)

    monkeypatch.setattr(verifier.Bundle, "__init__", swapped)
    assert told(tmp_path, Export(a_log(), step=4).make())["result"] == "tampered"
