"""Ranges of a download, as RFC 9110 has them."""

import pytest

from evidence.errors import Unsatisfiable
from evidence.ranges import Slice, slice_of

ETAG = '"abc"'


@pytest.mark.parametrize(
    ("given", "part"),
    [
        (None, None), ("", None), ("bytes=0-", Slice(0, 10)), ("bytes=3-", Slice(3, 10)), ("bytes=3-5", Slice(3, 6)),
        ("bytes=9-9", Slice(9, 10)), ("bytes=3-99", Slice(3, 10)), ("bytes=-4", Slice(6, 10)),
        ("bytes=-40", Slice(0, 10)),
        ("Bytes = 3-5 ", Slice(3, 6)), ("bytes=5-3", None), ("bytes=-", None), ("bytes=0-1,3-4", None),
        ("lines=0-1", None), ("bytes=a-b", None), ("bytes=+1-2", None), ("bytes=１-2", None), ("bytes=1", None),
    ],
)  # fmt: skip
def test_what_is_asked_for(given: str | None, part: Slice | None) -> None:
    assert slice_of(given, None, ETAG, 10) == part


@pytest.mark.parametrize("given", ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=999999999999999999-"])
def test_what_is_not_there(given: str) -> None:
    with pytest.raises(Unsatisfiable):
        slice_of(given, None, ETAG, 10)


def test_a_part_of_something_else_is_answered_with_the_whole() -> None:
    assert slice_of("bytes=3-", ETAG, ETAG, 10) == Slice(3, 10)
    for other in ('"abd"', 'W/"abc"', "abc", "Sat, 29 Oct 1994 19:43:31 GMT", ""):
        assert slice_of("bytes=3-", other, ETAG, 10) is None
        assert slice_of("bytes=99-", other, ETAG, 10) is None
