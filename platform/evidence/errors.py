"""Why an export is not made."""


class Overtaken(Exception):
    """Another worker has taken the export over; this one's work is for nothing."""
