"""Sealed fields open for their key, entry and field alone, and prove themselves to whoever is shown them."""

import hashlib
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import sealing
from audit.commitments import commit_to
from audit.sealing import NotOpened

ENTRY = uuid.UUID(int=1)
KEY = bytes(range(32))
CONTENT = b"Ada's purpose"
SEALED, COMMITMENT = sealing.seal(CONTENT, entry=ENTRY, field="purpose", data_key=KEY)


def test_what_is_opened_opens_the_commitment_too() -> None:
    opened = sealing.open_sealed(SEALED, entry=ENTRY, field="purpose", data_key=KEY)
    assert opened.content == CONTENT
    assert commit_to(hashlib.sha256(opened.content).digest(), opened.salt) == COMMITMENT
    assert CONTENT not in SEALED
    assert opened.salt not in SEALED


@pytest.mark.parametrize(
    ("entry", "field", "key"),
    [(uuid.UUID(int=2), "purpose", KEY), (ENTRY, "name", KEY), (ENTRY, "purpose", bytes(32))],
    ids=["another entry", "another field", "another key"],
)
def test_it_opens_nowhere_else(entry: uuid.UUID, field: str, key: bytes) -> None:
    with pytest.raises(NotOpened):
        sealing.open_sealed(SEALED, entry=entry, field=field, data_key=key)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_no_changed_byte_opens(at: int, change: int) -> None:
    # Defence taken out by hand: without the comparison of the key mark, its 32 bytes could be changed.
    changed = SEALED[:at] + bytes([SEALED[at] ^ change]) + SEALED[at + 1 :]
    with pytest.raises(NotOpened):
        sealing.open_sealed(changed, entry=ENTRY, field="purpose", data_key=KEY)


@pytest.mark.parametrize("cut", range(len(SEALED)))
def test_no_cut_one_opens(cut: int) -> None:
    with pytest.raises(NotOpened):
        sealing.open_sealed(SEALED[:cut], entry=ENTRY, field="purpose", data_key=KEY)


def test_sealing_twice_gives_nothing_in_common() -> None:
    again, other = sealing.seal(CONTENT, entry=ENTRY, field="purpose", data_key=KEY)
    assert again != SEALED
    assert other != COMMITMENT


def test_a_wrapped_key_opens_under_its_own_id_and_platform_alone() -> None:
    key_id, platform = uuid.uuid4(), bytes(32)
    wrapped = sealing.wrap(KEY, key_id, platform)
    assert sealing.unwrap(wrapped, key_id, platform) == KEY
    for other_id, other in ((uuid.uuid4(), platform), (key_id, bytes(range(32)))):
        with pytest.raises(NotOpened):
            sealing.unwrap(wrapped, other_id, other)
