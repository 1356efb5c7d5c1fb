"""Sealed contents: what was changed, cut, moved or swapped in the store does not open."""

import errno
import os
from pathlib import Path

import hypothesis
import pytest
from django.core.files.storage import FileSystemStorage
from hypothesis import given
from hypothesis import strategies as st

from config.errors import TooLarge, Unavailable
from gateways import blobs


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.STORAGES = {
        "blobs": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path), "file_permissions_mode": 0o600},
        }
    }
    return tmp_path


def opened(sealed):
    return b"".join(blobs.read(sealed.name, sealed.wrapped_key))


SIZES = [0, 1, blobs.SEGMENT - 1, blobs.SEGMENT, blobs.SEGMENT + 1, 3 * blobs.SEGMENT, 3 * blobs.SEGMENT + 7]


@pytest.mark.parametrize("size", SIZES)
def test_what_is_written_is_read(size, store):
    content = os.urandom(size)
    sealed = blobs.write([content[:5], content[5:]])
    assert (sealed.size, opened(sealed)) == (size, content)


def test_nothing_lies_in_plain_and_no_two_share_a_key(store):
    secret = b"account 4711 owes 12,000" * 100
    first, second = blobs.write([secret]), blobs.write([secret])
    raw = [(store / sealed.name).read_bytes() for sealed in (first, second)]
    assert b"account" not in raw[0]
    assert raw[0] != raw[1]
    assert first.wrapped_key != second.wrapped_key
    assert first.name != second.name


@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_any_changed_byte_is_found(data):
    """Taken out once: with the tag unchecked (AES-CTR), changed bytes came back as content."""
    sealed = blobs.write([b"0123456789" * 20])
    path = Path(blobs._store().path(sealed.name))
    raw = bytearray(path.read_bytes())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(raw)
    with pytest.raises(blobs.BlobDamaged):
        opened(sealed)


@pytest.mark.parametrize("damage", ["cut at a segment", "segment repeated", "segments swapped", "segment dropped"])
def test_moved_segments_are_found(damage, store):
    """Taken out once: with a constant nonce in place of number and mark, each of these opened."""
    sealed = blobs.write([os.urandom(3 * blobs.SEGMENT)])
    path = store / sealed.name
    raw, step = path.read_bytes(), blobs.SEGMENT + 16
    parts = [raw[at : at + step] for at in range(0, len(raw), step)]
    changed = {
        "cut at a segment": parts[:-1],
        "segment repeated": [parts[0], *parts],
        "segments swapped": [parts[1], parts[0], *parts[2:]],
        "segment dropped": [parts[0], *parts[2:]],
    }[damage]
    path.write_bytes(b"".join(changed))
    with pytest.raises(blobs.BlobDamaged):
        opened(sealed)


def test_a_content_in_anothers_place_is_found(store):
    one, other = blobs.write([b"one"]), blobs.write([b"two"])
    (store / one.name).write_bytes((store / other.name).read_bytes())
    with pytest.raises(blobs.BlobDamaged):
        opened(one)
    with pytest.raises(blobs.BlobDamaged):
        b"".join(blobs.read(one.name, other.wrapped_key))


def test_past_the_limit_nothing_is_left(store):
    with pytest.raises(TooLarge):
        blobs.write([b"x" * 100] * 11, limit=1000)
    assert [path for path in store.rglob("*") if path.is_file()] == []


class FullStorage(FileSystemStorage):
    """A disk that is full after the first segment."""

    def _save(self, name, content):
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(next(iter(content.chunks())))
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_named_and_nothing_is_left(store, settings):
    settings.STORAGES = {"blobs": {"BACKEND": f"{__name__}.FullStorage", "OPTIONS": {"location": str(store)}}}
    with pytest.raises(Unavailable) as refused:
        blobs.write([b"x" * 200_000])
    assert refused.value.code == "blob_store_full"
    assert [path for path in store.rglob("*") if path.is_file()] == []


def test_an_abandoned_source_leaves_nothing(store):
    def broken():
        yield b"x" * 100_000
        raise ConnectionError

    with pytest.raises(ConnectionError):
        blobs.write(broken())
    assert [path for path in store.rglob("*") if path.is_file()] == []
