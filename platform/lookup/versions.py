"""Which versions of a package are meant. Pure: PEP 440, as `packaging` reads it."""

from packaging.version import InvalidVersion, Version

# Nobody's version is longer, and Python counts no digits beyond some thousands.
MOST_CHARS = 200


def parsed(text: str) -> Version | None:
    """A version, or None for what is none."""
    try:
        return Version(text) if len(text) <= MOST_CHARS else None
    except InvalidVersion:
        return None


def normalised(text: str) -> str:
    """The one spelling of a version; of what is none, its own."""
    found = parsed(text)
    return text if found is None else str(found)


def is_meant(version: str, below: str | None) -> bool:
    """Whether a version that was used is below the one that is asked for; every one is where none is.

    One that PEP 440 cannot read is meant: a recall that misses nothing is the point.
    """
    limit = parsed(below) if below is not None else None
    if limit is None:
        return True
    used = parsed(version)
    return used is None or used < limit
