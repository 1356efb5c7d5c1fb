"""One range of bytes of a bundle (RFC 9110, section 14), so that a download that broke off can go on."""

import re
from dataclasses import dataclass

from evidence.errors import Unsatisfiable

# More than one range, or anything else, is not this: the whole is the answer, as the RFC allows.
_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})[ \t]*", re.IGNORECASE)


@dataclass(frozen=True)
class Slice:
    """The bytes from `start` to before `end`."""

    start: int
    end: int


def slice_of(given: str | None, if_range: str | None, etag: str, size: int) -> Slice | None:
    """The part that is asked for, or None for the whole. Raises Unsatisfiable for one that is not there.

    `if_range` must be the ETag of the bundle, or else the part at hand is of something else.
    """
    found = _RANGE.fullmatch(given or "")
    if found is None or (if_range is not None and if_range.strip() != etag):
        return None
    first, last = found["first"], found["last"]
    if not first and not last:
        return None
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < start:
            return None
    if start >= end:
        raise Unsatisfiable(size)
    return Slice(start, end)
