"""Which names a file may have, on both ends of the channel."""

from __future__ import annotations

MAX_PART = 255
MAX_NAME = 1024


def name_fault(name: str) -> str | None:
    """Why `name` cannot be a file's name relative to its directory, or None when it can."""
    try:
        raw = name.encode("utf-8")
    except UnicodeEncodeError:
        return "is not valid Unicode"
    if not raw:
        return "is empty"
    if len(raw) > MAX_NAME:
        return f"is longer than {MAX_NAME} bytes"
    if any(ord(char) < 32 or ord(char) == 127 for char in name):
        return "has control characters"
    if "\\" in name:
        return "has a backslash"
    for part in name.split("/"):
        if part in ("", ".", ".."):
            return "is not a plain relative path"
        if len(part.encode()) > MAX_PART:
            return f"has a part longer than {MAX_PART} bytes"
    return None
