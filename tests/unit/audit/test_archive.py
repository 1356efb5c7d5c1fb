"""The archive that is streamed is, byte for byte, the one that Python's zipfile writes, and that the verifier reads."""

import hashlib
import io
import zlib
from collections.abc import Iterator
from zipfile import ZipFile, ZipInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import archive
from audit.archive import LIMIT, Measured, Stored, stored
from audit.verifier import Archive, Member, _ending

NAMES = st.text("abc/_-.0123456789", min_size=1, max_size=40).filter(lambda name: name.strip("/") == name)


def written(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as made:
        for name, content in files.items():
            with made.open(ZipInfo(name), "w") as file:
                file.write(content)
    return buffer.getvalue()


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, st.binary(max_size=3000), min_size=1, max_size=6))
def test_it_is_what_zipfile_writes(files: dict[str, bytes]) -> None:
    made = ((stored(name, content), [content[:7], content[7:]]) for name, content in files.items())
    assert b"".join(archive.stream(made)) == written(files)


def test_beyond_two_gibibytes_the_headers_are_the_ones_that_the_verifier_wants() -> None:
    """Nothing so large is made: contents are counted, not kept."""
    half = bytes(1 << 20)
    sizes = {"a": LIMIT, "b": 5, "c": LIMIT - 7, "d": 1}

    def content(size: int) -> Iterator[bytes]:
        while size:
            yield half[:size]
            size -= min(size, len(half))

    at, members, tail, length = 0, [], b"", 0
    files = ((Stored(name, size, 17, b""), content(size)) for name, size in sizes.items())
    for piece in archive.stream(files):
        length += len(piece)
        tail = (tail + piece)[-2000:] if len(piece) < 2000 else b""
    for name, size in sizes.items():
        members.append(Member(name, size, 17, at))
        at += len(members[-1].local) + size
    expected = _ending(members, at)
    assert tail.endswith(expected)
    assert length == at + len(expected)


def test_a_content_of_another_size_than_was_said_ends_it() -> None:
    for size in (1, 3):
        with pytest.raises(ValueError, match="another size"):
            list(archive.stream([(Stored("a", size, 0, b""), [b"ab"])]))
    with pytest.raises(ValueError, match="larger"):
        list(archive.stream([(Stored("a", LIMIT + 1, 0, b""), [])]))


def test_what_goes_through_is_measured() -> None:
    measured = Measured([b"ab", b"", b"c"])
    assert b"".join(measured) == b"abc"
    assert (measured.size, measured.crc) == (3, zlib.crc32(b"abc"))
    assert stored("x", b"abc") == Stored("x", 3, measured.crc, hashlib.sha256(b"abc").digest())


def test_the_verifier_reads_it() -> None:
    files = {"entries/0-1": b"abc", "manifest.json": b"{}"}
    made = io.BytesIO(b"".join(archive.stream((stored(name, body), [body]) for name, body in files.items())))
    found = Archive(made)
    assert {name: b"".join(found.stream(name)) for name in found.members} == files
