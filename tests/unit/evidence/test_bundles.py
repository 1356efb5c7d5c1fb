"""The revision of a policy bundle is in its content: policies/build.sh, the platform and the verifier find the same."""

import gzip
import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from audit.verifier import policy_revision
from evidence.bundles import NotABundle, revision_of
from tools.launch.opa import POLICIES
from tools.launch.state import BIN


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as made:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def test_the_builder_the_platform_and_the_verifier_find_the_same(tmp_path: Path) -> None:
    env = {**os.environ, "OPA": str(BIN / "opa")}
    call = [str(POLICIES / "build.sh"), str(tmp_path / "bundle.tar.gz")]
    said = subprocess.run(call, env=env, capture_output=True, text=True, check=True).stdout.strip()
    data = (tmp_path / "bundle.tar.gz").read_bytes()
    assert revision_of(data) == policy_revision(data) == said


def test_every_file_but_the_manifest_counts() -> None:
    files = {"/.manifest": b"{}", "/data.json": b"{}", "/run/run.rego": b"package bailiwick.run"}
    first = revision_of(packed(files))
    assert revision_of(packed(files | {"/.manifest": b'{"revision":"another"}'})) == first
    assert revision_of(packed(dict(reversed(files.items())))) == first
    for changed in (
        files | {"/data.json": b"[]"},
        files | {"/run/more.rego": b""},
        {name: body for name, body in files.items() if name != "/data.json"},
        {name.replace("run.rego", "walk.rego"): body for name, body in files.items()},
    ):
        assert revision_of(packed(changed)) != first
        assert policy_revision(packed(changed)) == revision_of(packed(changed))


@pytest.mark.parametrize(
    "data",
    [b"", b"x", gzip.compress(b"x" * 600), gzip.compress(bytes(1024)), packed({"/data.json": b"{}"})[:-20]],
    ids=["empty", "a letter", "letters packed", "zeros packed", "cut off"],
)
def test_what_is_no_bundle(data: bytes) -> None:
    with pytest.raises(NotABundle):
        revision_of(data)
    assert policy_revision(data) is None


def test_a_bundle_that_unpacks_to_gigabytes_is_none() -> None:
    with pytest.raises(NotABundle):
        revision_of(gzip.compress(bytes(65 << 20)))
    assert policy_revision(gzip.compress(bytes(65 << 20))) is None
