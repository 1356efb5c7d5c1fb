"""Times as entries of the log have them."""

from datetime import UTC, datetime


def text_of(moment: datetime | None) -> str | None:
    """RFC 3339, UTC, microseconds: texts of this form compare as their times do."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
