"""Canonical JSON (RFC 8785) for the values that the log admits, so that a digest of the bytes means something."""

from collections.abc import Mapping, Sequence

import orjson

type JSON = str | int | bool | Sequence[JSON] | Mapping[str, JSON] | None

# RFC 8785 numbers are IEEE doubles: beyond this an integer has no one spelling.
LARGEST = 2**53 - 1


class NotCanonical(ValueError):
    """The value has no place in the log: a float, a large integer, a key that is not ASCII, or a NUL."""


def check(value: object, path: str = "header") -> None:
    """Raise NotCanonical, naming the place, unless orjson's sorted output of the value is RFC 8785's."""
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        if "\x00" in value:
            raise NotCanonical(f"{path}: a NUL character")
    elif isinstance(value, int):
        if abs(value) > LARGEST:
            raise NotCanonical(f"{path}: an integer beyond 2^53-1")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            # ASCII keys sort the same by code unit and by byte.
            if not isinstance(key, str) or not key.isascii():
                raise NotCanonical(f"{path}: a key that is not ASCII text")
            check(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            check(inner, f"{path}[{index}]")
    else:
        raise NotCanonical(f"{path}: {type(value).__name__} is not allowed")


def canonical(value: Mapping[str, JSON]) -> bytes:
    """The one spelling of the value in bytes. Raises NotCanonical."""
    check(value)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        # A lone surrogate: not text.
        raise NotCanonical(str(error)) from None
